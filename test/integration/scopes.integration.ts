/** Granted scopes as a fact, with oidc-provider as the provider (decision 0041). */
import { createHash, randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { findProvider } from "../../local/provider/outside";
import { type Stack, startStack } from "../../local/stack";
import { LIMITS_TO_TRY } from "../../local/stack-options";
import { call } from "./http-call";
import { type Elsewhere, freePorts, startElsewhere, visit } from "./other-providers";

jest.setTimeout(600_000);

let elsewhere: Elsewhere;
let stack: Stack;

beforeAll(async () => {
  const [port = 0] = await freePorts(1);
  elsewhere = await startElsewhere([`http://127.0.0.1:${String(port)}/callback`]);
  const { issuer, clientId, clientSecret } = elsewhere;
  const { provider } = await findProvider({ issuer, clientId });
  stack = await startStack({
    port,
    issuerPort: 0,
    limits: LIMITS_TO_TRY,
    provider: { ...provider, clientSecret },
  });
});

afterAll(async () => {
  await stack.close();
  await elsewhere.close();
});

interface SignedIn {
  readonly session: { readonly token: string };
  readonly connection: Readonly<Record<string, unknown>>;
}

async function signIn(user: string, scope: string): Promise<SignedIn> {
  const { outputs } = stack;
  const [verifier, nonce] = [randomBytes(32).toString("base64url"), "nonce-of-this-sign-in"];
  const query = new URLSearchParams({
    response_type: "code",
    client_id: outputs.clientId,
    redirect_uri: outputs.redirectUri,
    scope,
    state: "s",
    nonce,
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    user,
  });
  const back = await visit(`${outputs.authorizationEndpoint}?${query.toString()}`);
  const json = {
    code: back.searchParams.get("code"),
    redirect_uri: outputs.redirectUri,
    scope,
    code_verifier: verifier,
    nonce,
  };
  const { status, body } = await call(outputs.apiUrl, { method: "POST", path: "/sessions", json });
  expect([status, body]).toMatchObject([201, { user: {} }]);
  return body as SignedIn;
}

const api = async (method: string, path: string, { session }: SignedIn, json?: object) =>
  await call(stack.outputs.apiUrl, { method, path, bearer: session.token, json });

const tokenFor = async (who: SignedIn, json: object) => {
  const { status, body } = await api("POST", "/me/access-token", who, json);
  return { status, ...(body as object) };
};

const statusOf = async (who: SignedIn) =>
  (await api("GET", "/me/refresh-token", who)).body as {
    readonly scopes: readonly string[] | null;
    readonly history: readonly { readonly outcome: string }[];
  };

const tokenRequests = () =>
  elsewhere.requests.filter(({ path }) => path === "/realms/x/token").length;

const ALL = "openid profile email offline_access";

test("what is granted is kept and shown, and a token that needs it is handed out", async () => {
  const ada = await signIn("Ada", ALL);
  const scopes = expect.arrayContaining(ALL.split(" ")) as unknown;
  expect(ada.connection).toEqual({ connected: true, scopes, reason: null, ask_for: null });
  expect((await statusOf(ada)).scopes).toEqual(scopes);
  const exported = await api("GET", "/me/export", ada);
  expect(exported.body).toMatchObject({ refresh_token: { scopes } });
  const token = await tokenFor(ada, { required_scopes: ["email", "profile"] });
  expect(token).toMatchObject({ status: 200, scope: expect.stringContaining("email") as unknown });
});

test("fewer than asked: needs_consent without a token request; asked for again, it heals", async () => {
  await elsewhere.reject(["email"]);
  const eve = await signIn("Eve", ALL);
  expect(eve.connection["scopes"]).toEqual(["openid", "profile", "offline_access"]);
  const before = tokenRequests();
  const refused = await tokenFor(eve, { required_scopes: ["profile", "email"] });
  expect(refused).toMatchObject({
    status: 409,
    code: "needs_consent",
    action: "sign_in",
    missing_scopes: ["email"],
    retryable: false,
  });
  // A new token is asked for, and nothing is asked of the provider all the same.
  const wanted = { required_scopes: ["email"], min_validity: 86_400 };
  expect(await tokenFor(eve, wanted)).toMatchObject({ status: 409 });
  expect(tokenRequests()).toBe(before);
  expect(await statusOf(eve)).toMatchObject({ status: "active", reason: null });
  expect(await tokenFor(eve, {})).toMatchObject({ status: 200 });

  await elsewhere.reject([]);
  const again = await signIn("Eve", ALL);
  expect(await tokenFor(again, { required_scopes: ["email"] })).toMatchObject({ status: 200 });
});

test("changed at a refresh: the token goes out, the history says what is lost", async () => {
  await elsewhere.setLifetime(2);
  const max = await signIn("Max", ALL);
  await elsewhere.reject(["email"]);
  await sleep(2_500);
  expect(await tokenFor(max, { min_validity: 1 })).toMatchObject({ status: 200 });
  const status = await statusOf(max);
  expect(status.scopes).toEqual(["openid", "profile", "offline_access"]);
  expect(status.history).toContainEqual(
    expect.objectContaining({
      by: "POST /me/access-token",
      outcome: "scope_changed",
      gained: [],
      lost: ["email"],
    }),
  );
  await sleep(2_500);
  // This refresh names the same scopes: no other entry.
  expect(await tokenFor(max, { min_validity: 1 })).toMatchObject({ status: 200 });
  const { history } = await statusOf(max);
  expect(history.filter(({ outcome }) => outcome === "scope_changed")).toHaveLength(1);
  expect(await tokenFor(max, { required_scopes: ["email"] })).toMatchObject({
    status: 409,
    missing_scopes: ["email"],
  });
  await elsewhere.reject([]);
});

test("S23: a scope that is none, or one member too many, is an invalid request", async () => {
  const ada = await signIn("Ada", ALL);
  for (const required_scopes of ["email", ["e mail"], [""], [7], Array(101).fill("a")]) {
    expect(await tokenFor(ada, { required_scopes })).toMatchObject({ status: 400 });
  }
});

test("a sign-in without a refresh token says so, and what would bring one", async () => {
  const bob = await signIn("Bob", "openid profile");
  expect(bob.connection).toEqual({
    connected: false,
    scopes: null,
    reason: "refresh_token_not_issued",
    ask_for: { scope: "offline_access" },
  });
  expect(await tokenFor(bob, {})).toMatchObject({ status: 409, reason: "no_refresh_token" });
});

test("after a dead grant the 409 has the reason of the last sign-in; a good one stays", async () => {
  const first = await signIn("Joe", ALL);
  const kept = await signIn("Joe", "openid profile");
  expect(kept.connection).toMatchObject({ connected: true, reason: null });
  expect(await tokenFor(kept, {})).toMatchObject({ status: 200 });
  expect((await api("DELETE", "/me/refresh-token", first)).status).toBe(204);
  expect(await tokenFor(kept, {})).toMatchObject({ status: 409, reason: "disconnected" });
  const bare = await signIn("Joe", "openid profile");
  expect(bare.connection).toMatchObject({ connected: false });
  const reason = "refresh_token_not_issued";
  expect(await tokenFor(bare, {})).toMatchObject({ status: 409, reason });
  expect(await statusOf(bare)).toMatchObject({ status: "none", reason });
  const healed = await signIn("Joe", ALL);
  expect(healed.connection).toMatchObject({ connected: true });
  expect(await tokenFor(healed, {})).toMatchObject({ status: 200 });
});
