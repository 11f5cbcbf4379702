/**
 * Deployments without a client secret, from their synthesized templates, beside oidc-provider: by a
 * key of the stack, by Apple's signed secret, and by nothing but PKCE.
 */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { KMSClient } from "@aws-sdk/client-kms";
import { AwsError } from "@rollup-vault/local-aws/aws/call";
import { importPair } from "@rollup-vault/local-aws/testing/import-pair";
import type { IdpSettings } from "../../lambda/env";
import {
  type OidcProvider,
  startOidcProvider,
} from "../verification/kills/providers/oidc-provider";
import { createAdminCommand } from "./admin-command";
import { startWorld, type World } from "./world";

const CLIENT = "without-a-secret";
const KID = "KEY1234567";
const TEAM = "TEAM123456";
/** Above the lifetime of any token here: each call is a refresh. */
const MIN_VALIDITY = 86_400;

let provider: OidcProvider;
let world: World;

beforeAll(async () => {
  provider = await startOidcProvider();
});

afterAll(async () => {
  await provider.close();
});

async function start(settings: Partial<IdpSettings>): Promise<void> {
  const { issuer } = provider.idp;
  world = await startWorld({
    concurrency: 1,
    limits: { exchangeIntervalSeconds: 0 },
    idp: {
      ...provider.idp,
      issuer,
      clientId: CLIENT,
      revocationEndpoint: `${issuer}/token/revocation`,
      // A busy machine is no reason to be in doubt of a code.
      tokenEndpointTimeoutMs: 8_000,
      jwksTimeoutMs: 5_000,
      ...settings,
    },
  });
}

async function register(metadata: object): Promise<void> {
  const client = {
    client_id: CLIENT,
    redirect_uris: [world.stack.outputs.redirectUri],
    grant_types: ["authorization_code", "refresh_token"],
    id_token_signed_response_alg: "ES256",
    ...metadata,
  };
  await provider.register(client);
}

async function codeFor(more: Readonly<Record<string, string>> = {}): Promise<string> {
  const { redirectUri } = world.stack.outputs;
  const query = new URLSearchParams({ client: CLIENT, redirect_uri: redirectUri, ...more });
  return await provider.code(query);
}

async function signIn(code: string, more: object = {}) {
  const { redirectUri } = world.stack.outputs;
  const json = { code, redirect_uri: redirectUri, ...more };
  return await world.call({ method: "POST", path: "/sessions", json });
}

/** Somebody new, who signs in. @param more members of the body */
async function connect(code?: string, more: object = {}) {
  const { status, body } = await signIn(code ?? (await codeFor()), more);
  expect(status).toBe(201);
  return { sub: String(body.user.sub), session: String(body.session.token) };
}

const refresh = async (session: string) =>
  await world.call({
    method: "POST",
    path: "/me/access-token",
    bearer: session,
    json: { min_validity: MIN_VALIDITY },
  });

const disconnect = async (session: string) =>
  await world.call({ method: "DELETE", path: "/me/refresh-token", bearer: session });

/** RFC 7636 section 4.2. */
function challengeOf(verifier: string) {
  return { code_challenge: createHash("sha256").update(verifier).digest("base64url") };
}

/** Signs in, refreshes twice, revokes: the token endpoint and the revocation endpoint. */
async function goThrough(verifier?: string): Promise<void> {
  const { sub, session } =
    verifier === undefined
      ? await connect()
      : await connect(await codeFor(challengeOf(verifier)), { code_verifier: verifier });
  const first = await refresh(session);
  const second = await refresh(session);
  expect([first.status, second.status]).toEqual([200, 200]);
  expect(second.body.access_token).not.toBe(first.body.access_token);
  expect((await disconnect(session)).status).toBe(204);
  expect(await provider.ledger(sub)).toMatchObject({
    exchanges: 2,
    isRevoked: true,
  });
}

/** A refresh that the provider refuses because of us, and after `heal` the next one. */
async function rejectAndHeal(breaks: () => Promise<void>, heal: () => Promise<void>) {
  const { sub, session } = await connect();
  await breaks();
  const rejected = await refresh(session);
  const spent = await provider.ledger(sub);
  await heal();
  // The cooldown of a first failure is two seconds.
  let healed = await refresh(session);
  const giveUpAt = Date.now() + 30_000;
  while (healed.status !== 200 && Date.now() < giveUpAt) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    healed = await refresh(session);
  }
  return { rejected, spent, healed };
}

