import { createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readKeySet } from "../../../lambda/auth/jwk";
import { createTestKey, encode, headerOf } from "../../support/tokens";
import { createUsersApi } from "../../support/users-api";

type Vector = readonly [id: number, message: string, signature: string, result: string];

interface Vectors {
  readonly groups: readonly { readonly uncompressed: string; readonly tests: readonly Vector[] }[];
}

interface SignatureCheck {
  verifySignatureSync(input: {
    jwsSigningInput: string | Buffer;
    signature: string;
    alg: string;
    keyObject: unknown;
  }): boolean;
}

/** The very function that aws-jwt-verify runs in the product; it is not exported by name. */
const { nodeWebCompat } = jest.requireActual<{ nodeWebCompat: SignatureCheck }>(
  join(__dirname, "../../../node_modules/aws-jwt-verify/dist/cjs/node-web-compat-node.js"),
);

const { groups } = JSON.parse(
  readFileSync(join(__dirname, "../../vectors/ecdsa-p256-sha256-p1363.json"), "utf8"),
) as Vectors;

/** A signature of an impossible length makes Node throw, which the product takes for a refusal. */
function isAccepted(input: Parameters<SignatureCheck["verifySignatureSync"]>[0]): boolean {
  try {
    return nodeWebCompat.verifySignatureSync(input);
  } catch {
    return false;
  }
}

/** 0x04 ‖ x ‖ y */
function jwkOf(uncompressed: string) {
  const point = Buffer.from(uncompressed, "hex");
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) =>
    part.toString("base64url"),
  );
  return { kty: "EC", crv: "P-256", x: x ?? "", y: y ?? "", kid: "1" };
}

describe("S18: Wycheproof's ECDSA P-256 SHA-256 P1363 vectors", () => {
  const count = groups.reduce((sum, { tests }) => sum + tests.length, 0);

  test(`all ${String(count)} have the listed verdict`, () => {
    expect(count).toBeGreaterThanOrEqual(250);
    const wrong = groups.flatMap(({ uncompressed, tests }) => {
      const jwk = jwkOf(uncompressed);
      const set = readKeySet(Buffer.from(JSON.stringify({ keys: [jwk] })), ["ES256"]);
      const key = set?.keys.get("1");
      const keyObject = createPublicKey({ key: key ?? {}, format: "jwk" });
      return tests.filter(([, message, signature, result]) => {
        const isValid = isAccepted({
          jwsSigningInput: Buffer.from(message, "hex"),
          signature: Buffer.from(signature, "hex").toString("base64url"),
          alg: "ES256",
          keyObject,
        });
        return isValid !== (result === "valid");
      });
    });
    expect(wrong).toEqual([]);
  });
});

describe("S18: the cases of Wycheproof's JWS vectors for ES256, with keys of our own", () => {
  let api: ReturnType<typeof createUsersApi>;
  beforeEach(() => {
    api = createUsersApi();
  });
  afterEach(() => {
    api.clock.restore();
  });

  function spellings(): [string, string][] {
    const token = api.issuer.idToken();
    const [header = "", payload = "", signature = ""] = token.split(".");
    const flip = (part: string) => (part.startsWith("X") ? "Y" : "X") + part.slice(1);
    const key = createTestKey("embedded", "ES256");
    const own = JSON.parse(Buffer.from(header, "base64url").toString()) as Record<string, unknown>;
    const embedded = api.issuer.sign(
      { ...own, jwk: key.publicJwk },
      JSON.stringify({ sub: "x" }),
      key,
    );
    const hs256 = encode(JSON.stringify({ ...headerOf(key), alg: "HS256" }));
    return [
      ["modified signature", `${header}.${payload}.${flip(signature)}`],
      ["missing signature", `${header}.${payload}.`],
      ["missing signature and separator", `${header}.${payload}`],
      ["modified payload", `${header}.${flip(payload)}.${signature}`],
      ["missing payload", `${header}..${signature}`],
      ["missing payload and separator", `${header}.${signature}`],
      ["modified header", `${flip(header)}.${payload}.${signature}`],
      ["missing header", `.${payload}.${signature}`],
      ["missing header and separator", `${payload}.${signature}`],
      ["missing header and signature", `.${payload}.`],
      ["missing header, signature and separators", payload],
      ["empty string", ""],
      ["extra empty component", `${token}.`],
      ["extra component", `${token}.foo`],
      ["symmetry confusion", `${hs256}.${payload}.${signature}`],
      ["embedded JWK of an attacker", embedded],
    ];
  }

  test("every changed one is refused", async () => {
    const verdicts = await Promise.all(
      spellings().map(async ([name, spelling]) => [name, await api.verdict(spelling)] as const),
    );
    expect(verdicts).toHaveLength(16);
    expect(verdicts.filter(([, status]) => status !== 401)).toEqual([]);
  });

  test("the valid one is believed", async () => {
    expect(await api.verdict(api.issuer.idToken())).toBe(201);
  });
});
