/** What goes wrong on demand: `GET` and `POST /faults`. It does not outlive the process. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { takeFault, type TokenFault, tokenFault } from "@rollup-vault/local-rollup-id/fault-config";
import { readJson, sendJson } from "@rollup-vault/local-rollup-id/http-bodies";
import * as v from "valibot";

const changes = v.strictObject({
  /** Back to the habits, before the other members of the same request. */
  reset: v.optional(v.boolean()),
  /** What the next answers of the token endpoint are (packages/local-rollup-id says each kind). */
  token: v.optional(v.array(tokenFault)),
  /** Every connection is closed but those to `/faults`. */
  down: v.optional(v.boolean()),
  /** Of access tokens from now on; null: the habit. */
  access_token_lifetime_seconds: v.optional(
    v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1))),
  ),
  /** Nobody agrees to these from now on, nor has agreed. */
  rejected_scopes: v.optional(v.array(v.string())),
  /** `all`: ends every grant now. */
  revoke: v.optional(v.literal("all")),
});

interface FaultConfig {
  readonly token: readonly TokenFault[];
  readonly down: boolean;
  readonly access_token_lifetime_seconds: number | null;
  readonly rejected_scopes: readonly string[];
}

const NONE: FaultConfig = {
  token: [],
  down: false,
  access_token_lifetime_seconds: null,
  rejected_scopes: [],
};

export interface Faults {
  readonly isDown: () => boolean;
  /** Seconds; undefined: the habit's. */
  readonly accessTokenLifetime: () => number | undefined;
  readonly rejectedScopes: () => readonly string[];
  /** Takes one answer off the first fault that is left. */
  readonly next: () => TokenFault | undefined;
  readonly serve: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

export function createFaults(revokeAll: () => void): Faults {
  let config = NONE;
  return {
    isDown: () => config.down,
    accessTokenLifetime: () => config.access_token_lifetime_seconds ?? undefined,
    rejectedScopes: () => config.rejected_scopes,
    next: () => {
      const [fault, rest] = takeFault(config);
      config = rest;
      return fault;
    },
    serve: async (request, response) => {
      if (request.method === "POST") {
        const parsed = v.safeParse(changes, await readJson(request));
        if (!parsed.success) {
          sendJson(response, 400, { message: "not a fault configuration" });
          return;
        }
        const { reset, revoke, ...settings } = parsed.output;
        config = { ...(reset === true ? NONE : config), ...settings };
        if (revoke !== undefined) {
          revokeAll();
        }
      }
      sendJson(response, 200, config);
    },
  };
}
