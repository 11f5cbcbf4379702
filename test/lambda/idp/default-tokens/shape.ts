/**
 * What each provider issues where its owner has set nothing, after the pages that its preset names:
 * claims, header, lifetimes, audience, token answers and error bodies. Keys are made at run time.
 */
import { randomBytes } from "node:crypto";
import type { PresetIdp } from "../../../../lib/provider/resolve";
import { type Alg, NOW } from "../../../support/tokens";

export type Members = Readonly<Record<string, unknown>>;
type Sign = (claims: Members, header?: Members) => string;

export interface DefaultTokens {
  /** As the stage has it, in the words of docs/providers.md. */
  readonly idp: PresetIdp;
  readonly alg: Alg;
  readonly sub: string;
  /** Besides `alg` and `kid`. @default `typ: JWT` */
  readonly header?: Members;
  readonly idToken: Members;
  readonly accessTokens: Readonly<Record<string, (sign: Sign) => string>>;
  /** Members of a token answer to a code, besides the tokens. */
  readonly answer: Members;
  /** Which tokens a refresh brings besides the access token. */
  readonly refreshed: {
    readonly refreshToken: boolean;
    readonly idToken: boolean | "unsigned";
  };
  /** Answers that say that a refresh token will not work again. */
  readonly dead: readonly (readonly [number, Members])[];
  /** Answers that say that the client is wrong, and not the grant. */
  readonly rejected: readonly (readonly [number, Members])[];
}

export const IAT = NOW / 1000;
export const UUID = "aaaabbbb-0000-cccc-1111-dddd2222eeee";
export const HASH = "cpqKfdQA5eH891Ff5oJr_Q";
export const NONCE = "n-0S6_WzA2Mj";

export const lasting = (seconds: number) => ({ iat: IAT, exp: IAT + seconds });
export const oauth = (error: string, description?: string): Members => ({
  error,
  error_description: description,
});
export const DEAD: DefaultTokens["dead"] = [[400, oauth("invalid_grant")]];
export const REJECTED: DefaultTokens["rejected"] = [[401, oauth("invalid_client")]];
export const BEARER = { token_type: "Bearer", expires_in: 3_600 };

export const opaque = () => randomBytes(24).toString("base64url");
/** Five parts (RFC 7516 section 7.1). */
export const jwe = () =>
  [
    Buffer.from('{"alg":"dir","enc":"A256GCM"}').toString("base64url"),
    "",
    ...[12, 300, 16].map((bytes) => randomBytes(bytes).toString("base64url")),
  ].join(".");

export const person = {
  name: "Alice Doe",
  given_name: "Alice",
  family_name: "Doe",
  email: "alice@example.com",
  email_verified: true,
};
