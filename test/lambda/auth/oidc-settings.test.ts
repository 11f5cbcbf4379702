/**
 * What OpenID Connect allows and a provider does: refused without a setting for it, and then the
 * log names the setting.
 */
import type { IdpSettings } from "../../../lambda/env";
import { createTokenJudge, type TokenJudge } from "../../support/token-judge";
import { CLIENT_ID, NOW } from "../../support/tokens";
import { ROLLUP_SETTINGS } from "../../support/users-api";

const NOW_SECONDS = NOW / 1000;
const HOUR = 3_600;

let api: TokenJudge | undefined;

afterEach(() => {
  api?.clock.restore();
});

function judgeWith(settings: Partial<IdpSettings> = {}): TokenJudge {
  api?.clock.restore();
  api = createTokenJudge({ ...ROLLUP_SETTINGS, profile: "oidc", ...settings });
  return api;
}

/** The verdict on a bearer, and the setting that the log names. */
async function bearer(claims: object, settings: Partial<IdpSettings> = {}): Promise<string> {
  const judge = judgeWith(settings);
  const verdict = await judge.judgeIdToken({ claims: { ...claims } });
  const { setting } = (judge.lines.at(-1)?.fields ?? {}) as { setting?: string };
  return setting === undefined ? verdict : `${verdict} ${setting}`;
}

/** The verdict on a token that the provider itself has put into the member `id_token`. */
async function answered(claims: object, settings: Partial<IdpSettings> = {}): Promise<string> {
  const { reason } = await refusedAnswer(claims, settings);
  return reason;
}

/** The same with the setting, as `bearer` has it. */
async function answeredWith(claims: object, settings: Partial<IdpSettings> = {}): Promise<string> {
  const { reason, setting } = await refusedAnswer(claims, settings);
  return setting === undefined ? reason : `${reason} ${setting}`;
}

async function refusedAnswer(claims: object, settings: Partial<IdpSettings>) {
  const judge = judgeWith(settings);
  return await judge.idTokens.verifyExchanged(judge.issuer.idToken({ claims: { ...claims } })).then(
    () => ({ reason: "believed", setting: undefined }),
    (error: unknown) => error as { reason: string; setting: string | undefined },
  );
}

const lasting = (seconds: number, age = 0) => ({
  iat: NOW_SECONDS - age,
  exp: NOW_SECONDS - age + seconds,
});

describe("lifetime", () => {
  test.each([
    [3_900, "Microsoft's CIAM"],
    [36_000, "Auth0"],
    [43_200, "ZITADEL"],
    [86_400, "the most without a setting"],
  ])("%d seconds (%s) are believed", async (seconds) => {
    expect(await bearer(lasting(seconds))).toBe("believed");
  });

  test("a longer one takes a setting", async () => {
    const claims = lasting(86_401);
    const named = "invalid_lifetime idp.idTokenMaxLifetimeSeconds";
    expect(await bearer(claims)).toBe(named);
    expect(await answered(claims)).toBe("invalid_lifetime");
    expect(await bearer(claims, { idTokenMaxLifetimeSeconds: 86_401 })).toBe("believed");
    expect(await bearer(lasting(601), { idTokenMaxLifetimeSeconds: 600 })).toBe(named);
  });

  test("a bearer counts for an hour all the same, unless the stage says otherwise", async () => {
    const [last, first] = [lasting(36_000, HOUR + 59), lasting(36_000, HOUR + 60)];
    const named = "invalid_lifetime idp.idTokenMaxAgeSeconds";
    expect(await bearer(last)).toBe("believed");
    expect(await bearer(first)).toBe(named);
    expect(await bearer(first, { idTokenMaxAgeSeconds: 2 * HOUR })).toBe("believed");
    expect(await bearer(lasting(36_000, 660), { idTokenMaxAgeSeconds: 600 })).toBe(named);
    // What comes from the provider has its `exp` alone.
    expect(await answered(first)).toBe("believed");
  });

  test("one that has run out is not worth a setting", async () => {
    expect(await bearer(lasting(HOUR, 2 * HOUR))).toBe("invalid_lifetime");
  });
});

