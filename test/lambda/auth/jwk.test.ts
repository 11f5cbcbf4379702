import { generateKeyPairSync } from "node:crypto";
import { identityOf, readKeySet, type UsableJwk } from "../../../lambda/auth/jwk";
import { ID_TOKEN_ALGS } from "../../../lambda/facts";
import { createTestKey } from "../../support/tokens";

const { publicJwk } = createTestKey("1", "ES256");

function usable(...keys: unknown[]): string[] | undefined {
  const set = readKeySet(Buffer.from(JSON.stringify({ keys })), ["ES256"]);
  return set?.map(({ kid = "nameless" }) => kid);
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
    ["null as kid", { ...publicJwk, kid: null }],
    ["an empty kid", { ...publicJwk, kid: "" }],
    ["a kid above 128 characters", { ...publicJwk, kid: "k".repeat(129) }],
    ["an RSA key that says P-256", { ...rsa, crv: "P-256", kid: "1" }],
    ["a symmetric key", { kty: "oct", k: "AAAA", kid: "1" }],
    ["null", null],
    ["a number", 7],
    ["a text", "key"],
    ["a list", [publicJwk]],
    ["a list of members", Object.entries(publicJwk)],
    ["nothing in it", {}],
    ["a kty named like a member of every object", { ...publicJwk, kty: "constructor" }],
  ])("%s is left out, and the good key beside it stays", (_, bad) => {
    const good = createTestKey("2", "ES256").publicJwk;
    expect(usable(bad, good)).toEqual(["2"]);
  });

  test("a key without a kid is one, too (RFC 7517 section 4.5)", () => {
    expect(usable({ ...publicJwk, kid: undefined })).toEqual(["nameless"]);
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
      [{ ...x25519, kid: "1" }, undefined],
      [{ ...rsa, crv: "Ed25519", kid: "1" }, undefined],
    ] as const) {
      const set = readKeySet(Buffer.from(JSON.stringify({ keys: [jwk] })), ["EdDSA"]);
      expect(set?.map(({ kid }) => kid)).toEqual(expected);
    }
  });

  test.each([
    ["ES256", "P-256"],
    ["ES384", "P-384"],
    ["ES512", "P-521"],
  ] as const)("for %s it takes a key on %s, and on no other curve", (alg, curve) => {
    const keys = ["P-256", "P-384", "P-521", "secp256k1"].map((namedCurve) => {
      const { publicKey } = generateKeyPairSync("ec", { namedCurve });
      return { ...publicKey.export({ format: "jwk" }), kid: namedCurve };
    });
    const set = readKeySet(Buffer.from(JSON.stringify({ keys: [...keys, rsa] })), [alg]);
    expect(set?.map(({ kid }) => kid)).toEqual([curve]);
    const others = [...keys.filter(({ kid }) => kid !== curve), { ...rsa, kid: "rsa" }];
    const renamed = others.map((key) => ({ ...key, crv: curve }));
    expect(readKeySet(Buffer.from(JSON.stringify({ keys: renamed })), [alg])).toBeUndefined();
  });

  test("one kid twice is two entries: which of them a token asks for is not decided here", () => {
    expect(usable(publicJwk, createTestKey("1", "ES256").publicJwk)).toEqual(["1", "1"]);
  });

  test.each(["", "[]", "null", "{}", '{"keys":{}}', '{"keys":[1]}', '{"keys":[]}', "<html>"])(
    "%p is no key set, or none that has a key",
    (body) => {
      expect(readKeySet(Buffer.from(body), ["ES256"])).toBeUndefined();
    },
  );

  test("a set without a usable key is none", () => {
    expect(usable({ ...publicJwk, use: "enc" })).toBeUndefined();
  });

  test("a byte order mark is passed over", () => {
    const body = Buffer.from(`\ufeff${JSON.stringify({ keys: [publicJwk] })}`);
    expect(readKeySet(body, ["ES256"])).toHaveLength(1);
  });

  test("a set of more than a hundred entries is refused", () => {
    const keys = Array.from({ length: 101 }, (_, at) => ({ ...publicJwk, kid: String(at) }));
    expect(usable(...keys)).toBeUndefined();
    expect(usable(...keys.slice(1))).toHaveLength(100);
  });

  test("of a key nothing is kept but what verifying takes", () => {
    const body = { keys: [{ ...publicJwk, use: "sig", key_ops: ["verify"], x5c: ["AA"] }] };
    expect(readKeySet(Buffer.from(JSON.stringify(body)), ["ES256"])).toEqual([publicJwk]);
  });
});

describe("F11: an RSA key that is worth nothing, or costs too much, is never used", () => {
  const MODULUS = 2n ** 2_047n + 1n;
  const encode = (value: bigint) => {
    const hex = value.toString(16);
    return Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex").toString(
      "base64url",
    );
  };
  const rsaKey = (n: bigint, e: bigint) => ({ kty: "RSA", kid: "1", n: encode(n), e: encode(e) });

  test.each([
    ["e = 65,537, as all have it", MODULUS, 65_537n, true],
    ["e = 1: anybody signs", MODULUS, 1n, false],
    ["e = 2", MODULUS, 2n, false],
    ["e = 3", MODULUS, 3n, false],
    ["e = 65,535", MODULUS, 65_535n, false],
    ["an even e", MODULUS, 65_538n, false],
    ["e = 65,539", MODULUS, 65_539n, true],
    ["the largest e", MODULUS, 2n ** 32n - 1n, true],
    ["e of 33 bits", MODULUS, 2n ** 32n + 1n, false],
    ["e of 2,000 bits", MODULUS, 2n ** 2_000n + 1n, false],
    ["1,024 bits", 2n ** 1_023n + 1n, 65_537n, false],
    ["2,047 bits", 2n ** 2_046n + 1n, 65_537n, false],
    ["8,192 bits", 2n ** 8_191n + 1n, 65_537n, true],
    ["8,193 bits", 2n ** 8_192n + 1n, 65_537n, false],
  ])("%s", (_, n, e, isUsed) => {
    for (const alg of ID_TOKEN_ALGS.filter((each) => /^[RP]S/.test(each))) {
      const body = Buffer.from(JSON.stringify({ keys: [rsaKey(n, e)] }));
      expect(readKeySet(body, [alg])?.length ?? 0).toBe(isUsed ? 1 : 0);
    }
  });

  test("n or e missing, or no text", () => {
    const good = rsaKey(MODULUS, 65_537n);
    for (const bad of [{ e: undefined }, { n: undefined }, { e: 65_537 }, { n: "" }, { e: "" }]) {
      const body = Buffer.from(JSON.stringify({ keys: [{ ...good, ...bad }] }));
      expect(readKeySet(body, ["RS256"])).toBeUndefined();
    }
  });
});

describe("which key is which", () => {
  test("by kid and material, whatever it may be used for", () => {
    const [key] = readKeySet(Buffer.from(JSON.stringify({ keys: [publicJwk] })), ["ES256"]) ?? [];
    const base: UsableJwk = { ...key!, alg: "ES256" };
    const { alg, ...unpinned } = base;
    expect(alg).toBe("ES256");
    expect(identityOf(unpinned)).toBe(identityOf(base));
    for (const member of ["kid", "kty", "crv", "x", "y", "n", "e"] as const) {
      expect(identityOf({ ...base, [member]: "another" })).not.toBe(identityOf(base));
    }
  });
});
