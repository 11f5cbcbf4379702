import { createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Alg, readKeySet, type UsableJwk } from "../../../lambda/auth/jwk";
import { isSignature } from "../../../lambda/auth/jws";
import { createTokenJudge, type TokenJudge } from "../../support/token-judge";
import { createTestKey, encode, headerOf } from "../../support/tokens";

type Vector = readonly [id: number, message: string, signature: string, result: string];

/** Of an elliptic curve key 0x04 ‖ x ‖ y, of an RSA key modulus and exponent; in hex. */
interface Group {
  readonly uncompressed?: string;
  readonly modulus?: string;
  readonly exponent?: string;
  readonly tests: readonly Vector[];
}

interface SignatureCheck {
  verifySignatureSync(input: {
    jwsSigningInput: string | Buffer;
    signature: string;
    alg: string;
    keyObject: unknown;
  }): boolean;
}

/** What aws-jwt-verify would run in place of our own; it is not exported by name. */
const { nodeWebCompat } = jest.requireActual<{ nodeWebCompat: SignatureCheck }>(
  join(__dirname, "../../../node_modules/aws-jwt-verify/dist/cjs/node-web-compat-node.js"),
);

function readGroups(file: string): readonly Group[] {
  const text = readFileSync(join(__dirname, "../../vectors", `${file}.json`), "utf8");
  return (JSON.parse(text) as { groups: readonly Group[] }).groups;
}

function keyOf({ uncompressed, modulus, exponent }: Group, alg: Alg): UsableJwk | undefined {
  const spell = (hex: string | undefined) => Buffer.from(hex ?? "", "hex").toString("base64url");
  const point = uncompressed?.slice(2) ?? "";
  const material =
    uncompressed === undefined
      ? { kty: "RSA", n: spell(modulus?.replace(/^(?:00)+/, "")), e: spell(exponent) }
      : {
          kty: "EC",
          crv: { ES256: "P-256", ES384: "P-384", ES512: "P-521" }[alg as string],
          x: spell(point.slice(0, point.length / 2)),
          y: spell(point.slice(point.length / 2)),
        };
  return readKeySet(Buffer.from(JSON.stringify({ keys: [material] })), [alg])?.[0];
}

function isAccepted(alg: Alg, key: UsableJwk, [, message, hex]: Vector): boolean {
  const signed = { signingInput: Buffer.from(message, "hex"), signature: Buffer.from(hex, "hex") };
  return isSignature(alg, signed, createPublicKey({ key, format: "jwk" }));
}

/** Of a signature that cannot be one, Node throws in it. */
function isAcceptedByLibrary(alg: Alg, jwk: UsableJwk, [, message, hex]: Vector): boolean {
  const keyObject = createPublicKey({ key: jwk, format: "jwk" });
  const jwsSigningInput = Buffer.from(message, "hex");
  const signature = Buffer.from(hex, "hex").toString("base64url");
  try {
    return nodeWebCompat.verifySignatureSync({ jwsSigningInput, signature, alg, keyObject });
  } catch {
    return false;
  }
}

describe("S18: Wycheproof's vectors", () => {
  const files = {
    ES256: ["ecdsa-p256-sha256-p1363", 262],
    ES384: ["ecdsa-p384-sha384-p1363", 280],
    ES512: ["ecdsa-p521-sha512-p1363", 318],
    RS256: ["rsa-pkcs1-2048-sha256", 259],
    RS384: ["rsa-pkcs1-2048-sha384", 258],
    RS512: ["rsa-pkcs1-2048-sha512", 259],
    PS256: ["rsa-pss-2048-sha256-salt-32", 108],
    PS384: ["rsa-pss-2048-sha384-salt-48", 141],
    PS512: ["rsa-pss-4096-sha512-salt-64", 179],
  } as const;
  const algs = Object.keys(files) as (keyof typeof files)[];

  test.each(algs)("all for %s have the listed verdict, and none makes it throw", (alg) => {
    const [file, count] = files[alg];
    const groups = readGroups(file);
    expect(groups.reduce((sum, { tests }) => sum + tests.length, 0)).toBe(count);
    const wrong = groups.flatMap((group) => {
      const key = keyOf(group, alg);
      if (key === undefined) {
        // A key with the exponent 3 is never used, whatever it has signed (F11).
        return group.exponent === "03" ? [] : group.tests;
      }
      // "acceptable" leaves the choice: a digest info without NULL (RFC 8017 appendix A.2.4).
      return group.tests.filter(
        (vector) =>
          vector[3] !== "acceptable" && isAccepted(alg, key, vector) !== (vector[3] === "valid"),
      );
    });
    expect(wrong).toEqual([]);
  });

  test.each(algs.filter((alg) => !alg.startsWith("PS")))(
    "all for %s have the verdict that aws-jwt-verify gives",
    (alg) => {
      const verdicts = readGroups(files[alg][0]).flatMap((group) => {
        const key = keyOf(group, alg);
        return key === undefined
          ? []
          : group.tests.map((vector) => [
              isAccepted(alg, key, vector),
              isAcceptedByLibrary(alg, key, vector),
            ]);
      });
      expect(verdicts.length).toBeGreaterThan(100);
      expect(verdicts.filter(([ours, theirs]) => ours !== theirs)).toEqual([]);
    },
  );
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
    const signatures = readGroups("ecdsa-p256-sha256-p1363").flatMap(({ tests }) =>
      tests.map(([, , signature]) => signature),
    );
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
