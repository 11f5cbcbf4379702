import { generateKeyPairSync } from "node:crypto";
import { readKeySet } from "../../../lambda/auth/jwk";
import { createTestKey } from "../../support/tokens";

const { publicJwk } = createTestKey("1", "ES256");

function usable(...keys: Record<string, unknown>[]): string[] | undefined {
  const set = readKeySet(Buffer.from(JSON.stringify({ keys })), ["ES256"]);
  return set && [...set.keys.keys()];
}

describe("S03: which keys of a set are used", () => {
  test("a key in the provider's own shape, without use and key_ops", () => {
    expect(usable(publicJwk)).toEqual(["1"]);
    expect(usable({ ...publicJwk, alg: undefined })).toEqual(["1"]);
    expect(usable({ ...publicJwk, use: "sig", key_ops: ["verify"], x5t: "ignored" })).toEqual([
      "1",
    ]);
  });

  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({
    format: "jwk",
  });
  const p384 = createTestKey("1", "ES384").publicJwk;

  test.each([
    ["an RSA key", { ...rsa, kid: "1" }],
    ["another curve", { ...p384, alg: undefined }],
    ["another alg", { ...publicJwk, alg: "ES384" }],
    ["use enc", { ...publicJwk, use: "enc" }],
    ["key_ops without verify", { ...publicJwk, key_ops: ["sign"] }],
    ["key_ops that is no list", { ...publicJwk, key_ops: "verify" }],
    ["a private member", { ...publicJwk, d: "AA" }],
    ["a point that is not on the curve", { ...publicJwk, y: publicJwk["x"] }],
    ["a missing coordinate", { ...publicJwk, y: undefined }],
    ["a coordinate that is no text", { ...publicJwk, y: 7 }],
    ["no kid", { ...publicJwk, kid: undefined }],
    ["an empty kid", { ...publicJwk, kid: "" }],
    ["a kid above 128 characters", { ...publicJwk, kid: "k".repeat(129) }],
    ["an RSA key that says P-256", { ...rsa, crv: "P-256", kid: "1" }],
    ["a symmetric key", { kty: "oct", k: "AAAA", kid: "1" }],
    ["a kty named like a member of every object", { ...publicJwk, kty: "constructor" }],
  ])("%s is left out, and the good key beside it stays", (_, bad) => {
    const good = createTestKey("2", "ES256").publicJwk;
    expect(usable(bad, good)).toEqual(["2"]);
  });

  test("keys without a kid are not one kid twice", () => {
    const nameless = { ...publicJwk, kid: undefined };
    expect(usable(nameless, nameless, publicJwk)).toEqual(["1"]);
  });

  test("a kid of 128 characters is one", () => {
    const kid = "k".repeat(128);
    expect(usable({ ...publicJwk, kid })).toEqual([kid]);
  });

  test("for EdDSA it takes a key that is both an octet key pair and Ed25519", () => {
    const ed25519 = createTestKey("1", "EdDSA").publicJwk;
    const x25519 = generateKeyPairSync("x25519").publicKey.export({ format: "jwk" });
    for (const [jwk, expected] of [
      [ed25519, ["1"]],
      [{ ...x25519, kid: "1" }, []],
      [{ ...rsa, crv: "Ed25519", kid: "1" }, []],
    ] as const) {
      const set = readKeySet(Buffer.from(JSON.stringify({ keys: [jwk] })), ["EdDSA"]);
      expect([...(set?.keys.keys() ?? [])]).toEqual(expected);
    }
  });

  test("one kid twice: the whole set is refused", () => {
    expect(usable(publicJwk, createTestKey("1", "ES256").publicJwk)).toBeUndefined();
  });

  test.each(["", "[]", "null", "{}", '{"keys":{}}', '{"keys":[1]}', "<html>"])(
    "%p is no key set",
    (body) => {
      expect(readKeySet(Buffer.from(body), ["ES256"])).toBeUndefined();
    },
  );

  test("a set of more than a hundred keys is refused", () => {
    const keys = Array.from({ length: 101 }, (_, at) => ({ ...publicJwk, kid: String(at) }));
    expect(usable(...keys)).toBeUndefined();
    expect(usable(...keys.slice(1))).toHaveLength(100);
  });

  test("an RSA key below 2,048 bits is left out", () => {
    const weak = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({
      format: "jwk",
    });
    const set = readKeySet(Buffer.from(JSON.stringify({ keys: [{ ...weak, kid: "1" }] })), [
      "RS256",
    ]);
    expect([...(set?.keys.keys() ?? [])]).toEqual([]);
  });
});