describe("clock", () => {
  const ahead = (seconds: number) => ({ iat: NOW_SECONDS + seconds, exp: NOW_SECONDS + HOUR });

  test.each(["rollup", "oidc"] as const)("of the provider ahead of ours (%s)", async (profile) => {
    const named = "invalid_lifetime idp.clockToleranceSeconds";
    expect(await bearer(ahead(60), { profile })).toBe("believed");
    expect(await bearer(ahead(90), { profile })).toBe(named);
    expect(await bearer({ nbf: NOW_SECONDS + 90 }, { profile })).toBe(named);
    const tolerant = { profile, clockToleranceSeconds: 90 };
    expect(await bearer(ahead(90), tolerant)).toBe("believed");
    expect(await bearer({ nbf: NOW_SECONDS + 90 }, tolerant)).toBe("believed");
    expect(await bearer(ahead(91), tolerant)).toBe(named);
    expect(await bearer(ahead(300), { profile })).toBe(named);
    // No setting goes so far.
    expect(await bearer(ahead(301), tolerant)).toBe("invalid_lifetime");
    expect(await bearer(ahead(1), { profile, clockToleranceSeconds: 0 })).toBe(named);
  });

  test("of the provider behind ours: the signature's library tolerates as much as we do", async () => {
    expect(await bearer(lasting(600, 600 + 89), { clockToleranceSeconds: 90 })).toBe("believed");
    expect(await bearer(lasting(600, 600 + 90), { clockToleranceSeconds: 90 })).toBe(
      "invalid_lifetime",
    );
  });
});

describe("clock of the provider so far behind that what it has just sent has run out", () => {
  test.each(["rollup", "oidc"] as const)("names the setting (%s)", async (profile) => {
    const named = "invalid_lifetime idp.clockToleranceSeconds";
    const behind = (seconds: number) => lasting(60, 60 + seconds);
    expect(await answeredWith(behind(59), { profile })).toBe("believed");
    expect(await answeredWith(behind(60), { profile })).toBe(named);
    expect(await answeredWith(behind(299), { profile })).toBe(named);
    // No setting goes so far, and of a bearer nobody knows why it is old.
    expect(await answeredWith(behind(300), { profile })).toBe("invalid_lifetime");
    expect(await bearer(behind(60), { profile })).toBe("invalid_lifetime");
    const tolerant = { profile, clockToleranceSeconds: 300 };
    expect(await answeredWith(behind(299), tolerant)).toBe("believed");
  });
});

test.each([{ token_use: ["id"] }, { token_use: 1 }, { typ: null }])(
  "S13: a kind that is no text is none of an ID token: %j",
  async (claims) => {
    expect(await bearer(claims)).toBe("wrong_token_kind");
  },
);