/** Nothing of Secrets Manager; a signature for each request to the provider. */
function expectCalls(calls: Readonly<Record<string, number>>, signatures: number | undefined) {
  expect(Object.keys(calls).filter((name) => name.startsWith("secretsmanager:"))).toEqual([]);
  expect(calls["kms:Sign"]).toBe(signatures);
}

async function expectNoLeaks(): Promise<void> {
  const leaks = await world.leaks();
  expect(Object.values(leaks).every((count) => count === 0)).toBe(true);
}

function describeDeployment(signatures: number | undefined, verifier?: () => string): void {
  test("S59: signs in, refreshes and revokes without any secret", async () => {
    world.takeAwsCalls();
    await goThrough(verifier?.());
    expectCalls(world.takeAwsCalls(), signatures);
    expect(world.stack.deployment.clientSecretName).toBeUndefined();
    expect(world.stack.outputs.clientSecretArn).toBeUndefined();
    await expectNoLeaks();
  });
}

describe("private_key_jwt", () => {
  const byOurKeys = async () => {
    const keysAt = `${world.stack.outputs.apiUrl}/.well-known/jwks.json`;
    const address = { jwks_uri: "https://client.example/jwks.json", keys_at: keysAt };
    await register({ ...METHOD, ...address });
  };
  const METHOD = {
    token_endpoint_auth_method: "private_key_jwt",
    token_endpoint_auth_signing_alg: "ES256",
  };

  beforeAll(async () => {
    await start({ clientAuthentication: "private_key_jwt" });
    await byOurKeys();
  }, 240_000);

  afterAll(async () => {
    await world.close();
  });

  test.each([
    ["AccessDeniedException", 400, 500, "server_error"],
    ["KMSInternalException", 500, 503, "temporarily_unavailable"],
  ])("S41: while KMS answers %s %d there is no key set", async (name, kms, status, code) => {
    world.failAws(({ action }) =>
      action === "GetPublicKey" ? new AwsError(name, "made up", kms) : undefined,
    );
    const answer = await world.call({ method: "GET", path: "/.well-known/jwks.json" });
    world.failAws(() => undefined);
    expect(answer).toMatchObject({ status, body: { code } });
  });

  test("the public key is served, for caches too, and read from KMS once", async () => {
    world.takeAwsCalls();
    const answers = [0, 1, 2].map(
      async () => await world.call({ method: "GET", path: "/.well-known/jwks.json" }),
    );
    const [first, ...others] = await Promise.all(answers);
    expect(first).toMatchObject({
      status: 200,
      body: { keys: [{ kty: "EC", crv: "P-256", alg: "ES256", use: "sig" }] },
    });
    expect(first?.body.keys[0].d).toBeUndefined();
    expect(others.map(({ text }) => text)).toEqual([first?.text, first?.text]);
    expect(world.takeAwsCalls()).toEqual({ "kms:GetPublicKey": 1 });
  });

  test("the key set takes no query, and the gateway no large headers", async () => {
    const path = "/.well-known/jwks.json";
    expect((await world.call({ method: "GET", path: `${path}?a=1` })).status).toBe(400);
    const headers = ["x-large", "a".repeat(10_241)];
    expect((await world.call({ method: "GET", path, headers })).status).toBe(431);
  });

  describeDeployment(4);

  test("S42: a wrong key is the operator's fault, told as such; the grant is kept and heals", async () => {
    const foreign = publicJwk(generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey);
    world.takeAwsCalls();
    const { rejected, spent, healed } = await rejectAndHeal(async () => {
      await register({ ...METHOD, jwks: { keys: [foreign] } });
    }, byOurKeys);
    expect(rejected).toMatchObject({
      status: 500,
      body: { code: "server_error", action: "contact_operator" },
    });
    expect(spent).toMatchObject({ exchanges: 0, isRevoked: false });
    expect(healed.status).toBe(200);
    expectCalls(world.takeAwsCalls(), 3);
  });

  test.each([
    ["AccessDeniedException", 400, 500],
    ["ThrottlingException", 400, 503],
  ])(
    "S41: KMS that answers %s %d spends nothing, and the next call works",
    async (name, kms, status) => {
      const { sub, session } = await connect();
      const before = await world.item("refreshTokens", sub);
      world.failAws(({ action }) =>
        action === "Sign" ? new AwsError(name, "made up", kms) : undefined,
      );
      const failed = await refresh(session);
      expect(failed.status).toBe(status);
      expect(await world.item("refreshTokens", sub)).toEqual(before);
      expect(await provider.ledger(sub)).toMatchObject({ exchanges: 0 });
      world.failAws(() => undefined);
      expect((await refresh(session)).status).toBe(200);
    },
  );

  test("a code that could not be sent because of KMS works afterwards", async () => {
    const code = await codeFor();
    world.failAws(({ action }) =>
      action === "Sign" ? new AwsError("ThrottlingException", "made up", 400) : undefined,
    );
    expect((await signIn(code)).status).toBe(503);
    world.failAws(() => undefined);
    expect((await signIn(code)).status).toBe(201);
  });

  test("the admin command revokes with the operator's own right to sign", async () => {
    const { sub } = await connect();
    const command = await createAdminCommand(world.stack.outputs);
    expect(await command.admin("disconnect", sub)).toMatchObject({ code: 0 });
    await command.close();
    expect(await provider.ledger(sub)).toMatchObject({ isRevoked: true });
  });
});

