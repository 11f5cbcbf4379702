/**
 * Real keys and real signatures, in the exact shape of the provider's tokens; nothing is kept as a
 * fixture.
 */
import {
  constants,
  createHmac,
  generateKeyPairSync,
  type KeyObject,
  sign as signWith,
} from "node:crypto";
import type { ID_TOKEN_ALGS } from "../../lambda/facts";
import { newRsaPair } from "./rsa-keys";

export const NOW = Date.UTC(2026, 5, 1, 12);
export const ISSUER = "https://passport.example";
export const CLIENT_ID = "8861be510123456789abcdef01234567";
export const ALICE = `urn:rollupid:identity/0x${"a1".repeat(24)}`;
export const BOB = `urn:rollupid:identity/0x${"b0".repeat(24)}`;

export type Alg = (typeof ID_TOKEN_ALGS)[number];
type Json = Record<string, unknown>;

export interface Overrides {
  readonly header?: Json;
  readonly claims?: Json;
  /** Signs instead of the issuer's current key, which the header still names: a forger's. */
  readonly key?: TestKey;
}

export interface TestIssuer {
  /** Adds a key and signs with it from now on. */
  addKey(kid?: string, alg?: Alg): TestKey;
  /** What the key set address serves: exactly alg, kid, kty, x, y, crv for ES256. */
  jwks(): { keys: Json[] };
  idToken(overrides?: Overrides): string;
  accessToken(overrides?: Overrides): string;
  refreshToken(overrides?: Overrides): string;
  /** Signs whatever it is given. `undefined` members are left out. */
  sign(header: Json, claims: Json | string, key?: TestKey): string;
}

export interface TestKey {
  readonly kid: string;
  readonly alg: Alg;
  readonly privateKey: KeyObject;
  readonly publicJwk: Json;
}

export function createTestIssuer(alg: Alg = "ES256"): TestIssuer {
  const keys: TestKey[] = [];
  let serial = 0;
  const iat = Math.floor(NOW / 1000) - 10;
  const common = { iss: ISSUER, aud: [CLIENT_ID], sub: ALICE, iat };

  const issuer: TestIssuer = {
    addKey(kid = `168200411489${String((serial += 1))}`, keyAlg = alg) {
      const key = createTestKey(kid, keyAlg);
      keys.push(key);
      return key;
    },
    jwks: () => ({ keys: keys.map(({ publicJwk }) => publicJwk) }),
    sign(header, claims, key = current(keys)) {
      const payload = typeof claims === "string" ? claims : JSON.stringify(claims);
      const input = `${encode(JSON.stringify(header))}.${encode(payload)}`;
      return `${input}.${signature(key, input).toString("base64url")}`;
    },
    idToken: ({ header, claims, key } = {}) =>
      issuer.sign(
        { ...headerOf(current(keys)), ...header },
        { ...common, exp: iat + 3600, name: "Alice", ...claims },
        key,
      ),
    accessToken: ({ header, claims, key } = {}) =>
      issuer.sign(
        { ...headerOf(current(keys)), ...header },
        {
          ...common,
          exp: iat + 3600,
          scope: "openid profile",
          jti: `0x${"01".repeat(24)}`,
          ...claims,
        },
        key,
      ),
    refreshToken: ({ header, claims, key } = {}) =>
      issuer.sign(
        { ...headerOf(current(keys)), ...header },
        { ...common, scope: "openid profile", jti: `0x${"02".repeat(24)}`, ...claims },
        key,
      ),
  };
  issuer.addKey();
  return issuer;
}

export function headerOf({ alg, kid }: TestKey): Json {
  return { alg, jku: `${ISSUER}/.well-known/jwks.json`, kid, typ: "JWT" };
}

export function encode(text: string | Uint8Array): string {
  return Buffer.from(text).toString("base64url");
}

export function createTestKey(kid: string, alg: Alg): TestKey {
  const { privateKey, publicKey } = generate(alg);
  return { kid, alg, privateKey, publicJwk: { ...publicKey.export({ format: "jwk" }), alg, kid } };
}

/** HS256 with whatever bytes, for the classic confusion of a public key with a secret. */
export function signHs256(header: Json, claims: Json, secret: string | Buffer): string {
  const input = `${encode(JSON.stringify(header))}.${encode(JSON.stringify(claims))}`;
  return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
}

function current(keys: readonly TestKey[]): TestKey {
  const key = keys.at(-1);
  if (key === undefined) {
    throw new Error("the issuer has no key");
  }
  return key;
}

function generate(alg: Alg) {
  switch (alg) {
    case "ES256":
      return generateKeyPairSync("ec", { namedCurve: "P-256" });
    case "ES384":
      return generateKeyPairSync("ec", { namedCurve: "P-384" });
    case "ES512":
      return generateKeyPairSync("ec", { namedCurve: "P-521" });
    case "EdDSA":
      return generateKeyPairSync("ed25519");
    default:
      return newRsaPair();
  }
}

/** The signature (RFC 7518 section 3, RFC 8037 section 3.1). */
export function signature(
  { alg, privateKey: key }: Pick<TestKey, "alg" | "privateKey">,
  input: string,
): Buffer {
  const data = Buffer.from(input);
  const bits = Number(alg.slice(2));
  const hash = `sha${String(bits)}`;
  switch (alg) {
    case "EdDSA":
      return signWith(null, data, key);
    case "ES256":
    case "ES384":
    case "ES512":
      return signWith(hash, data, { key, dsaEncoding: "ieee-p1363" });
    case "RS256":
    case "RS384":
    case "RS512":
      return signWith(hash, data, key);
    case "PS256":
    case "PS384":
    case "PS512": {
      const padding = constants.RSA_PKCS1_PSS_PADDING;
      return signWith(hash, data, { key, padding, saltLength: bits / 8 });
    }
  }
}