describe("audience", () => {
  const trusted = { trustedAudiences: ["project", "other"] };

  test.each([
    ["ours and one more", { aud: [CLIENT_ID, "project"], azp: CLIENT_ID }, "believed"],
    ["ours last", { aud: ["other", "project", CLIENT_ID], azp: CLIENT_ID }, "believed"],
    ["ours alone", { aud: CLIENT_ID }, "believed"],
    // No setting lets a token pass that does not say for whom it is.
    ["no azp", { aud: [CLIENT_ID, "project"] }, "invalid_audience"],
    [
      "one that is not trusted",
      { aud: [CLIENT_ID, "project", "evil"], azp: CLIENT_ID },
      "invalid_audience idp.trustedAudiences",
    ],
    ["not ours", { aud: ["project"], azp: CLIENT_ID }, "invalid_audience"],
    ["not ours, as a text", { aud: "project", azp: CLIENT_ID }, "invalid_audience"],
  ])("%s", async (_, claims, expected) => {
    expect(await bearer(claims, trusted)).toBe(expected);
  });

  test("without the setting nothing may stand beside ours", async () => {
    const claims = { aud: [CLIENT_ID, "project"], azp: CLIENT_ID };
    expect(await bearer(claims)).toBe("invalid_audience idp.trustedAudiences");
    expect(await bearer(claims, { profile: "rollup" })).toBe("invalid_audience");
  });

  test("azp is ignored where aud is ours alone, also in an answer", async () => {
    for (const claims of [{ azp: "native-app" }, { azp: null, aud: CLIENT_ID }]) {
      expect(await bearer(claims)).toBe("believed");
      expect(await answered(claims)).toBe("believed");
    }
  });

  test("beside other audiences azp is ours, or listed", async () => {
    const claims = { aud: [CLIENT_ID, "project"], azp: "native-app" };
    const { trustedAudiences } = trusted;
    const named = "invalid_audience idp.trustedAzp";
    expect(await bearer(claims, trusted)).toBe(named);
    expect(await bearer({ ...claims, azp: null }, trusted)).toBe(named);
    expect(await bearer(claims, { trustedAudiences, trustedAzp: ["other-app"] })).toBe(named);
    expect(await bearer(claims, { trustedAudiences, trustedAzp: ["native-app"] })).toBe("believed");
  });

  test("azp may be an app of ours that the stage lists, and then nobody else", async () => {
    const claims = { azp: "native-app" };
    expect(await bearer(claims, { trustedAzp: [] })).toBe("invalid_audience idp.trustedAzp");
    expect(await bearer({ azp: CLIENT_ID }, { trustedAzp: [] })).toBe("believed");
    expect(await bearer({}, { trustedAzp: [] })).toBe("believed");
    expect(await bearer(claims, { trustedAzp: ["native-app"] })).toBe("believed");
    expect(await bearer({ azp: CLIENT_ID }, { trustedAzp: ["native-app"] })).toBe("believed");
    expect(await bearer({ azp: "evil" }, { trustedAzp: ["native-app"] })).toBe(
      "invalid_audience idp.trustedAzp",
    );
    expect(await bearer({ azp: null }, { trustedAzp: ["native-app"] })).toBe(
      "invalid_audience idp.trustedAzp",
    );
    expect(await bearer(claims, { profile: "rollup" })).toBe("invalid_audience");
    expect(await answered(claims, { trustedAzp: [] })).toBe("invalid_audience");
  });
});

describe("S13: claims of access tokens", () => {
  const named = "wrong_token_kind idp.idTokenAllowedClaims";

  test.each([{ scope: "read" }, { scp: ["openid"] }, { client_id: CLIENT_ID }])(
    "a bearer with %j is refused, unless the stage says that ID tokens have it",
    async (claims) => {
      expect(await bearer(claims)).toBe(named);
      const [name] = Object.keys(claims) as ("scope" | "scp" | "client_id")[];
      expect(await bearer(claims, { idTokenAllowedClaims: [name!] })).toBe("believed");
    },
  );

  test.each([
    [{ scope: "openid" }, "believed"],
    [{ scope: "email openid", nonce: "n" }, "believed"],
    [{ scope: "openid-admin" }, named],
    [{ scope: ["openid"] }, named],
    [{ scope: "openid", azp: CLIENT_ID }, named],
    [{ scope: "openid", roles: [] }, named],
    [{ scope: "openid", scp: "openid" }, named],
  ])("scope with nothing else of an access token: %j is %s", async (claims, expected) => {
    expect(await bearer(claims)).toBe(expected);
  });

  test("what one setting allows is that claim alone", async () => {
    const claims = { scope: "openid", client_id: CLIENT_ID };
    expect(await bearer(claims, { idTokenAllowedClaims: ["scope"] })).toBe(named);
  });

  test.each([{ at_hash: "x" }, { c_hash: "x" }, { typ: "ID" }, { token_use: "id" }])(
    "%j shows an ID token, whatever else it has",
    async (mark) => {
      expect(await bearer({ scope: "openid", jti: "1", ...mark })).toBe("believed");
    },
  );

  test.each([{ at_hash: "" }, { at_hash: 7 }, { typ: "JWT" }, { nonce: "n" }, { typ: "id" }])(
    "%j does not",
    async (mark) => {
      expect(await bearer({ scope: "openid", jti: "1", ...mark })).toBe(named);
    },
  );

  test.each([
    { typ: "Bearer" },
    { at_hash: "x", typ: "Bearer" },
    { typ: "ID", token_use: "access" },
  ])("%j says another kind, which no setting allows", async (mark) => {
    const claims = { scope: "openid", jti: "1", ...mark };
    expect(await bearer(claims)).toBe("wrong_token_kind");
    expect(await bearer(claims, { idTokenAllowedClaims: ["scope"] })).toBe("wrong_token_kind");
    expect(await answered(claims)).toBe("wrong_token_kind");
  });

  test.each([
    [{ scope: "" }, "believed"],
    [{ jti: "" }, "believed"],
    [{ scope: ["openid"] }, "malformed_token"],
    [{ scope: null }, "malformed_token"],
    [{ jti: 1 }, "malformed_token"],
    [{ jti: null }, "malformed_token"],
  ])("%j beside a mark of an ID token is %s", async (claims, expected) => {
    expect(await bearer({ ...claims, at_hash: "x" })).toBe(expected);
    expect(await answered(claims)).toBe(expected);
  });

  test("what the provider has put into `id_token` is one", async () => {
    const claims = { scope: "openid", scp: [], client_id: CLIENT_ID };
    expect(await answered(claims)).toBe("believed");
  });

  test("Rollup ID's tokens have none of these marks, and no setting", async () => {
    for (const claims of [
      { scope: "openid", at_hash: "x" },
      { jti: "1", typ: "ID" },
    ]) {
      expect(await bearer(claims, { profile: "rollup" })).toBe("wrong_token_kind");
      expect(await answered(claims, { profile: "rollup" })).toBe("wrong_token_kind");
    }
  });
});

