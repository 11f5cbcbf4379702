/**
 * ID tokens, and nothing that looks like them. The provider signs ID, access and refresh tokens with one key, issuer, audience and
 * `typ`, and aws-jwt-verify by itself takes any of them; this adds the closed policy (S01 to S20).
 */
import { createHash } from "node:crypto";
import type { Claims } from "../model";
import type { ClaimRule, IdTokenVerifier } from "../ports";
import { checkIdTokenClaims } from "./claim-checks";
import { createJwtVerifier, type VerifierOptions } from "./jwt-verifier";

export function createIdTokenVerifier(options: VerifierOptions): IdTokenVerifier {
  const verify = createJwtVerifier(options, checkIdTokenClaims);

  return {
    async verify(idToken) {
      const { sub, iat, payload, kind: exp } = await verify(idToken);
      return {
        sub,
        issuedAt: iat * 1000,
        expiresAt: exp * 1000,
        claims: pickClaims(payload, options.profile.claims),
        nonce: typeof payload["nonce"] === "string" ? payload["nonce"] : undefined,
        tokenHash: createHash("sha256").update(idToken).digest("base64url"),
      };
    },
  };
}

/** A claim that is not on the list, or not as the list says, is left out: it never keeps anybody from signing in (S23). */
function pickClaims(
  payload: Readonly<Record<string, unknown>>,
  rules: readonly ClaimRule[],
): Claims {
  return Object.fromEntries(
    rules.flatMap((rule) => {
      const value = Object.hasOwn(payload, rule.name) ? payload[rule.name] : undefined;
      return isAllowed(value, rule) ? [[rule.name, value] as const] : [];
    }),
  );
}

function isAllowed(value: unknown, { kind, maxLength }: ClaimRule): value is string | boolean {
  if (kind === "boolean") {
    return typeof value === "boolean";
  }
  const isText = typeof value === "string" && value !== "" && value.length <= maxLength;
  return isText && (kind !== "url" || isWebAddress(value));
}

/** `javascript:` and the like would lie in wait for whoever shows the picture. */
function isWebAddress(value: string): boolean {
  return URL.canParse(value) && new URL(value).protocol === "https:";
}
