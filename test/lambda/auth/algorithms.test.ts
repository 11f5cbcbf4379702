/** Every algorithm of ID tokens runs through the whole policy, and none stands in for another. */
import { constants, sign } from "node:crypto";
import { createIdTokenVerifier } from "../../../lambda/auth/id-token-verifier";
import { createKeySet } from "../../../lambda/auth/key-set";
import { ID_TOKEN_ALGS } from "../../../lambda/facts";
import { createIdentity } from "../../../lambda/idp/identity";
import { createKeySetServer } from "../../support/key-set-server";
import { createTokenJudge } from "../../support/token-judge";
import {
  type Alg,
  CLIENT_ID,
  createTestKey,
  encode,
  headerOf,
  ISSUER,
  NOW,
  signature,
  type TestKey,
} from "../../support/tokens";
import { createTestClock, ROLLUP_SETTINGS } from "../../support/users-api";

const IAT = Math.floor(NOW / 1000) - 10;
const CLAIMS = { iss: ISSUER, aud: CLIENT_ID, sub: "alice", iat: IAT, exp: IAT + 3_600 };

const isRsa = (alg: Alg) => /^[RP]S/.test(alg);
/** One RSA key serves for all six, as it may with a provider. */
const RSA = createTestKey("1", "RS256");
const KEYS = Object.fromEntries(
  ID_TOKEN_ALGS.map((alg) => [alg, isRsa(alg) ? { ...RSA, alg } : createTestKey("1", alg)]),
) as Record<Alg, TestKey>;

const pinned = ({ publicJwk, alg }: TestKey) => ({ ...publicJwk, alg });
const unpinned = ({ publicJwk }: TestKey) => ({ ...publicJwk, alg: undefined });

let clock: ReturnType<typeof createTestClock>;

beforeEach(() => {
  clock = createTestClock();
});

afterEach(() => {
  clock.restore();
});

/** `believed`, or the reason, of a stage that lists `algs` and whose provider has one key. */
async function judge(token: string, jwk: object, algs?: readonly Alg[]): Promise<string> {
  const { reason } = await refusal(token, jwk, algs);
  return reason;
}

async function refusal(
  token: string,
  jwk: object,
  algs: readonly Alg[] = ID_TOKEN_ALGS,
): Promise<{ readonly reason: string; readonly setting?: string }> {
  const settings = { ...ROLLUP_SETTINGS, profile: "oidc", idTokenSigningAlgs: algs } as const;
  const http = createKeySetServer(() => ({ keys: [jwk] }));
  const { jwksUri } = settings;
  const keySet = createKeySet({ jwksUri, algs, http, clock });
  const identity = createIdentity(settings);
  const { verify } = createIdTokenVerifier({ settings, identity, keySet, clock });
  return await verify(token).then(
    () => ({ reason: "believed" }),
    (error: unknown) => error as { reason: string; setting?: string },
  );
}

const inputOf = (alg: Alg) =>
  [{ alg, kid: "1" }, CLAIMS].map((part) => encode(JSON.stringify(part))).join(".");

/** Names one algorithm and is signed by another. */
const signedAs = (named: Alg, key: TestKey) =>
  `${inputOf(named)}.${encode(signature(key, inputOf(named)))}`;

/** A token whose signature, as a number, has a byte less than the key. */
function signedWithLeadingZero(key: TestKey): { readonly input: string; readonly good: Buffer } {
  for (let at = 0; ; at += 1) {
    const parts = [
      { alg: key.alg, kid: "1" },
      { ...CLAIMS, at },
    ];
    const input = parts.map((part) => encode(JSON.stringify(part))).join(".");
    const good = signature(key, input);
    if (good[0] === 0) {
      return { input, good };
    }
  }
}

/** Names its own algorithm, with a signature of any bytes. */
const signedBy = (alg: Alg, bytes: Uint8Array) => `${inputOf(alg)}.${encode(bytes)}`;

// RFC 8017 sections 8.1.2 and 8.2.2, step 1: else one token has two spellings, and two hashes.
test.each(ID_TOKEN_ALGS.filter(isRsa))(
  "S18: a leading zero of a signature by %s is a part of it",
  async (alg) => {
    const { input, good } = signedWithLeadingZero(KEYS[alg]);
    const told = async (bytes: Uint8Array) =>
      await judge(`${input}.${encode(bytes)}`, pinned(KEYS[alg]));
    expect(await told(good)).toBe("believed");
    expect(await told(good.subarray(1))).toBe("invalid_signature");
    expect(await told(Buffer.concat([Buffer.alloc(1), good]))).toBe("invalid_signature");
  },
);

