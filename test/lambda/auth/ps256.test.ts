import { createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readKeySet, type UsableJwk } from "../../../lambda/auth/jwk";
import { isPs256Signature } from "../../../lambda/auth/ps256";

interface Vectors {
  readonly modulus: string;
  readonly exponent: string;
  readonly tests: readonly (readonly [id: number, message: string, sig: string, result: string])[];
}

const { modulus, exponent, tests } = JSON.parse(
  readFileSync(join(__dirname, "../../vectors/rsa-pss-2048-sha256-salt-32.json"), "utf8"),
) as Vectors;

function vectorKey(): UsableJwk {
  const [n, e] = [modulus, exponent].map((hex) => Buffer.from(hex, "hex").toString("base64url"));
  const jwk = { kty: "RSA", kid: "1", alg: "PS256", n, e };
  const key = readKeySet(Buffer.from(JSON.stringify({ keys: [jwk] })), ["PS256"])?.[0];
  if (key === undefined) {
    throw new Error("the key of the vectors is refused");
  }
  return key;
}

describe("PS256: Wycheproof's RSASSA-PSS vectors, 2048 bits, SHA-256, a salt of 32 bytes", () => {
  const key = vectorKey();

  test("are on a key that is read as it is", () => {
    expect(createPublicKey({ key, format: "jwk" }).asymmetricKeyType).toBe("rsa");
  });

  test("all 108 have the listed verdict, and none makes it throw", () => {
    expect(tests).toHaveLength(108);
    const wrong = tests.filter(([, message, signature, result]) => {
      const isValid = isPs256Signature(
        Buffer.from(message, "hex"),
        Buffer.from(signature, "hex"),
        key,
      );
      return isValid !== (result === "valid");
    });
    expect(wrong.map(([id]) => id)).toEqual([]);
  });
});
