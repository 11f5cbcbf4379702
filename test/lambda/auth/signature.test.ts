import crypto, { sign } from "node:crypto";
import { inspect } from "node:util";
import { ParameterValidationError } from "aws-jwt-verify/error";
import { type Alg, readKeySet } from "../../../lambda/auth/jwk";
import type { UnverifiedJwt } from "../../../lambda/auth/jwt-grammar";
import { createSignatureCheck } from "../../../lambda/auth/signature";
import { createRollupIdentity } from "../../../lambda/idp/profiles/rollup-identity";
import {
  ALICE,
  CLIENT_ID,
  createTestKey,
  encode,
  ISSUER,
  NOW,
  type TestKey,
} from "../../support/tokens";
import { createTestClock } from "../../support/users-api";

const IAT = NOW / 1000;
const CLAIMS = { iss: ISSUER, aud: CLIENT_ID, sub: ALICE, iat: IAT, exp: IAT + 60 };
const SETTINGS = {
  issuer: ISSUER,
  clientId: CLIENT_ID,
  jwksUri: `${ISSUER}/.well-known/jwks.json`,
};
const OPTIONS = { settings: SETTINGS, policy: createRollupIdentity({}).idToken };

let clock: ReturnType<typeof createTestClock>;

beforeEach(() => {
  clock = createTestClock();
});

afterEach(() => {
  clock.restore();
});

function usableKey(key: TestKey, algs: readonly Alg[], named: { alg?: unknown; kid?: unknown }) {
  const jwk = { ...key.publicJwk, alg: undefined, ...named };
  const [usable] = readKeySet(Buffer.from(JSON.stringify({ keys: [jwk] })), algs) ?? [];
  if (usable === undefined) {
    throw new Error("no key");
  }
  return usable;
}

/** Well signed by the key as ECDSA over SHA-256, or RSASSA-PKCS1-v1_5, whatever the header says. */
function signed(alg: Alg, { privateKey: key, kid }: TestKey): UnverifiedJwt {
  const header = { alg, kid };
  const input = `${encode(JSON.stringify(header))}.${encode(JSON.stringify(CLAIMS))}`;
  const signingInput = Buffer.from(input);
  const signature = sign("sha256", signingInput, { key, dsaEncoding: "ieee-p1363" });
  return { header, payload: CLAIMS, signingInput, signature };
}

function outcome(check: () => void): unknown {
  try {
    check();
    return "verified";
  } catch (error) {
    return (error as { reason?: unknown }).reason ?? (error as Error).name;
  }
}

describe("a key verifies signatures of its own kind only", () => {
  const algs = ["ES256", "RS256", "PS256", "EdDSA"] as const;

  test.each([
    ["ES256", "ES256", "verified"],
    ["RS256", "RS256", "verified"],
    ["RS256", "PS256", "invalid_signature"],
  ] as const)("S01: a key for %s without alg, a header of %s: %s", (kind, alg, expected) => {
    const key = createTestKey("1", kind);
    const check = createSignatureCheck(OPTIONS);
    expect(
      outcome(() => {
        check(signed(alg, key), usableKey(key, algs, {}));
      }),
    ).toBe(expected);
  });

  test("S01: nor a true signature by it in an algorithm that it is not for", () => {
    const key = createTestKey("1", "RS256");
    const jwt = signed("RS256", key);
    const other = {
      ...jwt,
      header: { alg: "RS384", kid: "1" },
      signature: sign("sha384", jwt.signingInput, key.privateKey),
    } as const;
    const check = createSignatureCheck(OPTIONS);
    const verdicts = [{ alg: "RS256" }, {}].map((named) =>
      outcome(() => {
        check(other, usableKey(key, ["RS256", "RS384"], named));
      }),
    );
    expect(verdicts).toEqual(["invalid_signature", "verified"]);
  });

  test("it is the one that is given, whatever the names of key and token", () => {
    const check = createSignatureCheck(OPTIONS);
    const keys = [createTestKey("1", "ES256"), createTestKey("1", "ES256")] as const;
    const token = signed("ES256", keys[0]);
    const reasons = keys.flatMap((key) =>
      [{ kid: "1" }, { kid: "2" }, { kid: undefined }].map((named) =>
        outcome(() => {
          check(token, usableKey(key, algs, named));
        }),
      ),
    );
    expect(reasons).toEqual([
      "verified",
      "verified",
      "verified",
      "invalid_signature",
      "invalid_signature",
      "invalid_signature",
    ]);
  });

  test("it is read once for many tokens", () => {
    const check = createSignatureCheck(OPTIONS);
    const key = createTestKey("1", "ES256");
    const usable = usableKey(key, algs, { kid: "1" });
    const imported = jest.spyOn(crypto, "createPublicKey");
    check(signed("ES256", key), usable);
    check(signed("ES256", key), usable);
    expect(imported).toHaveBeenCalledTimes(1);
    imported.mockRestore();
  });
});

describe("what the library throws", () => {
  const key = createTestKey("1", "ES256");
  const usable = usableKey(key, ["ES256"], { alg: "ES256" });

  const good = { ...SETTINGS, now: NOW };

  test.each([
    ["exp", { ...good, now: NOW + 121_000 }, "invalid_lifetime"],
    ["aud", { ...good, clientId: "somebody else" }, "invalid_audience"],
    ["iss", { ...good, issuer: "https://else.example" }, "invalid_issuer"],
  ])("about %s has a reason of its own", (_, { now, ...settings }, reason) => {
    clock.advance(now - NOW);
    const check = createSignatureCheck({ ...OPTIONS, settings });
    expect(
      outcome(() => {
        check(signed("ES256", key), usable);
      }),
    ).toBe(reason);
  });

  test("never comes with a word of the token, in message or cause", () => {
    const check = createSignatureCheck({
      ...OPTIONS,
      settings: { ...SETTINGS, clientId: "somebody else" },
    });
    let thrown: unknown;
    try {
      check(signed("ES256", key), usable);
    } catch (error) {
      thrown = error;
    }
    expect(inspect(thrown)).toContain("invalid_audience");
    expect(inspect(thrown)).not.toContain(CLIENT_ID);
  });

  test("about settings is no refusal: a wrong deployment is not everybody's 401", () => {
    const check = createSignatureCheck({
      ...OPTIONS,
      settings: { ...SETTINGS, issuer: undefined as never },
    });
    expect(() => {
      check(signed("ES256", key), usable);
    }).toThrow(ParameterValidationError);
  });
});
