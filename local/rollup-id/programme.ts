/** What `POST /faults` has programmed. `GET /faults` shows it. */
import * as v from "valibot";

/** What the token endpoint does instead of answering as it should. */
const tokenFault = v.strictObject({
  kind: v.picklist([
    "status",
    "html",
    "slow",
    "drip",
    "cut_off",
    "redirect",
    "oversize",
    "wrong_content_type",
    "malformed",
    "wrong_sub",
  ]),
  /** `status`: 400, 401, 429, 500, … */
  status: v.optional(v.pipe(v.number(), v.integer(), v.minValue(200), v.maxValue(599))),
  /** `status`: the body, as it is sent. */
  body: v.optional(v.unknown()),
  headers: v.optional(v.record(v.string(), v.string())),
  /** `slow`: before the answer, which is then the right one. */
  delay_ms: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(600_000))),
  /** How many answers. @default 1 */
  count: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 1),
  /** Whether the request is processed before the fault. @default only where the fault needs a right answer */
  processed: v.optional(v.boolean()),
});

export type TokenFault = v.InferOutput<typeof tokenFault>;

const changes = v.strictObject({
  reset: v.optional(v.boolean()),
  token: v.optional(v.array(tokenFault)),
  rotation: v.optional(v.picklist(["none", "grace", "strict"])),
  /** How long the predecessor is honoured, unless its successor is used first. */
  grace_seconds: v.optional(v.pipe(v.number(), v.minValue(0))),
  access_token_lifetime_seconds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  /** null: no `exp` in refresh tokens. */
  refresh_token_lifetime_seconds: v.optional(v.nullable(v.pipe(v.number(), v.minValue(1)))),
  /** `rotate`: a new key now; `rotate_before_signing`: one just before the next token. */
  keys: v.optional(v.picklist(["rotate", "rotate_before_signing"])),
  jwks: v.optional(v.picklist(["ok", "down", "slow"])),
  down: v.optional(v.boolean()),
  email_in_id_token: v.optional(v.boolean()),
});

export type Changes = v.InferOutput<typeof changes>;

export interface Programme {
  readonly token: readonly TokenFault[];
  readonly rotation: "none" | "grace" | "strict";
  readonly grace_seconds: number;
  readonly access_token_lifetime_seconds: number;
  readonly refresh_token_lifetime_seconds: number | null;
  readonly rotate_before_signing: boolean;
  readonly jwks: "ok" | "down" | "slow";
  readonly down: boolean;
  readonly email_in_id_token: boolean;
}

export const USUAL: Programme = {
  token: [],
  rotation: "none",
  grace_seconds: 60,
  access_token_lifetime_seconds: 3_600,
  refresh_token_lifetime_seconds: null,
  rotate_before_signing: false,
  jwks: "ok",
  down: false,
  email_in_id_token: false,
};

/** Undefined where the document is not one that `/faults` takes. */
export function readChanges(document: unknown): Changes | undefined {
  const parsed = v.safeParse(changes, document);
  return parsed.success ? parsed.output : undefined;
}

export function applyChanges(programme: Programme, wanted: Changes): Programme {
  const { reset, keys, ...settings } = wanted;
  const base = reset === true ? USUAL : programme;
  const isRotating = keys === "rotate_before_signing" || base.rotate_before_signing;
  return { ...base, ...settings, rotate_before_signing: isRotating };
}

/** Takes one answer off the first fault that is left. */
export function takeFault(programme: Programme): [TokenFault | undefined, Programme] {
  const [fault, ...others] = programme.token;
  if (fault === undefined) {
    return [undefined, programme];
  }
  const left = fault.count > 1 ? [{ ...fault, count: fault.count - 1 }] : [];
  return [fault, { ...programme, token: [...left, ...others] }];
}
