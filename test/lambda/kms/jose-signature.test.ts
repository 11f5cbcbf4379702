import { createPublicKey, generateKeyPairSync, sign, verify } from "node:crypto";
import * as fc from "fast-check";
import { toJoseSignature } from "../../../lambda/kms/jose-signature";

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const publicKey = createPublicKey(privateKey);
const MESSAGE = Buffer.from("header.payload");
const derOf = () => sign("sha256", MESSAGE, privateKey);

test("what KMS signs verifies as a JWS signature of 64 bytes (RFC 7518 section 3.4)", () => {
  const lengths = new Set<number>();
  // Enough for halves that begin with zeros, and for those that get one before them.
  for (let run = 0; run < 2_000; run += 1) {
    const der = derOf();
    lengths.add(der.length);
    const signature = toJoseSignature(der);
    expect(signature).toHaveLength(64);
    const key = { key: publicKey, dsaEncoding: "ieee-p1363" } as const;
    expect(verify("sha256", MESSAGE, key, signature)).toBe(true);
  }
  expect(lengths.size).toBeGreaterThan(2);
});

/** DER of an integer: as short as can be, and never with its first bit set. */
function integer(half: Buffer): Buffer {
  const digits = half.subarray(
    Math.max(
      0,
      half.findIndex((byte) => byte !== 0),
    ),
  );
  const padded = (digits[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.from([0]), digits]) : digits;
  return Buffer.concat([Buffer.from([2, padded.length]), padded]);
}

test("any two halves come back as they were, however short their DER is", () => {
  const half = fc
    .tuple(fc.nat(31), fc.uint8Array({ minLength: 32, maxLength: 32 }))
    .map(([zeros, bytes]) => Buffer.from(bytes).fill(0, 0, zeros).fill(1, 31, 32));
  fc.assert(
    fc.property(half, half, (r, s) => {
      const body = Buffer.concat([integer(r), integer(s)]);
      const der = Buffer.concat([Buffer.from([0x30, body.length]), body]);
      expect(toJoseSignature(der)).toEqual(Buffer.concat([r, s]));
    }),
  );
});

test.each<[string, (der: Buffer) => Buffer]>([
  ["nothing", () => Buffer.alloc(0)],
  ["a signature in the form of a JWS", (der) => toJoseSignature(der)],
  ["another tag in front", (der) => Buffer.concat([Buffer.from([0x31]), der.subarray(1)])],
  ["another tag inside", (der) => Buffer.from(der).fill(3, 2, 3)],
  ["a byte less", (der) => der.subarray(0, -1)],
  ["a byte more", (der) => Buffer.concat([der, Buffer.from([0])])],
  ["a length that is too large", (der) => Buffer.from(der).fill((der[1] ?? 0) + 1, 1, 2)],
  ["an integer without digits", () => Buffer.from([0x30, 4, 2, 0, 2, 0])],
  [
    "a half of 33 digits",
    () =>
      Buffer.concat([
        Buffer.from([0x30, 70]),
        ...[0, 1].map(() => Buffer.from([2, 33, ...Array<number>(33).fill(1)])),
      ]),
  ],
])("%s is no signature", (_, change) => {
  expect(() => toJoseSignature(change(derOf()))).toThrow(RangeError);
});