describe.each(ID_TOKEN_ALGS)("S01: %s", (alg) => {
  const key = KEYS[alg];
  const others = ID_TOKEN_ALGS.filter((other) => other !== alg);

  test("is believed where the stage lists it, whether the key names it or not", async () => {
    const token = signedAs(alg, key);
    for (const jwk of [pinned(key), unpinned(key)]) {
      expect(await judge(token, jwk, [alg])).toBe("believed");
      expect(await judge(token, jwk)).toBe("believed");
    }
  });

  test("is refused where the stage lists all others, and the setting is named", async () => {
    const named = { reason: "disallowed_algorithm", setting: "idp.idTokenSigningAlgs" };
    expect(await refusal(signedAs(alg, key), pinned(KEYS[others[0]!]), others)).toMatchObject(
      named,
    );
  });

  test.each(others)("a key that names it never verifies %s", async (named) => {
    expect(await judge(signedAs(named, key), pinned(key))).toBe("disallowed_algorithm");
    if (isRsa(alg) && isRsa(named)) {
      // A true signature by that very key, but not for this.
      const token = signedAs(named, { ...key, alg: named });
      expect(await judge(token, pinned(key))).toBe("disallowed_algorithm");
      expect(await judge(token, unpinned(key))).toBe("believed");
    }
  });

  test.each(others)("its signature under the name of %s is refused", async (named) => {
    const expected = isRsa(alg) && isRsa(named) ? "invalid_signature" : "disallowed_algorithm";
    expect(await judge(signedAs(named, key), unpinned(key))).toBe(expected);
  });

  test("another key of its kind verifies nothing of it", async () => {
    const forger = createTestKey("1", alg);
    expect(await judge(signedAs(alg, forger), pinned(key))).toBe("invalid_signature");
  });

  test("S18: a signature of another form is none, and none makes it throw", async () => {
    const good = signature(key, inputOf(alg));
    const changed = Buffer.from(good);
    changed[changed.length - 1]! ^= 1;
    const forms = [
      changed,
      good.subarray(1),
      good.subarray(0, -1),
      Buffer.concat([good, Buffer.alloc(1)]),
      Buffer.concat([Buffer.alloc(1), good]),
      Buffer.concat([good, good]),
      Buffer.alloc(good.length),
      Buffer.alloc(good.length, 0xff),
      Buffer.alloc(1),
      Buffer.alloc(1_000, 1),
    ];
    for (const form of forms) {
      expect(await judge(signedBy(alg, form), pinned(key))).toBe("invalid_signature");
    }
    expect(await judge(`${inputOf(alg)}.`, pinned(key))).toBe("malformed_token");
    expect(await judge(signedBy(alg, good), pinned(key))).toBe("believed");
  });

  test("has the rest of the policy as all have it", async () => {
    const settings = { ...ROLLUP_SETTINGS, profile: "oidc", idTokenSigningAlgs: [alg] } as const;
    clock.restore();
    const api = createTokenJudge(settings, alg);
    clock = api.clock;
    const claims = { sub: "alice", jti: "1" };
    expect(await api.judgeIdToken({ claims })).toBe("believed");
    const scoped = { claims: { ...claims, scope: "openid" } };
    expect(await api.judgeIdToken(scoped)).toBe("wrong_token_kind");
    const header = { typ: "at+jwt" };
    expect(await api.judgeIdToken({ claims, header })).toBe("wrong_token_kind");
    const refused = [
      [{ iss: "https://else.example" }, "invalid_issuer"],
      [{ aud: "another" }, "invalid_audience"],
      [{ exp: IAT - 60 }, "invalid_lifetime"],
      [{ sub: "" }, "invalid_subject"],
    ] as const;
    for (const [wrong, reason] of refused) {
      expect(await api.judgeIdToken({ claims: { ...claims, ...wrong } })).toBe(reason);
    }
    const [signed = "", , proof = ""] = api.issuer.idToken({ claims }).split(".");
    const bob = { ...CLAIMS, sub: "bob" };
    expect(await api.judge(`${signed}.${encode(JSON.stringify(bob))}.${proof}`)).toBe(
      "invalid_signature",
    );
    const other = api.issuer.addKey("other", alg === "ES256" ? "ES384" : "ES256");
    const unlisted = api.issuer.sign(headerOf(other), bob, other);
    expect(await api.judge(unlisted)).toBe("disallowed_algorithm");
  });
});

test("S01: Rollup ID has one algorithm, and no setting to name", async () => {
  clock.restore();
  const api = createTokenJudge();
  clock = api.clock;
  expect(await api.judge(signedAs("ES384", KEYS.ES384))).toBe("disallowed_algorithm");
  expect(api.lines.at(-1)?.fields).not.toHaveProperty("setting");
});

describe("S18: forms of one kind alone", () => {
  test.each(["ES256", "ES384", "ES512"] as const)(
    "%s: DER, as X.509 has it (RFC 7518 section 3.4 has r and s)",
    async (alg) => {
      const { privateKey } = KEYS[alg];
      const der = sign(`sha${alg === "ES512" ? "512" : alg.slice(2)}`, Buffer.from(inputOf(alg)), {
        key: privateKey,
        dsaEncoding: "der",
      });
      expect(await judge(signedBy(alg, der), pinned(KEYS[alg]))).toBe("invalid_signature");
    },
  );

  test.each(["PS256", "PS384", "PS512"] as const)(
    "%s: a salt that is not as long as the hash (RFC 7518 section 3.5)",
    async (alg) => {
      const bytes = Number(alg.slice(2)) / 8;
      const salted = (saltLength: number) =>
        sign(alg.replace("PS", "sha"), Buffer.from(inputOf(alg)), {
          key: RSA.privateKey,
          padding: constants.RSA_PKCS1_PSS_PADDING,
          saltLength,
        });
      for (const length of [0, bytes - 1, bytes + 1, constants.RSA_PSS_SALTLEN_MAX_SIGN]) {
        expect(await judge(signedBy(alg, salted(length)), pinned(KEYS[alg]))).toBe(
          "invalid_signature",
        );
      }
      expect(await judge(signedBy(alg, salted(bytes)), pinned(KEYS[alg]))).toBe("believed");
    },
  );

  test("HMAC by the public key, or by the client secret, is no algorithm of a stage", async () => {
    expect(ID_TOKEN_ALGS.filter((alg) => /^HS|none/i.test(alg))).toEqual([]);
    const token = signedAs("ES256", KEYS.ES256).split(".").slice(1).join(".");
    for (const alg of ["HS256", "HS384", "HS512", "none", "ES256K", "Ed25519", "constructor"]) {
      const header = encode(JSON.stringify({ alg, kid: "1" }));
      const { reason, setting } = await refusal(`${header}.${token}`, pinned(KEYS.ES256));
      expect([reason, setting]).toEqual(["disallowed_algorithm", undefined]);
    }
  });
});
