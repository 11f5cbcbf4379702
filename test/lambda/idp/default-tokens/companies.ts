/** Default tokens of providers that only their companies run. */
import {
  BEARER,
  DEAD,
  type DefaultTokens,
  HASH,
  IAT,
  jwe,
  lasting,
  NONCE,
  oauth,
  opaque,
  person,
  REJECTED,
  UUID,
} from "./shape";

export function auth0(): DefaultTokens {
  const iss = "https://your-tenant.eu.auth0.com/";
  const clientId = "Wc5kf5uWPR7mCqAZfyXnyZtFKg2mW6e1";
  const sub = "auth0|507f1f77bcf86cd799439020";
  const api = "https://your-api.example";
  return {
    idp: { preset: "auth0", issuer: iss, clientId },
    alg: "RS256",
    sub,
    idToken: {
      iss,
      sub,
      aud: clientId,
      ...lasting(36_000),
      ...person,
      nickname: "alice",
      picture: "https://s.gravatar.com/avatar/0.png",
      updated_at: "2026-05-01T12:00:00.000Z",
      sid: "uO2j0OV2",
      nonce: NONCE,
    },
    accessTokens: {
      opaque,
      jwe,
      jwt: (sign) =>
        sign({
          iss,
          sub,
          aud: [api, `${iss}userinfo`],
          ...lasting(86_400),
          scope: "openid profile email offline_access",
          azp: clientId,
        }),
    },
    answer: { token_type: "Bearer", expires_in: 86_400, scope: "openid profile offline_access" },
    refreshed: { refreshToken: false, idToken: true },
    dead: [[403, oauth("invalid_grant", "Unknown or invalid refresh token.")]],
    rejected: [[401, oauth("access_denied", "Unauthorized")], ...REJECTED],
  };
}

/** Workforce and external tenants differ in the issuer's host. */
export function entra(preset: "entra" | "entra-external", host: string): DefaultTokens {
  const iss = `https://${host}/${UUID}/v2.0`;
  const clientId = "00001111-aaaa-2222-bbbb-3333cccc4444";
  const sub = "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ";
  const times = { iat: IAT - 300, nbf: IAT - 300, exp: IAT + 3_600 };
  const ids = {
    oid: UUID,
    tid: UUID,
    uti: "fqiBqXLPj0eQa82S-IYFAA",
    rh: "0.AXoA",
    aio: "Df2UVXL1",
  };
  const error = (code: string, text: string) => ({
    ...oauth(code, `${text}\r\nTrace ID: 0\r\nTimestamp: 2026-06-01 12:00:00Z`),
    error_codes: [Number(/\d+/.exec(text)?.[0])],
    timestamp: "2026-06-01 12:00:00Z",
    trace_id: UUID,
    correlation_id: UUID,
  });
  return {
    idp: { preset, issuer: iss, clientId },
    alg: "RS256",
    sub,
    idToken: {
      aud: clientId,
      iss,
      ...times,
      ...ids,
      sub,
      ver: "2.0",
      sid: UUID,
      nonce: NONCE,
      name: "Alice Doe",
      preferred_username: "alice@contoso.example",
      email: "alice@contoso.example",
    },
    accessTokens: {
      "jwt for an API": (sign) =>
        sign({
          aud: UUID,
          iss,
          ...times,
          ...ids,
          sub: "another-pairwise-subject",
          ver: "2.0",
          azp: clientId,
          azpacr: "1",
          scp: "Files.Read",
          name: "Alice Doe",
        }),
      "jwt of Microsoft Graph": (sign) =>
        sign(
          {
            aud: "00000003-0000-0000-c000-000000000000",
            iss: `https://sts.windows.net/${UUID}/`,
            ...times,
            ...ids,
            appid: clientId,
            appidacr: "1",
            idtyp: "user",
            scp: "openid",
            sub: "graph-subject",
            ver: "1.0",
          },
          { nonce: "0-9" },
        ),
      "opaque, of a personal account": opaque,
    },
    answer: {
      token_type: "Bearer",
      scope: "openid profile email",
      expires_in: 3_599,
      ext_expires_in: 3_599,
    },
    refreshed: { refreshToken: true, idToken: "unsigned" },
    dead: [
      [
        400,
        error("invalid_grant", "AADSTS700082: The refresh token has expired due to inactivity."),
      ],
      [
        400,
        error("interaction_required", "AADSTS50076: You must use multi-factor authentication."),
      ],
    ],
    rejected: [
      [401, error("invalid_client", "AADSTS7000222: The provided client secret is expired.")],
    ],
  };
}

