/**
 * oidc-provider 9 as a process of its own: certified, rotates strictly, and revokes the family when
 * a spent token is used. It knows nothing of this product. `POST /proof/code` makes a person with
 * an authorization code, `GET /proof/ledger?sub=` returns the state of the grant, and `POST
 * /proof/lifetime?seconds=` sets the lifetime of access tokens.
 */
import { createHash, generateKeyPairSync, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const REDIRECT_URI = "http://127.0.0.1/callback";
const HOUR = 3_600;
let accessTokenLifetime = HOUR;

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
  features: { devInteractions: { enabled: false } },
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

async function createCode() {
  const accountId = randomBytes(12).toString("hex");
  ledger.set(accountId, { exchanges: 0, isRevoked: false });
  const grant = new provider.Grant({ accountId, clientId: client.client_id });
  grant.addOIDCScope("openid offline_access");
  const code = new provider.AuthorizationCode({
    accountId,
    authTime: Math.floor(Date.now() / 1000),
    client: await provider.Client.find(client.client_id),
    grantId: await grant.save(),
    gty: "authorization_code",
    redirectUri: REDIRECT_URI,
    scope: "openid offline_access",
  });
  return { code: await code.save(), redirect_uri: REDIRECT_URI };
}

function readLedger(sub) {
  const token = live.get(sub);
  const fingerprint = token && createHash("sha256").update(token).digest("hex").slice(0, 16);
  return { ...ledger.get(sub), live: fingerprint };
}

const TOOLS = {
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
    handle(request, response);
    return;
  }
  Promise.resolve(TOOLS[pathname](searchParams))
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