describe("size", () => {
  const padded = (bytes: number) => ({ groups: "x".repeat(bytes) });
  const picture = { picture: `data:image/png;base64,${"A".repeat(10_000)}` };

  test("S17: a bearer has 16 KB, and 4 KB for Rollup ID", async () => {
    expect(await bearer(padded(11_700))).toBe("believed");
    expect(await bearer(padded(12_200))).toBe("malformed_token");
    expect(await bearer(picture)).toBe("believed");
    expect(await bearer(padded(2_000), { profile: "rollup" })).toBe("believed");
    expect(await bearer(padded(4_000), { profile: "rollup" })).toBe("malformed_token");
  });

  test.each(["rollup", "oidc"] as const)(
    "a token out of an answer has the answer's, and a claim too large is left out (%s)",
    async (profile) => {
      const judge = judgeWith({ profile });
      const token = judge.issuer.idToken({ claims: picture });
      const { claims } = await judge.idTokens.verifyExchanged(token);
      expect(claims).toEqual({ name: "Alice" });
      expect(await answered(padded(40_000), { profile })).toBe("believed");
      expect(await answered(padded(50_000), { profile })).toBe("malformed_token");
    },
  );
});

describe("a key set that took too long says which limit it was, and one that is down does not", () => {
  const settingOf = ({ lines }: TokenJudge) =>
    (lines.at(-1)?.fields as { reason?: string; setting?: string } | undefined)?.setting;
  const cases = [
    ["slow", "idp.jwksTimeoutMs"],
    ["down", undefined],
    [{ status: 500 }, undefined],
  ] as const;

  test.each(cases)("while there are no keys: %p", async (answer, setting) => {
    const judge = judgeWith();
    judge.server.answer("slow");
    expect(await judge.judgeIdToken({})).toBe("503");
    judge.clock.advance(2_000);
    judge.server.answer(answer);
    expect(await judge.judgeIdToken({})).toBe("503");
    expect(judge.lines.at(-1)?.fields).toMatchObject({ reason: "key_set_unavailable" });
    expect(settingOf(judge)).toBe(setting);
  });

  test.each(cases)("where one key is not known: %p", async (answer, setting) => {
    const judge = judgeWith();
    expect(await judge.judgeIdToken({})).toBe("believed");
    judge.server.answer(answer);
    expect(await judge.judgeIdToken({ header: { kid: "new" } })).toBe("503");
    expect(judge.lines.at(-1)?.fields).toMatchObject({ reason: "key_set_unavailable" });
    expect(settingOf(judge)).toBe(setting);
  });
});
