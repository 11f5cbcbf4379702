/**
 * oidc-provider 9 as a process of its own: certified, rotates strictly, and revokes the family when
 * a spent token is used. It knows nothing of this product. `POST /proof/code` makes a person with
 * an authorization code, `GET /proof/ledger?sub=` returns the state of the grant, `POST
 * /proof/lifetime?seconds=` sets the lifetime of access tokens, and `POST /proof/client` registers
 * another client, or the same one anew.
 */
import { createHash, generateKeyPairSync, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { Provider } from "oidc-provider";
import { createSignedSecrets } from "./signed-secret.mjs";

const REDIRECT_URI = "http://127.0.0.1/callback";
const HOUR = 3_600;
let accessTokenLifetime = HOUR;
/**
 * What clients name as the address of their keys, and where they are: oidc-provider fetches nothing
 * from loopback, and is right.
 */
const CLIENT_KEYS = "https://client.example/jwks.json";
let clientKeysAt = CLIENT_KEYS;

/** Keeps everything: the default adapter forgets beyond a thousand entries. */
class Adapter {
  constructor(model) {
    this.model = model;
  }
  static entries = new Map();
  key(id) {
    return `${this.model}:${id}`;
  }
  async upsert(id, payload) {
    Adapter.entries.set(this.key(id), payload);
  }
  async find(id) {
    return Adapter.entries.get(this.key(id));
  }
  async findByUid() {
    return undefined;
  }
  async findByUserCode() {
    return undefined;
  }
  async destroy(id) {
    Adapter.entries.delete(this.key(id));
  }
  async consume(id) {
    Adapter.entries.get(this.key(id)).consumed = Math.floor(Date.now() / 1000);
  }
  async revokeByGrantId(grantId) {
    for (const [key, payload] of Adapter.entries) {
      if (payload.grantId === grantId && key.startsWith(`${this.model}:`)) {
        Adapter.entries.delete(key);
      }
    }
  }
}

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const key = { ...privateKey.export({ format: "jwk" }), kid: "proof", alg: "ES256", use: "sig" };
const client = {
  client_id: "rollup-vault",
  client_secret: randomBytes(24).toString("base64url"),
  redirect_uris: [REDIRECT_URI],
  grant_types: ["authorization_code", "refresh_token"],
  id_token_signed_response_alg: "ES256",
  token_endpoint_auth_method: "client_secret_basic",
};

/** By subject. */
const ledger = new Map();
/** The family's newest refresh token, until it is spent or revoked. */
const live = new Map();

const server = createServer();
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const issuer = `http://127.0.0.1:${String(server.address().port)}`;
const provider = new Provider(issuer, {
  adapter: Adapter,
  clients: [client],
  jwks: { keys: [key] },
  scopes: ["openid", "offline_access"],
  findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
  issueRefreshToken: () => true,
  rotateRefreshToken: true,
  pkce: { required: () => false },
  fetch: async (url, options) =>
    String(url) === CLIENT_KEYS ? await fetch(clientKeysAt) : await fetch(url, options),
  features: { devInteractions: { enabled: false }, revocation: { enabled: true } },
  cookies: { keys: [randomBytes(24).toString("base64url")] },
  ttl: {
    AccessToken: () => accessTokenLifetime,
    IdToken: HOUR,
    Grant: 24 * HOUR,
    RefreshToken: 24 * HOUR,
  },
});

provider.on("grant.success", ({ oidc }) => {
  if (oidc.params.grant_type === "refresh_token") {
    ledger.get(oidc.account.accountId).exchanges += 1;
  }
});
provider.on("grant.revoked", ({ oidc }) => {
  const { accountId } = oidc.entities.RefreshToken;
  ledger.get(accountId).isRevoked = true;
  live.delete(accountId);
});
provider.on("refresh_token.saved", ({ accountId, jti }) => live.set(accountId, jti));

async function createCode(query) {
  const clientId = query.get("client") ?? client.client_id;
  const redirectUri = query.get("redirect_uri") ?? REDIRECT_URI;
  const codeChallenge = query.get("code_challenge") ?? undefined;
  const accountId = randomBytes(12).toString("hex");
  ledger.set(accountId, { exchanges: 0, isRevoked: false });
  const grant = new provider.Grant({ accountId, clientId });
  grant.addOIDCScope("openid offline_access");
  const code = new provider.AuthorizationCode({
    accountId,
    authTime: Math.floor(Date.now() / 1000),
    client: await provider.Client.find(clientId),
    ...(codeChallenge && { codeChallenge, codeChallengeMethod: "S256" }),
    grantId: await grant.save(),
    gty: "authorization_code",
    redirectUri,
    scope: "openid offline_access",
  });
  return { code: await code.save(), redirect_uri: redirectUri };
}

function readLedger(sub) {
  const token = live.get(sub);
  const fingerprint = token && createHash("sha256").update(token).digest("hex").slice(0, 16);
  return { ...ledger.get(sub), live: fingerprint };
}

const signedSecrets = createSignedSecrets(issuer);

async function registerClient(_, request) {
  const { signed_secret: signedSecret, keys_at: keysAt, ...metadata } = await readJson(request);
  clientKeysAt = keysAt ?? clientKeysAt;
  const secret = randomBytes(24).toString("base64url");
  const plain = signedSecret && { client_secret: secret };
  Adapter.entries.set(`Client:${metadata.client_id}`, { ...metadata, ...plain });
  signedSecrets.expect(metadata.client_id, signedSecret && { ...signedSecret, secret });
  return {};
}

async function readJson(request) {
  const chunks = await request.toArray();
  return JSON.parse(Buffer.concat(chunks).toString());
}

const TOOLS = {
  "/proof/client": registerClient,
  "/proof/code": createCode,
  "/proof/ledger": (query) => readLedger(query.get("sub")),
  "/proof/lifetime": (query) => {
    accessTokenLifetime = Number(query.get("seconds"));
    return {};
  },
};

const handle = provider.callback();
server.on("request", (request, response) => {
  const { pathname, searchParams } = new URL(request.url, issuer);
  if (!pathname.startsWith("/proof/")) {
    signedSecrets.check(request, response).then((passed) => passed && handle(request, response));
    return;
  }
  Promise.resolve(TOOLS[pathname](searchParams, request))
    .then((body) => response.end(JSON.stringify(body)))
    .catch((error) => {
      console.error(error);
      response.writeHead(500).end();
    });
});

// Ends with its parent process, however that ends.
process.stdin.on("close", () => process.exit(0)).resume();
process.on("SIGINT", () => undefined);
const { client_id: clientId, client_secret: clientSecret } = client;
process.stdout.write(`${JSON.stringify({ issuer, clientId, clientSecret })}\n`);