export function okta(): DefaultTokens {
  const iss = "https://your-org.okta.com/oauth2/default";
  const clientId = "0oabzljih3rnr6aGt0h7";
  const sub = "00uid4BxXw6I6TV4m0g3";
  return {
    idp: { preset: "okta", issuer: iss, clientId },
    alg: "RS256",
    sub,
    header: {},
    idToken: {
      ver: 1,
      sub,
      iss,
      aud: clientId,
      ...lasting(3_600),
      nonce: NONCE,
      at_hash: HASH,
      amr: ["pwd"],
      jti: "ID.4eAWJOCMB3SX8XewDfVR",
      auth_time: IAT,
      idp: "00ok1u7AsAkrwdZL3z0g3",
      ...person,
      preferred_username: "alice@example.com",
      updated_at: IAT,
    },
    accessTokens: {
      jwt: (sign) =>
        sign(
          {
            ver: 1,
            jti: "AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE",
            iss,
            aud: "api://default",
            ...lasting(3_600),
            cid: clientId,
            uid: sub,
            scp: ["openid", "offline_access"],
            auth_time: IAT,
            sub: "alice@example.com",
          },
          {},
        ),
    },
    answer: { ...BEARER, scope: "offline_access openid" },
    refreshed: { refreshToken: true, idToken: true },
    dead: [[400, oauth("invalid_grant", "The refresh token is invalid or expired.")]],
    rejected: [[401, oauth("invalid_client", "The client secret supplied is invalid.")]],
  };
}

export function google(): DefaultTokens {
  const iss = "https://accounts.google.com";
  const clientId = "1234987819200.apps.googleusercontent.com";
  const sub = "10769150350006150715113082367";
  return {
    idp: { preset: "google", issuer: iss, clientId },
    alg: "RS256",
    sub,
    idToken: {
      iss,
      azp: clientId,
      aud: clientId,
      sub,
      ...lasting(3_600),
      nonce: NONCE,
      at_hash: HASH,
      ...person,
      hd: "example.com",
      picture: "https://lh3.googleusercontent.com/a/0",
    },
    accessTokens: { opaque: () => `ya29.${opaque()}` },
    answer: {
      token_type: "Bearer",
      expires_in: 3_599,
      scope: "openid https://www.googleapis.com/auth/userinfo.email",
    },
    refreshed: { refreshToken: false, idToken: true },
    dead: [[400, oauth("invalid_grant", "Token has been expired or revoked.")]],
    rejected: [[401, oauth("invalid_client", "Unauthorized")]],
  };
}

export function cognito(): DefaultTokens {
  const iss = "https://cognito-idp.us-west-2.amazonaws.com/us-west-2_example";
  const clientId = "djc98u3jiedmi283eu928";
  const common = { sub: UUID, iss, origin_jti: UUID, event_id: UUID, jti: UUID, auth_time: IAT };
  return {
    idp: {
      preset: "cognito",
      issuer: iss,
      clientId,
      // In providers.json, after the command has run.
      tokenEndpoint: "https://example.auth.us-west-2.amazoncognito.com/oauth2/token",
    },
    alg: "RS256",
    sub: UUID,
    header: {},
    idToken: {
      ...common,
      ...lasting(3_600),
      aud: clientId,
      token_use: "id",
      at_hash: HASH,
      "cognito:username": "alice",
      "cognito:groups": ["admins"],
      nonce: NONCE,
      email: "alice@example.com",
      email_verified: true,
    },
    accessTokens: {
      jwt: (sign) =>
        sign(
          {
            ...common,
            ...lasting(3_600),
            token_use: "access",
            scope: "openid email",
            client_id: clientId,
            username: "alice",
            version: 2,
            "cognito:groups": ["admins"],
          },
          {},
        ),
    },
    answer: BEARER,
    refreshed: { refreshToken: false, idToken: true },
    dead: DEAD,
    rejected: [
      [400, oauth("invalid_client")],
      [400, oauth("unauthorized_client")],
    ],
  };
}

export function apple(): DefaultTokens {
  const iss = "https://appleid.apple.com";
  const clientId = "com.example.web";
  const sub = "000544.5e201aec537347aeb79d23cbc345170a.1321";
  return {
    idp: {
      preset: "apple",
      issuer: iss,
      clientId,
      clientSigning: { teamId: "A1B2C3D4E5", keys: ["ABC123DEFG"] },
    },
    alg: "RS256",
    sub,
    header: {},
    idToken: {
      iss,
      aud: clientId,
      ...lasting(86_400),
      sub,
      nonce: NONCE,
      at_hash: HASH,
      auth_time: IAT,
      email: "x@privaterelay.appleid.com",
      email_verified: "true",
      is_private_email: "true",
      nonce_supported: true,
    },
    accessTokens: { opaque: () => `a${opaque()}.0.rsza.${opaque()}` },
    answer: BEARER,
    refreshed: { refreshToken: false, idToken: false },
    dead: [[400, oauth("invalid_grant")]],
    rejected: [[400, oauth("invalid_client")]],
  };
}
