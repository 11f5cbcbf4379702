/**
 * The signature check has the verdict of aws-jwt-verify, of which the whole is run here, for true
 * signatures and for every kind of wrong one.
 */
import { createPublicKey } from "node:crypto";
import { JwtVerifier } from "aws-jwt-verify";
import { isSignature } from "../../../lambda/auth/jws";
import { ID_TOKEN_ALGS } from "../../../lambda/facts";
import { seeded } from "../../support/seeded";
import { type Alg, createTestKey, encode, signature, type TestKey } from "../../support/tokens";

const ALGS = ID_TOKEN_ALGS.filter((alg) => !alg.startsWith("PS"));
const EDGES = [0x00, 0x01, 0x7f, 0x80, 0xff];

function inputOf(alg: Alg, at: number): string {
  return [
    { alg, kid: "1" },
    { iss: "https://a.example", at },
  ]
    .map((part) => encode(JSON.stringify(part)))
    .join(".");
}

function libraryWith({ publicJwk }: TestKey) {
  const verifier = JwtVerifier.create({
    issuer: null,
    audience: null,
    jwksUri: "https://a.example/jwks.json",
  });
  verifier.cacheJwks({ keys: [publicJwk as never] });
  return (input: string, bytes: Buffer): boolean => {
    try {
      verifier.verifySync(`${input}.${encode(bytes)}`);
      return true;
    } catch {
      return false;
    }
  };
}

function changed(bytes: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = value;
  return copy;
}

/** Of a true signature: those with one byte changed, cut or padded at either end, turned round. */
function mutantsOf(good: Buffer): readonly Buffer[] {
  const half = good.length / 2;
  const [r, s] = [good.subarray(0, half), good.subarray(half)];
  const zero = Buffer.alloc(half);
  const bytes = [...good.keys()].flatMap((at) => {
    const values = [0, 0xff, (good[at] ?? 0) ^ 1, (good[at] ?? 0) ^ 0x80];
    return values.map((value) => changed(good, at, value));
  });
  const cut = [1, 2, half, good.length - 1].flatMap((count) => [
    good.subarray(count),
    good.subarray(0, -count),
  ]);
  const padded = [Buffer.alloc(1), Buffer.alloc(2), Buffer.alloc(half)].flatMap((more) => [
    Buffer.concat([more, good]),
    Buffer.concat([good, more]),
    Buffer.concat([r, more, s]),
    Buffer.concat([more, r, more, s]),
  ]);
  const turned = [
    [s, r],
    [r, r],
    [r, zero],
    [zero, s],
    [zero, zero],
  ];
  return [
    good,
    ...bytes,
    ...cut.filter(({ length }) => length > 0),
    ...padded,
    ...turned.map((halves) => Buffer.concat(halves)),
    ...EDGES.map((value) => Buffer.alloc(good.length, value)),
  ];
}

describe.each(ALGS)("S18: %s", (alg) => {
  const key = createTestKey("1", alg);
  const isGoodForLibrary = libraryWith(key);
  const keyObject = createPublicKey({ key: key.publicJwk, format: "jwk" });
  const isGood = (input: string, bytes: Buffer) =>
    isSignature(alg, { signingInput: Buffer.from(input), signature: bytes }, keyObject);

  test("a signature that is one is one, with whatever bytes it begins", () => {
    for (let at = 0; at < 100; at += 1) {
      const input = inputOf(alg, at);
      const good = signature(key, input);
      expect(isGood(input, good)).toBe(true);
      expect(isGood(inputOf(alg, at + 1), good)).toBe(false);
    }
  });

  test("a mutant has the verdict that the library gives it", () => {
    const input = inputOf(alg, 0);
    const good = signature(key, input);
    const verdicts = mutantsOf(good).map((bytes) => [
      isGood(input, bytes),
      isGoodForLibrary(input, bytes),
    ]);
    expect(verdicts.filter(([ours, theirs]) => ours !== theirs)).toEqual([]);
    // And there are none but the signature itself, and its like.
    expect(verdicts[0]).toEqual([true, true]);
    expect(verdicts.filter(([ours]) => ours === true).length).toBeLessThan(10 + good.length);
  });

  test("so has any text of random bytes, of any length", () => {
    const random = seeded(1);
    const input = inputOf(alg, 0);
    for (let at = 0; at < 100; at += 1) {
      const bytes = Buffer.from(
        Array.from({ length: 1 + Math.floor(random() * 300) }, () => Math.floor(random() * 256)),
      );
      expect([isGood(input, bytes), isGoodForLibrary(input, bytes)]).toEqual([false, false]);
    }
  });
});
