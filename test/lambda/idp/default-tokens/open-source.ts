/** Default tokens of providers whose source is open, and of what the RFCs say. */
import { ALICE, NOW } from "../../../support/tokens";
import {
  BEARER,
  DEAD,
  type DefaultTokens,
  HASH,
  IAT,
  lasting,
  NONCE,
  oauth,
  opaque,
  person,
  REJECTED,
  UUID,
} from "./shape";

export function rollup(): DefaultTokens {
  const iss = "https://passport.rollup.id";
  const clientId = "8861be510123456789abcdef01234567";
  const common = { iss, aud: [clientId], sub: ALICE };
  const error = (code: string, message: string) => ({ code, message, name: "RollupError" });
  return {
    idp: { preset: "rollup", issuer: iss, clientId },
    alg: "ES256",
    sub: ALICE,
    header: { jku: `${iss}/.well-known/jwks.json`, typ: "JWT" },
    idToken: { ...common, ...lasting(3_600), name: "Alice", picture: "https://img.example/a" },
    accessTokens: {
      jwt: (sign) =>
        sign({
          ...common,
          ...lasting(3_600),
          scope: "openid profile",
          jti: `0x${"01".repeat(24)}`,
        }),
    },
    answer: { token_type: "Bearer" },
    refreshed: { refreshToken: false, idToken: false },
    dead: [
      [401, error("UNAUTHORIZED", "expired token")],
      [400, error("BAD_REQUEST", "mismatch client id")],
    ],
    rejected: [[400, error("BAD_REQUEST", "invalid client credentials")]],
  };
}

export function keycloak(): DefaultTokens {
  const iss = "https://id.example.com/realms/your-realm";
  const clientId = "your-app";
  const common = {
    ...lasting(300),
    auth_time: IAT,
    iss,
    sub: UUID,
    azp: clientId,
    sid: UUID,
    acr: "1",
  };
  return {
    idp: { preset: "keycloak", issuer: iss, clientId },
    alg: "RS256",
    sub: UUID,
    idToken: {
      ...common,
      jti: UUID,
      aud: clientId,
      typ: "ID",
      at_hash: HASH,
      nonce: NONCE,
      ...person,
      preferred_username: "alice",
    },
    accessTokens: {
      jwt: (sign) =>
        sign({
          ...common,
          jti: `onrtac:${UUID}`,
          aud: "account",
          typ: "Bearer",
          scope: "openid offline_access profile email",
          ...person,
          realm_access: { roles: ["offline_access"] },
          "allowed-origins": ["https://app.example"],
        }),
      "jwt with an audience mapper": (sign) =>
        sign({
          ...common,
          jti: UUID,
          aud: clientId,
          typ: "Bearer",
          scope: "openid",
          at_hash: HASH,
        }),
    },
    answer: {
      token_type: "Bearer",
      expires_in: 300,
      refresh_expires_in: 0,
      "not-before-policy": 0,
      session_state: UUID,
      scope: "openid offline_access profile email",
    },
    refreshed: { refreshToken: true, idToken: true },
    dead: [
      [400, oauth("invalid_grant", "Session not active")],
      [400, oauth("invalid_grant", "Offline user session not found")],
    ],
    rejected: [[401, oauth("unauthorized_client", "Invalid client or Invalid client credentials")]],
  };
}

export function zitadel(): DefaultTokens {
  const iss = "https://your-instance.eu1.zitadel.cloud";
  const clientId = "69234237810729234";
  const [project, other] = ["69234237810729019", "69234237810729555"];
  const sub = "77776025198584418";
  const common = { iss, sub, aud: [clientId, other, project], ...lasting(43_200) };
  return {
    idp: { preset: "zitadel", issuer: iss, clientId, trustedAudiences: [project, other] },
    alg: "RS256",
    sub,
    header: {},
    idToken: {
      ...common,
      azp: clientId,
      client_id: clientId,
      at_hash: HASH,
      sid: "V1_1",
      nonce: NONCE,
      auth_time: IAT,
      amr: ["pwd"],
      acr: "",
    },
    accessTokens: {
      opaque,
      jwt: (sign) => sign({ ...common, nbf: IAT, jti: "69234237813329048", client_id: clientId }),
    },
    answer: { token_type: "Bearer", expires_in: 43_199 },
    refreshed: { refreshToken: true, idToken: true },
    dead: [[400, oauth("invalid_grant", "Errors.OIDCSession.RefreshTokenInvalid")]],
    rejected: [[401, oauth("invalid_client", "Errors.User.ClientSecret.Invalid")]],
  };
}

