/** A provider of one's own for a test, and what an app and a browser do at it. */
import { createHash, randomBytes } from "node:crypto";
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from "jose";
import type { Habits } from "../src/habits";
import { type LocalOidc, type LocalOidcOptions, startLocalOidc } from "../src/start";

const REDIRECT_URI = "http://127.0.0.1:4000/callback";

/** What the RFCs say, and nothing else. */
export const PLAIN: Habits = {
  title: "Some provider",
  issuerPath: "",
  authorization: "/authorize",
  token: "/token",
  jwks: "/jwks",
  userinfo: "/userinfo",
  revocation: "/revoke",
  clientAuthentication: "client_secret_basic",
  subject: "{id}",
  idToken: { alg: "RS256", lifetimeSeconds: 3_600, backdatedSeconds: 0, atHash: false, claims: {} },
  accessToken: { format: "opaque", lifetimeSeconds: 600, claims: {} },
  refreshToken: { rotation: "strict" },
  refreshBrings: { idToken: true, scope: true },
  deadGrant: { status: 400, body: { error: "invalid_grant" } },
  scopes: { openid: "who you are", profile: "your name", offline_access: "while you are away" },
};

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface OidcClient {
  readonly server: LocalOidc;
  /** As far as the redirect to the app. */
  authorize(parameters?: Readonly<Record<string, string>>): Promise<URLSearchParams>;
  /** What a browser shows that was brought there, again with a query of its forms. */
  signInPage(): Promise<(query: string) => Promise<string>>;
  token(form: Readonly<Record<string, string>>): Promise<Answer>;
  /** The whole code flow with PKCE and a nonce. */
  signIn(name: string, parameters?: Readonly<Record<string, string>>): Promise<Answer>;
  refresh(refreshToken: unknown): Promise<Answer>;
  /** Against the key set as served. @returns header and payload together */
  verified(token: unknown): Promise<Readonly<Record<string, unknown>>>;
  faults(changes: object): Promise<void>;
  userinfo(accessToken: unknown): Promise<Answer>;
}

export async function startClient(
  habits: Habits,
  options: Partial<LocalOidcOptions> = {},
): Promise<OidcClient> {
  const redirectUris = [REDIRECT_URI];
  const server = await startLocalOidc({ habits, port: 0, redirectUris, ...options });
  const { origin, clientId, clientSecret } = server;
  const at = (path: string) => `${origin}${path}`;
  const begin = (parameters: Readonly<Record<string, string>> = {}) => {
    const query = new URLSearchParams({
      client_id: clientId,
      redirect_uri: REDIRECT_URI,
      response_type: "code",
      scope: "openid profile offline_access",
      state: "s",
      ...parameters,
    });
    return `${at(habits.authorization)}?${query.toString()}`;
  };
  const authorize: OidcClient["authorize"] = async (parameters) =>
    await followed(begin(parameters));
  const token: OidcClient["token"] = async (form) => {
    const isBasic = habits.clientAuthentication === "client_secret_basic";
    const credentials = Buffer.from(`${clientId}:${clientSecret}`).toString("base64");
    const response = await fetch(at(habits.token), {
      method: "POST",
      headers: isBasic ? { authorization: `Basic ${credentials}` } : {},
      body: new URLSearchParams({
        ...(!isBasic && { client_id: clientId }),
        ...(!isBasic && clientSecret !== "" && { client_secret: clientSecret }),
        ...form,
      }),
    });
    return await answerOf(response);
  };
  return {
    server,
    authorize,
    signInPage: async () => {
      const cookies = new Map<string, string>();
      const challenge = { code_challenge: "A".repeat(43), code_challenge_method: "S256" };
      const { url } = await walked(begin(challenge), cookies);
      return async (query) => (await walked(`${url}${query}`, cookies)).page ?? "";
    },
    token,
    signIn: async (name, parameters) => {
      const verifier = randomBytes(32).toString("base64url");
      const code = await authorize({
        user: name,
        nonce: "n",
        code_challenge: createHash("sha256").update(verifier).digest("base64url"),
        code_challenge_method: "S256",
        ...parameters,
      });
      return await token({
        grant_type: "authorization_code",
        code: code.get("code") ?? "",
        redirect_uri: REDIRECT_URI,
        code_verifier: verifier,
      });
    },
    refresh: async (refreshToken) =>
      await token({ grant_type: "refresh_token", refresh_token: String(refreshToken) }),
    verified: async (text) => {
      const keys = (await answerOf(await fetch(at(habits.jwks)))).body;
      const set = createLocalJWKSet(keys as unknown as JSONWebKeySet);
      const { payload, protectedHeader } = await jwtVerify(String(text), set);
      return { ...protectedHeader, ...payload };
    },
    faults: async (changes) => {
      const body = JSON.stringify(changes);
      expect((await fetch(at("/faults"), { method: "POST", body })).status).toBe(200);
    },
    userinfo: async (accessToken) => {
      const headers = { authorization: `Bearer ${String(accessToken)}` };
      return await answerOf(await fetch(at(habits.userinfo ?? ""), { headers }));
    },
  };
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const body = text.startsWith("{") ? (JSON.parse(text) as Answer["body"]) : { text };
  return { status: response.status, body };
}

/** Goes where a browser would go, with its cookies. @returns the query at the app's redirect URI */
async function followed(start: string): Promise<URLSearchParams> {
  const { url, page } = await walked(start, new Map());
  if (page !== undefined) {
    throw new Error(page);
  }
  return new URL(url).searchParams;
}

interface Arrival {
  readonly url: string;
  /** Undefined at the app's redirect URI, which nobody serves. */
  readonly page?: string;
}

async function walked(start: string, cookies: Map<string, string>): Promise<Arrival> {
  let url = start;
  for (let steps = 0; steps < 10; steps += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, { redirect: "manual", headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get("location");
    if (location === null) {
      return { url, page: `${String(response.status)} ${await response.text()}` };
    }
    url = new URL(location, url).href;
    if (url.startsWith(REDIRECT_URI)) {
      return { url };
    }
  }
  throw new Error("too many redirects");
}