describe("Apple's signed client secret", () => {
  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const known = async (key: KeyObject) => {
    await register({
      token_endpoint_auth_method: "client_secret_post",
      signed_secret: { team: TEAM, kid: KID, jwk: publicJwk(key) },
    });
  };

  beforeAll(async () => {
    await start({
      clientAuthentication: "signed_client_secret",
      clientSigning: { teamId: TEAM, keys: [KID] },
    });
    await known(pair.publicKey);
  }, 240_000);

  afterAll(async () => {
    await world.close();
  });

  test("is refused by KMS until Apple's key was imported, and nothing is spent", async () => {
    const code = await codeFor();
    expect((await signIn(code)).status).toBe(500);
    const { endpoints, region, credentials, clientSigningKeyArn } = world.stack.outputs;
    const kms = new KMSClient({ endpoint: endpoints.kms, region, credentials });
    await importPair(kms, clientSigningKeyArn ?? "", pair);
    kms.destroy();
    expect((await signIn(code)).status).toBe(201);
  });

  test("has no key set of its own: Apple made the key", async () => {
    const { status } = await fetch(`${world.stack.outputs.apiUrl}/.well-known/jwks.json`);
    expect(status).toBe(404);
  });

  describeDeployment(4);

  test("S42: that Apple does not take is the operator's fault; the grant is kept and heals", async () => {
    const foreign = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey;
    const { rejected, spent, healed } = await rejectAndHeal(
      async () => {
        await known(foreign);
      },
      async () => {
        await known(pair.publicKey);
      },
    );
    expect(rejected).toMatchObject({ status: 500, body: { action: "contact_operator" } });
    expect(spent).toMatchObject({ exchanges: 0, isRevoked: false });
    expect(healed.status).toBe(200);
  });
});

describe("none, with PKCE", () => {
  const newVerifier = () => randomBytes(32).toString("base64url");

  beforeAll(async () => {
    await start({ clientAuthentication: "none" });
    await register({ token_endpoint_auth_method: "none" });
  }, 240_000);

  afterAll(async () => {
    await world.close();
  });

  describeDeployment(undefined, newVerifier);

  test("S61: a code without its verifier is refused before it is sent, and is still good", async () => {
    const verifier = newVerifier();
    const code = await codeFor(challengeOf(verifier));
    const refused = await signIn(code);
    expect(refused).toMatchObject({ status: 400, body: { code: "invalid_request" } });
    expect((await signIn(code, { code_verifier: verifier })).status).toBe(201);
  });

  test("S61: the provider refuses a code with another verifier", async () => {
    const code = await codeFor(challengeOf(newVerifier()));
    expect((await signIn(code, { code_verifier: newVerifier() })).status).toBe(401);
  });
});

function publicJwk(key: KeyObject) {
  return key.export({ format: "jwk" });
}
