/** The local run beside a provider that it has not started, found by its discovery document. */
import { createHash, randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { IdpSettings } from "../../lambda/env";
import { findProvider } from "../../local/provider/outside";
import { type Stack, startStack } from "../../local/stack";
import { LIMITS_TO_TRY } from "../../local/stack-options";
import { runTour } from "../../local/tour-steps";
import { call } from "./http-call";
import { createPaper, type Elsewhere, freePorts, startElsewhere, visit } from "./other-providers";

jest.setTimeout(600_000);

let elsewhere: Elsewhere;
let stack: Stack;

beforeAll(async () => {
  const [port = 0, pagePort = 0] = await freePorts(2);
  const origins = [port, pagePort].map((each) => `http://127.0.0.1:${String(each)}`);
  elsewhere = await startElsewhere(origins.map((origin) => `${origin}/callback`));
  const { issuer, clientId, clientSecret } = elsewhere;
  const { provider } = await findProvider({ issuer, clientId });
  stack = await startStack({
    port,
    issuerPort: 0,
    page: { port: pagePort, orAnyOther: false },
    limits: LIMITS_TO_TRY,
    provider: { ...provider, clientSecret },
  });
});

afterAll(async () => {
  await stack.close();
  await elsewhere.close();
});

test("the stage has what the discovery document says, and no local provider is there", () => {
  const { issuer, clientId, clientSecret, origin } = elsewhere;
  expect(stack.outputs).toMatchObject({
    issuer,
    clientId,
    clientSecret,
    provider: new URL(issuer).host,
    isLocalProvider: false,
    authorizationEndpoint: `${origin}/realms/x/auth`,
    frontend: {
      pkce: true,
      nonce: true,
      iss: true,
      scope: expect.stringContaining("offline_access"),
    },
  });
  expect(stack.outputs).not.toHaveProperty("faults");
  const settings: Partial<IdpSettings> = {
    profile: "oidc",
    issuer,
    clientId,
    jwksUri: `${origin}/realms/x/certs`,
    tokenEndpoint: `${origin}/realms/x/token`,
    userinfoEndpoint: `${origin}/realms/x/userinfo`,
    revocationEndpoint: `${origin}/realms/x/revoke`,
    idTokenSigningAlgs: ["RS256"],
    clientAuthentication: "client_secret_basic",
  };
  expect(stack.outputs.idpSettings).toMatchObject(settings);
});

test("a code with PKCE and nonce opens a session; a token is had, replaced and given back", async () => {
  const { outputs } = stack;
  const api = async (method: string, path: string, bearer: string, json?: object) =>
    await call(outputs.apiUrl, { method, path, bearer, json });
  await elsewhere.setLifetime(3);
  const [verifier, nonce] = [randomBytes(32).toString("base64url"), "nonce-of-this-sign-in"];
  const query = new URLSearchParams({
    response_type: "code",
    client_id: outputs.clientId,
    redirect_uri: outputs.redirectUri,
    scope: outputs.frontend.scope,
    state: "s",
    nonce,
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    user: "Ada Lovelace",
  });
  const back = await visit(`${outputs.authorizationEndpoint}?${query.toString()}`);
  const signIn = {
    code: back.searchParams.get("code"),
    redirect_uri: outputs.redirectUri,
    code_verifier: verifier,
    nonce,
  };
  const opened = await call(outputs.apiUrl, { method: "POST", path: "/sessions", json: signIn });
  expect([opened.status, opened.body]).toMatchObject([201, { user: { claims: {} } }]);
  const { session, access_token: first } = opened.body as {
    session: { token: string };
    access_token: { access_token: string };
  };
  const tokenOf = async () => {
    const body = { min_validity: 1 };
    const answer = await api("POST", "/me/access-token", session.token, body);
    expect(answer.status).toBe(200);
    return (answer.body as { access_token: string }).access_token;
  };
  expect(await tokenOf()).toBe(first.access_token);
  await sleep(3_500);
  expect(await tokenOf()).not.toBe(first.access_token);
  expect((await api("DELETE", "/me/refresh-token", session.token)).status).toBeLessThan(300);
  expect(elsewhere.requests).toContainEqual(
    expect.objectContaining({ method: "POST", path: "/realms/x/revoke" }),
  );
  const after = await api("POST", "/me/access-token", session.token, {});
  expect([after.status, after.body]).toMatchObject([409, { code: "needs_sign_in" }]);
});

test("the page may ask API and userinfo and nobody else, and is told of no faults", async () => {
  const { pageUrl, apiUrl, clientSecret } = stack.outputs;
  const page = await fetch(pageUrl);
  const policy = page.headers.get("content-security-policy") ?? "";
  expect(policy).toContain(`connect-src 'self' ${apiUrl} ${elsewhere.origin};`);
  const html = await page.text();
  expect(html).not.toContain("faults");
  expect(html).not.toContain(clientSecret);
});

test("the tour prints where to sign in, waits for it, and goes on with the session", async () => {
  await elsewhere.setLifetime(4);
  const { screen, text } = createPaper();
  const touring = runTour(stack.outputs, screen, { patienceMs: 120_000 });
  while (!/\nhttp:\S+\n/.test(text())) {
    await sleep(50);
  }
  const [address = ""] = /http:\S+\/auth\?\S+/.exec(text()) ?? [];
  const end = await visit(`${address}&user=Grace%20Hopper`);
  expect(end.origin).toBe(stack.outputs.pageUrl);
  await touring;
  expect(text()).toContain("the tour is complete");
  expect(text()).toContain("Asked again, there is another one");
  expect(text()).not.toContain(end.searchParams.get("code"));
  expect(text()).not.toMatch(/rvs_[\w-]{20}/);
});

test("a tour that nobody signs in for ends with one sentence", async () => {
  const { screen } = createPaper();
  await expect(runTour(stack.outputs, screen, { patienceMs: 300 })).rejects.toThrow(
    /^nobody has signed in at 127\.0\.0\.1:\d+ within 1 seconds: npm run tour begins again$/,
  );
});
