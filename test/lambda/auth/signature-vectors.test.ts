import { createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readKeySet } from "../../../lambda/auth/jwk";
import { createTokenJudge, type TokenJudge } from "../../support/token-judge";
import { createTestKey, encode, headerOf } from "../../support/tokens";

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
    expect(count).toBe(262);
    const wrong = groups.flatMap(({ uncompressed, tests }) => {
      const jwk = jwkOf(uncompressed);
      const set = readKeySet(Buffer.from(JSON.stringify({ keys: [jwk] })), ["ES256"]);
      const [key] = set ?? [];
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

describe("S18: through the black box", () => {
  let api: TokenJudge;

  beforeEach(() => {
    api = createTokenJudge();
  });

  afterEach(() => {
    api.clock.restore();
  });

  test("no signature of the vectors, whatever its form, stands in for a token's own", async () => {
    const [header = "", payload = ""] = api.issuer.idToken().split(".");
    const signatures = groups.flatMap(({ tests }) => tests.map(([, , signature]) => signature));
    const reasons = new Set<string>();
    for (const signature of signatures) {
      const spelling = Buffer.from(signature, "hex").toString("base64url");
      reasons.add(await api.judge(`${header}.${payload}.${spelling}`));
    }
    expect(reasons).toEqual(new Set(["invalid_signature"]));
  });

  /** Wycheproof's JWS cases for ES256, made with keys of our own: theirs sign no claims. */
  function cases(): [name: string, spelling: string, reason: string][] {
    const [header = "", payload = "", signature = ""] = api.issuer.idToken().split(".");
    const token = `${header}.${payload}.${signature}`;
    const flip = (part: string) => (part.startsWith("X") ? "Y" : "X") + part.slice(1);
    const text = (part: string) => Buffer.from(part, "base64url").toString();
    const forger = createTestKey("forger", "ES256");
    const jwk = forger.publicJwk;
    const own = JSON.parse(text(header)) as Record<string, unknown>;
    const renamed = encode(JSON.stringify({ ...own, kid: "Xid" }));
    const retitled = encode(JSON.stringify({ ...own, jku: "https://evil.example" }));
    const renamedUser = encode(text(payload).replace("Alice", "Xlice"));
    const hs256 = encode(JSON.stringify({ ...headerOf(forger), alg: "HS256" }));
    return [
      ["modified signature", `${header}.${payload}.${flip(signature)}`, "invalid_signature"],
      ["missing signature", `${header}.${payload}.`, "malformed_token"],
      ["missing signature and separator", `${header}.${payload}`, "malformed_token"],
      ["modified payload", `${header}.${renamedUser}.${signature}`, "invalid_signature"],
      ["missing payload", `${header}..${signature}`, "malformed_token"],
      ["missing payload and separator", `${header}.${signature}`, "malformed_token"],
      ["modified header, unknown kid", `${renamed}.${payload}.${signature}`, "unknown_key"],
      ["modified header", `${retitled}.${payload}.${signature}`, "invalid_signature"],
      ["missing header", `.${payload}.${signature}`, "malformed_token"],
      ["missing header and separator", `${payload}.${signature}`, "malformed_token"],
      ["missing header and signature", `.${payload}.`, "malformed_token"],
      ["missing header, signature and separators", payload, "malformed_token"],
      ["empty string", "", "malformed_credentials"],
      ["extra empty component", `${token}.`, "malformed_token"],
      ["extra component", `${token}.foo`, "malformed_token"],
      ["symmetry confusion", `${hs256}.${payload}.${signature}`, "disallowed_algorithm"],
      [
        "embedded key of a forger, under the kid of a good one",
        api.issuer.idToken({ header: { jwk: { ...jwk, kid: own["kid"] } }, key: forger }),
        "invalid_signature",
      ],
    ];
  }

  test("every changed token is refused for what is wrong with it, and the unchanged one believed", async () => {
    for (const [name, spelling, reason] of cases()) {
      expect([name, await api.judge(spelling)]).toEqual([name, reason]);
    }
    expect(await api.judge(api.issuer.idToken())).toBe("believed");
  });
});
