/**
 * How providers say which kind of token one of theirs is, where issuer, audience, subject, times
 * and keys are the same for all of them. An ID token has no mark of its own that all providers set
 * (`nonce`, `auth_time` and `at_hash` may all be absent, OpenID Connect Core 2), so the marks of
 * the other kinds are listed. Kinds that lack `sub`, `aud`, `exp` or `iat`, or say by `typ` in
 * their header what they are (RFC 8725 section 3.11), are refused before: authorization responses
 * (JARM), introspection answers (RFC 9701), `at+jwt`, `logout+jwt`, `secevent+jwt` and the like.
 */
import type { KindClaim } from "../../ports/profile";

export const KIND_CLAIMS: readonly KindClaim[] = [
  // Security event tokens (RFC 8417 section 2.2), logout tokens among them (OpenID Connect
  // Back-Channel Logout 1.0 section 2.4).
  { name: "events", ofIdTokens: [] },
  // Answers of the introspection endpoint (RFC 9701 section 5).
  { name: "token_introspection", ofIdTokens: [] },
  // A token that is worth nothing without a key of its holder is no bearer (RFC 7800, RFC 8705, RFC
  // 9449).
  { name: "cnf", ofIdTokens: [] },
  // Amazon Cognito: "Understanding the access token", "Understanding the identity (ID) token".
  { name: "token_use", ofIdTokens: ["id"] },
  // Keycloak, `TokenUtil`: Bearer, ID, Refresh, Offline, Logout. Others repeat the `typ` of the
  // header.
  { name: "typ", ofIdTokens: ["id", "jwt"] },
  // FusionAuth: "at" in access tokens, whose audience is the client's id.
  { name: "tty", ofIdTokens: ["id"] },
  // ForgeRock AM: id_token, access_token, refresh_token.
  { name: "tokenName", ofIdTokens: ["id_token"] },
  // Claims of that name give the type of RFC 6749 section 5.1 or the identifier of RFC 8693 section
  // 3.
  { name: "token_type", ofIdTokens: ["id_token", "urn:ietf:params:oauth:token-type:id_token"] },
  // Microsoft Entra ID, "Access token claims reference", "Optional claims reference": of access
  // tokens alone, of applications' own (`app`) among them.
  { name: "idtyp", ofIdTokens: [] },
  { name: "azpacr", ofIdTokens: [] },
  { name: "appidacr", ofIdTokens: [] },
];
