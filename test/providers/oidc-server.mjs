/**
 * oidc-provider with its own pages for development to sign in at, and strict rotation. What it
 * stores survives its process; `POST /admin/…` is not part of it.
 */
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { Provider } from "oidc-provider";

const { issuer, port, folder, client } = JSON.parse(process.argv[2]);
const file = join(folder, "oidc-provider.json");
const stored = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
stored.jwks ??= await newKeys();
stored.entries ??= {};
let accessTokenLifetime = 3_600;
let withheld = "";

async function newKeys() {
  const { exportJWK, generateKeyPair } = await import("jose");
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  return { keys: [{ ...(await exportJWK(privateKey)), kid: "real", alg: "RS256", use: "sig" }] };
}

function save() {
  writeFileSync(file, JSON.stringify(stored), { mode: 0o600 });
}

class Adapter {
  constructor(model) {
    this.model = model;
  }
  async upsert(id, payload) {
    stored.entries[`${this.model}:${id}`] = payload;
    save();
  }
  async find(id) {
    return stored.entries[`${this.model}:${id}`];
  }
  async findByUid(uid) {
    return Object.values(stored.entries).find((payload) => payload.uid === uid);
  }
  async findByUserCode() {
    return undefined;
  }
  async destroy(id) {
    forget((_, key) => key === `${this.model}:${id}`);
  }
  async consume(id) {
    stored.entries[`${this.model}:${id}`].consumed = Math.floor(Date.now() / 1000);
    save();
  }
  async revokeByGrantId(grantId) {
    forget((payload, key) => payload.grantId === grantId && key.startsWith(`${this.model}:`));
  }
}

function forget(isGone) {
  const kept = Object.entries(stored.entries).filter(([key, payload]) => !isGone(payload, key));
  stored.entries = Object.fromEntries(kept);
  save();
}

const provider = new Provider(issuer, {
  adapter: Adapter,
  clients: [{ ...client, grant_types: ["authorization_code", "refresh_token"] }],
  cookies: { keys: [randomBytes(24).toString("base64url")] },
  jwks: stored.jwks,
  rotateRefreshToken: true,
  claims: { openid: ["sub"], profile: ["name"], email: ["email"] },
  findAccount: (_, sub) => ({
    accountId: sub,
    claims: () => ({ sub, name: sub, email: `${sub}@people.example` }),
  }),
  features: { revocation: { enabled: true } },
  ttl: {
    AccessToken: () => accessTokenLifetime,
    Grant: 86_400,
    IdToken: 3_600,
    Interaction: 3_600,
    RefreshToken: 86_400,
    Session: 86_400,
  },
});

// Its page grants what is asked: a grant is found with less than that.
const find = provider.Grant.find.bind(provider.Grant);
provider.Grant.find = async (...given) => {
  const grant = await find(...given);
  grant?.rejectOIDCScope(withheld);
  return grant;
};

const ADMIN = {
  "/admin/lifetime": (query) => {
    accessTokenLifetime = Number(query.get("seconds"));
  },
  "/admin/withhold": (query) => {
    withheld = query.get("scope");
  },
  "/admin/revoke": (query) => {
    forget(({ accountId }) => accountId === query.get("sub"));
  },
};

const handle = provider.callback();
createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, issuer);
  const tool = ADMIN[pathname];
  if (tool === undefined) {
    handle(request, response);
    return;
  }
  tool(searchParams);
  response.end();
}).listen(port, "127.0.0.1");
