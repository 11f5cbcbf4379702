/**
 * Times checks of ID tokens in this process, one candidate after the other in each round. Bundled
 * as the functions are (parts/check.ts), so that ours is the code that is deployed.
 */
import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { writeSync } from "node:fs";
import { createIdTokenVerifier } from "../../../lambda/auth/id-token-verifier";
import { createKeySet } from "../../../lambda/auth/key-set";
import type { IdpSettings } from "../../../lambda/env";
import { createIdentity } from "../../../lambda/idp/identity";
import { systemClock } from "../../../lambda/platform/clock";
import { CLIENT_ID, createTestIssuer, createTestKey, ISSUER } from "../../support/tokens";
import { type Case, CASES, type CheckTask } from "./check-task";

type Check = (token: string, at: number) => unknown;

const TOKENS = 300;
const WARM_UP_ROUNDS = 3;
const HOUR = 3_600;
const SETTINGS: IdpSettings = {
  profile: "rollup",
  issuer: ISSUER,
  clientId: CLIENT_ID,
  jwksUri: `${ISSUER}/jwks`,
  tokenEndpoint: `${ISSUER}/token`,
  idTokenSigningAlgs: ["ES256"],
};

const issuer = createTestIssuer();
const now = Math.floor(Date.now() / 1000);

function tokensOf(kind: Case): readonly string[] {
  const forger = createTestKey("forger", "ES256");
  const text = (at: number) => Buffer.alloc(2_000, `junk ${String(at)}`).toString("base64url");
  return Array.from({ length: TOKENS }, (_, at) => {
    const times = kind === "expired" ? { iat: now - 3 * HOUR, exp: now - 2 * HOUR } : undefined;
    const claims = { iat: now - 5, exp: now + HOUR - 5, name: `Alice ${String(at)}`, ...times };
    return kind === "junk of 8 KB"
      ? `${text(at)}.${text(at)}${text(at)}.${text(at)}`.slice(0, 8_192)
      : issuer.idToken({ claims, ...(kind === "forged" && { key: forger }) });
  });
}

function ours(): Check {
  const body = Buffer.from(JSON.stringify(issuer.jwks()));
  const http = { send: () => Promise.resolve({ status: 200, headers: {}, body }) };
  const identity = createIdentity(SETTINGS);
  const { algs } = identity.idToken;
  const keySet = createKeySet({ jwksUri: SETTINGS.jwksUri, algs, http, clock: systemClock });
  const verifier = createIdTokenVerifier({
    settings: SETTINGS,
    identity,
    keySet,
    clock: systemClock,
  });
  return (token) => verifier.verify(token);
}

/** The floor: one call of OpenSSL, on buffers that are there already. */
function bare(key: KeyObject, tokens: readonly string[]): Check {
  const parts = tokens.map((token) => {
    const dot = token.lastIndexOf(".");
    const signature = toDer(Buffer.from(token.slice(dot + 1), "base64url"));
    return { input: Buffer.from(token.slice(0, dot)), signature };
  });
  return (_, at) => {
    const part = parts[at];
    return part !== undefined && verify("sha256", part.input, key, part.signature);
  };
}

/** Of r and s behind one another (RFC 7518 section 3.4), as OpenSSL takes it. */
function toDer(signature: Buffer): Buffer {
  const integer = (bytes: Buffer) => {
    const from = bytes.findIndex((byte) => byte !== 0);
    const short = bytes.subarray(Math.max(0, from));
    const value = (short[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), short]) : short;
    return Buffer.concat([Buffer.from([2, value.length]), value]);
  };
  const content = [integer(signature.subarray(0, 32)), integer(signature.subarray(32))];
  const length = content.reduce((sum, { length }) => sum + length, 0);
  return Buffer.concat([Buffer.from([0x30, length]), ...content]);
}

