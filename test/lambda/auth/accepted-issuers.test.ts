/** One issuer under several spellings (`acceptedIssuers`): whoever compares `iss` agrees. */
import { createSignatureCheck } from "../../../lambda/auth/signature";
import type { IdpSettings } from "../../../lambda/env";
import { encryptionContext } from "../../../lambda/kms/binding";
import { createTokenJudge, type TokenJudge } from "../../support/token-judge";
import { ALICE, CLIENT_ID, encode, NOW, signature } from "../../support/tokens";
import { ROLLUP_SETTINGS } from "../../support/users-api";
import { outcome } from "../idp/answers";

const GOOGLE = "https://accounts.google.com";
const LEGACY = "accounts.google.com";
const OIDC: IdpSettings = { ...ROLLUP_SETTINGS, profile: "oidc", issuer: GOOGLE };
const LISTED: IdpSettings = { ...OIDC, acceptedIssuers: [LEGACY] };
const NAMED = "invalid_issuer idp.acceptedIssuers";

let api: TokenJudge | undefined;

afterEach(() => {
  api?.clock.restore();
});

function judgeWith(settings: IdpSettings): TokenJudge {
  api?.clock.restore();
  api = createTokenJudge(settings);
  return api;
}

/** The verdicts on a bearer (with the setting that the log names), an answer, a refresh token. */
async function verdicts(iss: unknown, settings: IdpSettings): Promise<readonly string[]> {
  const judge = judgeWith(settings);
  const claims = { iss, sub: ALICE };
  const bearer = await judge.judgeIdToken({ claims });
  const { setting } = (judge.lines.at(-1)?.fields ?? {}) as { setting?: string };
  const token = judge.issuer.idToken({ claims });
  const answered = await judge.idTokens.verifyExchanged(token).then(
    () => "believed",
    (error: unknown) => (error as { reason: string }).reason,
  );
  const refreshToken = judge.issuer.refreshToken({ claims });
  const handedIn = await judge.refreshTokens.verify(refreshToken, ALICE).then(
    () => "believed",
    (error: unknown) => (error as { cause?: { reason: string } }).cause?.reason ?? "no cause",
  );
  const compared = outcome(200, { access_token: "opaque", id_token: token }, { settings });
  const isForeign = compared.kind === "tokens" && compared.foreign;
  const named = setting === undefined ? bearer : `${bearer} ${setting}`;
  return [named, answered, handedIn, isForeign ? "foreign" : "ours"];
}

const ALL = ["believed", "believed", "believed", "ours"];
const NONE = ["invalid_issuer", "invalid_issuer", "invalid_issuer", "foreign"];

describe("S10: iss is the issuer, or a spelling of it that the stage lists", () => {
  test("for an ID token of a caller or of the provider, a refresh token, and a token answer", async () => {
    expect(await verdicts(GOOGLE, LISTED)).toEqual(ALL);
    expect(await verdicts(LEGACY, LISTED)).toEqual(ALL);
    expect(await verdicts(LEGACY, OIDC)).toEqual([NAMED, ...NONE.slice(1)]);
    // The issuer itself among the spellings changes nothing.
    expect(await verdicts(LEGACY, { ...OIDC, acceptedIssuers: [GOOGLE, LEGACY] })).toEqual(ALL);
  });

  test.each([
    "https://evil.example",
    "accounts.google.com.evil.example",
    "Accounts.google.com",
    "accounts.google.co",
    "",
    null,
    7,
    [LEGACY],
    [GOOGLE],
    { 0: GOOGLE },
  ])("and never %j, which no log line advises to accept", async (iss) => {
    expect((await verdicts(iss, LISTED)).slice(0, 3)).toEqual(NONE.slice(0, 3));
    expect((await verdicts(iss, OIDC)).slice(0, 3)).toEqual(NONE.slice(0, 3));
  });

  test.each([
    [GOOGLE, `${GOOGLE}/`, true],
    [`${GOOGLE}/`, GOOGLE, true],
    [GOOGLE, "http://accounts.google.com", true],
    [GOOGLE, "https://accounts.google.com/v2", false],
    [`${GOOGLE}/a`, `${GOOGLE}/b`, false],
    [GOOGLE, "https://https://accounts.google.com", false],
    [GOOGLE, "ftp://accounts.google.com", false],
    [GOOGLE, "https:///accounts.google.com", false],
  ])("of %s: the log of %s names the setting: %j", async (issuer, iss, isNamed) => {
    const [bearer] = await verdicts(iss, { ...OIDC, issuer });
    expect(bearer).toBe(isNamed ? NAMED : "invalid_issuer");
  });

  test("Rollup ID has one spelling, and no setting", async () => {
    const settings = { ...ROLLUP_SETTINGS, issuer: GOOGLE };
    expect((await verdicts(LEGACY, settings))[0]).toBe("invalid_issuer");
  });
});

test("a user is one, under either spelling", async () => {
  const judge = judgeWith(LISTED);
  const putMe = async (iss: string) =>
    await judge.verdict(judge.issuer.idToken({ claims: { iss } }));
  expect([await putMe(GOOGLE), await putMe(LEGACY), await putMe(GOOGLE)]).toEqual([201, 200, 200]);
});

test("what is sealed is bound to the issuer, whatever else it is called", () => {
  const context = { sub: ALICE, grantId: "g", gen: 1 };
  expect(encryptionContext(LISTED, context)).toEqual(encryptionContext(OIDC, context));
});

describe("the library, which looks again", () => {
  const algs = ["RS256", "PS256"] as const;

  test.each([
    [GOOGLE, "believed"],
    [LEGACY, "believed"],
    ["https://evil.example", "refused"],
  ])("%s is %s", (iss, expected) => {
    const judge = judgeWith(LISTED);
    const key = judge.issuer.addKey("k", "ES256");
    const iat = NOW / 1000;
    const payload = { iss, aud: CLIENT_ID, sub: ALICE, iat, exp: iat + 60 };
    const header = { alg: "ES256", kid: "k" } as const;
    const input = [header, payload].map((part) => encode(JSON.stringify(part))).join(".");
    const signed = { signingInput: Buffer.from(input), signature: signature(key, input) };
    const check = createSignatureCheck({ settings: LISTED, policy: { clockToleranceSeconds: 0 } });
    const run = () => {
      check({ header, payload, ...signed }, key.publicJwk as never);
      return "believed";
    };
    if (expected === "believed") {
      expect(run()).toBe("believed");
    } else {
      expect(run).toThrow("unauthorized");
    }
  });

  test("our own check comes first, with every kind of key", async () => {
    for (const alg of algs) {
      const settings = { ...LISTED, idTokenSigningAlgs: [alg] };
      api?.clock.restore();
      api = createTokenJudge(settings, alg);
      expect(await api.judgeIdToken({ claims: { iss: LEGACY } })).toBe("believed");
      expect(await api.judgeIdToken({ claims: { iss: "evil" } })).toBe("invalid_issuer");
    }
  });
});