export function logto(): DefaultTokens {
  const iss = "https://your-tenant.logto.app/oidc";
  const clientId = "g2l6rjhjq3nt07x8lp8ow";
  const sub = "a1b2c3d4e5f6";
  return {
    idp: { preset: "logto", issuer: iss, clientId },
    alg: "ES384",
    sub,
    idToken: {
      sub,
      iss,
      aud: clientId,
      ...lasting(3_600),
      nonce: NONCE,
      name: "Alice",
      picture: null,
      username: "alice",
      created_at: NOW,
      updated_at: NOW,
      email: "alice@example.com",
      email_verified: true,
    },
    accessTokens: {
      opaque,
      "jwt for a resource": (sign) =>
        sign(
          {
            jti: opaque(),
            sub,
            iss,
            aud: "https://your-api.example",
            ...lasting(3_600),
            scope: "read",
            client_id: clientId,
          },
          { typ: "at+jwt" },
        ),
    },
    answer: { ...BEARER, scope: "openid offline_access profile email" },
    refreshed: { refreshToken: true, idToken: true },
    dead: [
      [400, { ...oauth("invalid_grant", "grant request is invalid"), code: "oidc.invalid_grant" }],
    ],
    rejected: [[401, oauth("invalid_client", "client authentication failed")]],
  };
}

export function supabase(): DefaultTokens {
  const iss = "https://your-project.supabase.co/auth/v1";
  const clientId = "9a8b7c6d-5e4f-3a2b-1c0d-9e8f7a6b5c4d";
  return {
    idp: { preset: "supabase", issuer: iss, clientId },
    alg: "ES256",
    sub: UUID,
    idToken: {
      iss,
      sub: UUID,
      aud: clientId,
      ...lasting(3_600),
      auth_time: IAT,
      client_id: clientId,
      nonce: NONCE,
      email: "alice@example.com",
      email_verified: true,
      name: "Alice",
      updated_at: IAT,
    },
    accessTokens: {
      jwt: (sign) =>
        sign({
          iss,
          sub: UUID,
          aud: "authenticated",
          ...lasting(3_600),
          email: "alice@example.com",
          phone: "",
          app_metadata: { provider: "email" },
          user_metadata: {},
          role: "authenticated",
          aal: "aal1",
          amr: [{ method: "password", timestamp: IAT }],
          session_id: UUID,
          is_anonymous: false,
          client_id: clientId,
          scope: "openid email",
        }),
    },
    answer: { token_type: "bearer", expires_in: 3_600, scope: "openid email profile" },
    refreshed: { refreshToken: true, idToken: false },
    dead: [[400, oauth("invalid_grant", "Refresh token is invalid or expired.")]],
    rejected: [[401, oauth("invalid_client", "invalid client credentials")]],
  };
}

export function oidc(): DefaultTokens {
  const iss = "https://op.example.com";
  const clientId = "s6BhdRkqt3";
  const sub = "24400320";
  const common = { iss, sub, aud: clientId, ...lasting(3_600) };
  return {
    idp: {
      issuer: iss,
      clientId,
      jwksUri: `${iss}/jwks`,
      tokenEndpoint: `${iss}/token`,
    },
    alg: "RS256",
    sub,
    idToken: { ...common, nonce: NONCE, auth_time: IAT, acr: "urn:mace:incommon:iap:silver" },
    accessTokens: {
      opaque: () => "SlAV32hkKG",
      "jwt of RFC 9068": (sign) =>
        sign(
          {
            ...common,
            aud: "https://rs.example.com",
            jti: "1",
            client_id: clientId,
            scope: "openid",
          },
          { typ: "at+jwt" },
        ),
      "jwt with nothing of an access token, as Dex makes it": (sign) => sign(common),
    },
    answer: BEARER,
    refreshed: { refreshToken: true, idToken: true },
    dead: [...DEAD, [400, oauth("login_required")]],
    rejected: REJECTED,
  };
}
