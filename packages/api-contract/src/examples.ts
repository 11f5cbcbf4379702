/** Examples. The placeholders cannot be mistaken for tokens. */
import type { Members } from "./json";

const SUB = "urn:rollupid:identity/0x00c0ffee";

const user: Members = {
  sub: SUB,
  claims: { name: "Ada", picture: "https://pictures.example/ada.png" },
  attributes: { theme: "dark" },
  created_at: "2026-01-05T09:00:00.000Z",
  updated_at: "2026-01-06T10:30:00.000Z",
  version: 3,
};

const session: Members = {
  id: "0b6a2f1e-4c57-4a39-9c63-2d1e5f7a8b90",
  created_at: "2026-01-06T10:30:00.000Z",
  last_seen_at: "2026-01-06T10:30:00.000Z",
  idle_expires_at: "2026-01-20T10:30:00.000Z",
  expires_at: "2026-04-06T10:30:00.000Z",
  user_agent: "Firefox",
};

const grant: Members = {
  status: "active",
  since: "2026-01-06T10:30:00.000Z",
  reason: null,
  scopes: ["openid", "profile"],
  last_exchange_at: "2026-01-06T10:31:00.000Z",
  history: [
    { at: "2026-01-06T10:30:00.000Z", by: "POST /sessions", outcome: "stored" },
    { at: "2026-01-06T10:31:00.000Z", by: "POST /me/access-token", outcome: "exchanged" },
  ],
};

const accessToken: Members = {
  access_token: "<access token>",
  token_type: "Bearer",
  expires_at: "2026-01-06T11:30:00.000Z",
  expires_in: 3_540,
  scope: "openid profile",
};

const connection: Members = {
  connected: true,
  scopes: ["openid", "profile"],
  reason: null,
  ask_for: null,
};

const PLACEHOLDER_SESSION = `rvs_${"-".repeat(49)}`;

const REQUEST_VALUES: Members = {
  no_members: {},
  attributes_patch: { attributes: { theme: "dark", draft: null } },
  refresh_token_request: { refresh_token: "<refresh-token>" },
  access_token_request: { min_validity: 300 },
  service_access_token_request: { sub: SUB, min_validity: 300, required_scopes: ["email"] },
  sign_in_by_code: { code: "<code>", redirect_uri: "https://app.example/callback" },
  sign_in_by_id_token: { refresh_token: "<refresh-token>" },
};

const VALUES: Members = {
  ...REQUEST_VALUES,
  user,
  fresh_user: { ...user, fresh: { status: "ok", at: "2026-01-06T10:30:00.000Z" } },
  stale_user: { ...user, fresh: { status: "unavailable", at: null } },
  receipt: {
    sub: SUB,
    erased_at: "2026-01-06T12:00:00.000Z",
    erased: ["user", "refresh_token", "sessions"],
    revocation: "no_endpoint",
  },
  export: {
    format: "urn:rollup-vault:export:1",
    exported_at: "2026-01-06T12:00:00.000Z",
    sub: SUB,
    user,
    refresh_token: grant,
    sessions: [session],
  },
  session_list: { sessions: [{ ...session, current: true }] },
  signed_in_by_code: {
    session: { token: PLACEHOLDER_SESSION, ...session },
    user,
    connection,
    access_token: accessToken,
  },
  signed_in_by_id_token: {
    session: { token: PLACEHOLDER_SESSION, ...session },
    user,
    connection: {
      connected: false,
      scopes: null,
      reason: "refresh_token_not_issued",
      ask_for: { scope: "offline_access" },
    },
  },
  signed_in_with_cookie: { session: { token: null, ...session }, user, connection },
  grant,
  access_token: accessToken,
  health: { status: "ok" },
  jwks: {
    keys: [
      {
        kty: "EC",
        crv: "P-256",
        x: "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        y: "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
        kid: "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s",
        use: "sig",
        alg: "ES256",
      },
    ],
  },
};

export const EXAMPLES: Members = Object.fromEntries(
  Object.entries(VALUES).map(([name, value]) => [name, { summary: summaryOf(name), value }]),
);

/** `signed_in_by_code` → `Signed in by code` */
function summaryOf(name: string): string {
  const words = name.replaceAll("_", " ");
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}