interface AwsJwtVerify {
  readonly JwtVerifier: {
    create(options: object): { cacheJwks(jwks: object): void; verify(token: string): unknown };
  };
}
interface Jose {
  createLocalJWKSet(jwks: object): unknown;
  jwtVerify(token: string, keys: unknown, options: object): unknown;
}
interface JsonWebToken {
  readonly verify: (token: string, key: KeyObject, options: object) => unknown;
}
interface FastJwt {
  readonly createVerifier: (options: object) => (token: string) => unknown;
}

async function peers(
  { packages }: CheckTask,
  key: KeyObject,
): Promise<Readonly<Record<string, Check>>> {
  const load = async <T>(name: keyof CheckTask["packages"]) => {
    const loaded = (await import(packages[name])) as { readonly default?: T } & T;
    return name === "jose" ? loaded : (loaded.default ?? loaded);
  };
  const { JwtVerifier } = await load<AwsJwtVerify>("aws-jwt-verify");
  const jose = await load<Jose>("jose");
  const jsonwebtoken = await load<JsonWebToken>("jsonwebtoken");
  const { createVerifier } = await load<FastJwt>("fast-jwt");
  const verifier = JwtVerifier.create({
    issuer: ISSUER,
    audience: CLIENT_ID,
    jwksUri: SETTINGS.jwksUri,
  });
  verifier.cacheJwks(issuer.jwks());
  const local = jose.createLocalJWKSet(issuer.jwks());
  const joseOptions = { issuer: ISSUER, audience: CLIENT_ID, algorithms: ["ES256"] };
  const fast = createVerifier({
    key: key.export({ type: "spki", format: "pem" }),
    algorithms: ["ES256"],
    allowedIss: ISSUER,
    allowedAud: CLIENT_ID,
    cache: false,
  });
  return {
    "aws-jwt-verify": (token) => verifier.verify(token),
    jose: (token) => jose.jwtVerify(token, local, joseOptions),
    jsonwebtoken: (token) => jsonwebtoken.verify(token, key, joseOptions),
    "fast-jwt": (token) => fast(token),
  };
}

/** @returns CPU microseconds of one token @throws Error where the check does not do its job */
async function time(check: Check, tokens: readonly string[], isGood: boolean): Promise<number> {
  let passed = 0;
  const before = process.cpuUsage();
  for (let at = 0; at < tokens.length; at += 1) {
    try {
      await check(tokens[at] ?? "", at);
      passed += 1;
    } catch {
      // Refused, as it should be where the token is not good.
    }
  }
  const { user, system } = process.cpuUsage(before);
  if (passed !== (isGood ? tokens.length : 0)) {
    throw new Error(`${String(passed)} of ${String(tokens.length)} passed`);
  }
  return (user + system) / tokens.length;
}

async function main(): Promise<void> {
  const task = JSON.parse(process.argv[2] ?? "") as CheckTask;
  const key = createPublicKey({ key: issuer.jwks().keys[0] ?? {}, format: "jwk" });
  const valid = tokensOf("valid");
  const floor = bare(key, valid);
  const candidates = Object.entries({ ours: ours(), ...(await peers(task, key)) });
  const report: Record<Case, Record<string, number[]>> = {
    valid: {},
    expired: {},
    forged: {},
    "junk of 8 KB": {},
  };
  const tokens = new Map(CASES.map((name) => [name, tokensOf(name)]));
  for (let round = -WARM_UP_ROUNDS; round < task.rounds; round += 1) {
    for (const name of CASES) {
      const rounds = report[name];
      const keep = (candidate: string, took: number) => {
        if (round >= 0) {
          (rounds[candidate] ??= []).push(took);
        }
      };
      keep("crypto.verify", await time(floor, valid, true));
      for (const [candidate, check] of candidates) {
        keep(candidate, await time(check, tokens.get(name) ?? [], name === "valid"));
      }
    }
  }
  writeSync(3, JSON.stringify(report));
}

void main().catch((error: unknown) => {
  process.stderr.write(`${String(error instanceof Error ? error.stack : error)}\n`);
  process.exit(1);
});
