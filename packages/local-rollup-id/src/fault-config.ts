/**
 * What `POST /faults` has set; `GET /faults` shows it, with `DOCUMENTATION`. It does not
 * outlive the process.
 */
import * as v from "valibot";

const count = v.pipe(v.number(), v.integer(), v.minValue(1));
const milliseconds = v.pipe(v.number(), v.minValue(0), v.maxValue(600_000));
const seconds = v.pipe(v.number(), v.integer(), v.minValue(1));

/** What the token endpoint does instead of answering as it should. */
export const tokenFault = v.strictObject({
  kind: v.picklist([
    "status",
    "html",
    "slow",
    "drip",
    "cut_off",
    "no_answer",
    "redirect",
    "oversize",
    "wrong_content_type",
    "malformed",
    "wrong_sub",
  ]),
  status: v.optional(v.pipe(v.number(), v.integer(), v.minValue(200), v.maxValue(599))),
  body: v.optional(v.unknown()),
  headers: v.optional(v.record(v.string(), v.string())),
  delay_ms: v.optional(milliseconds),
  count: v.optional(count, 1),
  processed: v.optional(v.boolean()),
  sub: v.optional(v.string()),
});

export type TokenFault = v.InferOutput<typeof tokenFault>;

const changes = v.strictObject({
  reset: v.optional(v.boolean()),
  token: v.optional(v.array(tokenFault)),
  add_token: v.optional(v.array(tokenFault)),
  rotation: v.optional(v.picklist(["none", "grace", "strict"])),
  grace_seconds: v.optional(v.pipe(v.number(), v.minValue(0))),
  access_token_lifetime_seconds: v.optional(seconds),
  refresh_token_lifetime_seconds: v.optional(v.nullable(seconds)),
  success_status: v.optional(v.picklist([200, 201])),
  refusals: v.optional(v.picklist(["rollup", "oauth"])),
  keys: v.optional(v.picklist(["rotate", "rotate_before_signing"])),
  jwks: v.optional(v.picklist(["ok", "down", "slow"])),
  jwks_delay_ms: v.optional(milliseconds),
  down: v.optional(v.boolean()),
  email_in_id_token: v.optional(v.boolean()),
  system_identifiers: v.optional(v.boolean()),
});

export type Changes = v.InferOutput<typeof changes>;

/** One sentence for every member that `POST /faults` takes. */
export const DOCUMENTATION = {
  reset: "true: back to the defaults, before the other members of the same request",
  token: {
    kind: "what the next answer of the token endpoint is: status | html | slow | drip | cut_off (half of the body) | no_answer (the connection closes) | redirect | oversize | wrong_content_type | malformed | wrong_sub",
    status: "kind status: 200 to 599, default 500; also html (502) and redirect (307)",
    body: "kind status: the body, JSON or a string that is sent as it is; default {}",
    headers: "kind status: more headers, e.g. retry-after",
    delay_ms: "slow: before the answer, default 5000; drip: between two characters, default 200",
    count: "how many answers, default 1; the faults of the list are taken in order",
    sub: "only for refresh requests of this subject; others pass by. Default: the next request of any subject",
    processed:
      "whether the request is processed before the fault. Default: false for status, html, redirect and malformed, else true. slow with false waits first, and processes nothing for a client that has gone by then",
  },
  add_token: "faults as in token, after those that are left",
  rotation:
    "none (Rollup ID) | grace (the predecessor is good until its successor is used, or for grace_seconds) | strict (reuse revokes the family)",
  grace_seconds: "default 60",
  access_token_lifetime_seconds: "default 3600",
  refresh_token_lifetime_seconds: "null, the default: no exp, as Rollup ID's code has it",
  success_status: "of the token endpoint: 200, the default, as the code; 201 as the documentation",
  refusals:
    "of the token endpoint: rollup, the default, in the real one's words; oauth, in those of RFC 6749 section 5.2, as a provider that rotates would",
  keys: "rotate: a new signing key now; rotate_before_signing: one just before the next tokens. Old keys stay listed",
  jwks: "ok | down (503) | slow",
  jwks_delay_ms: "of a slow key set, default 5000",
  down: "true: every connection is closed but those to /faults and /ledger",
  email_in_id_token: "true: the e-mail is in ID tokens too, as in earlier builds",
  system_identifiers: "true: that pseudo-scope leaks into what is granted from now on",
} as const satisfies Record<keyof Changes, unknown>;

export type FaultConfig = Required<Omit<Changes, "reset" | "keys" | "add_token">> & {
  readonly rotate_before_signing: boolean;
};

export const DEFAULT_FAULT_CONFIG: FaultConfig = {
  token: [],
  rotation: "none",
  grace_seconds: 60,
  access_token_lifetime_seconds: 3_600,
  refresh_token_lifetime_seconds: null,
  success_status: 200,
  refusals: "rollup",
  rotate_before_signing: false,
  jwks: "ok",
  jwks_delay_ms: 5_000,
  down: false,
  email_in_id_token: false,
  system_identifiers: false,
};

/** Undefined where the document is not one that `/faults` takes. */
export function readChanges(document: unknown): Changes | undefined {
  const parsed = v.safeParse(changes, document);
  return parsed.success ? parsed.output : undefined;
}

export function applyChanges(faultConfig: FaultConfig, wanted: Changes): FaultConfig {
  const { reset, keys, add_token: added = [], ...settings } = wanted;
  const base = reset === true ? DEFAULT_FAULT_CONFIG : faultConfig;
  const isRotating = keys === "rotate_before_signing" || base.rotate_before_signing;
  const token = [...(settings.token ?? base.token), ...added];
  return { ...base, ...settings, token, rotate_before_signing: isRotating };
}

/**
 * Takes one answer off the first fault that is left.
 * @param sub whose refresh token was presented; undefined for anything else
 */
export function takeFault<Config extends { readonly token: readonly TokenFault[] }>(
  faultConfig: Config,
  sub?: string,
): [TokenFault | undefined, Config] {
  const index = faultConfig.token.findIndex(
    (fault) => fault.sub === undefined || fault.sub === sub,
  );
  const fault = faultConfig.token[index];
  if (fault === undefined) {
    return [undefined, faultConfig];
  }
  const left = fault.count > 1 ? [{ ...fault, count: fault.count - 1 }] : [];
  return [fault, { ...faultConfig, token: faultConfig.token.toSpliced(index, 1, ...left) }];
}
