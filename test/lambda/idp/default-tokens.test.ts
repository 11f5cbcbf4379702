/**
 * Default tokens and token answers of every preset, through the real verifier and the real reader
 * of token answers, with the settings that the preset resolves to.
 */
import type { IdpSettings } from "../../../lambda/env";
import { createProfile } from "../../../lambda/idp/profile";
import { readCodeAnswer, readTokenAnswer } from "../../../lambda/idp/token-answer";
import { PRESET_NAMES, type PresetName } from "../../../lib/provider/preset";
import { presetOf, resolveIdp } from "../../../lib/provider/resolve";
import { createTokenJudge } from "../../support/token-judge";
import { encode, NOW } from "../../support/tokens";
import { DEFAULT_TOKENS } from "./default-tokens/all";
import { type Members, opaque } from "./default-tokens/shape";

function world(name: PresetName, changes: Partial<IdpSettings> = {}) {
  const tokens = DEFAULT_TOKENS[name];
  const settings: IdpSettings = { ...resolveIdp(tokens.idp, {}), ...changes };
  const preset = presetOf(name);
  const provider = createTokenJudge(settings, tokens.alg);
  const [key] = provider.issuer.jwks().keys;
  const sign = (claims: Members, header: Members = tokens.header ?? { typ: "JWT" }) =>
    provider.issuer.sign({ alg: tokens.alg, kid: key?.["kid"], ...header }, { ...claims });
  const context = { settings, profile: createProfile(settings), now: NOW };
  const respond = (status: number, body: Members) => ({
    status,
    headers: {},
    body: Buffer.from(JSON.stringify(body)),
  });
  return {
    tokens,
    settings,
    preset,
    provider,
    sign,
    /** The verdict on a token that came in the member `id_token`. */
    exchanged: async (token: string) =>
      await provider.idTokens.verifyExchanged(token).then(
        ({ sub, nonce }) => `believed ${sub} ${String(nonce)}`,
        (error: unknown) => (error as { reason: string }).reason,
      ),
    codeAnswer: (body: Members) => readCodeAnswer(respond(200, body), context),
    refreshAnswer: (status: number, body: Members) =>
      readTokenAnswer(respond(status, body), { ...context, sub: tokens.sub }),
  };
}

describe.each(PRESET_NAMES)("%s", (name) => {
  // One key for all of them: making an RSA key takes longer than everything else.
  let it: ReturnType<typeof world>;
  beforeAll(() => {
    it = world(name);
  });
  // Jest takes the spy of createTestClock back after each test.
  beforeEach(() => {
    jest.spyOn(Date, "now").mockReturnValue(NOW);
  });

  test("its default ID token is believed, as a bearer and out of a token answer", async () => {
    const { tokens, provider, sign, exchanged } = it;
    const idToken = sign(tokens.idToken);
    expect(await provider.judge(idToken)).toBe("believed");
    expect(await exchanged(idToken)).toBe(
      `believed ${tokens.sub} ${String(tokens.idToken["nonce"])}`,
    );
  });

  test("it lives as long as the preset says, and one that lives longer than the stage allows does not pass", async () => {
    const { tokens, preset, settings, provider, sign, exchanged } = it;
    const { iat, exp } = tokens.idToken as { iat: number; exp: number };
    if (preset.habits.idTokenLifetimeSeconds !== "unknown") {
      expect(exp - iat).toBe(preset.habits.idTokenLifetimeSeconds);
    }
    const most =
      settings.profile === "rollup" ? 3_600 : (settings.idTokenMaxLifetimeSeconds ?? 86_400);
    const longest = sign({ ...tokens.idToken, exp: iat + most });
    const longer = sign({ ...tokens.idToken, exp: iat + most + 1 });
    expect(await exchanged(longest)).toContain("believed");
    expect(await exchanged(longer)).toBe("invalid_lifetime");
    expect(await provider.judge(longer)).toBe("invalid_lifetime");
  });

  test("S14: the same for another client, or of another issuer, is refused", async () => {
    const { tokens, provider, sign } = it;
    const { aud } = tokens.idToken as { aud: string | string[] };
    const others = Array.isArray(aud) ? aud.slice(1) : [];
    const elsewhere = sign({ ...tokens.idToken, aud: ["another-client", ...others] });
    expect(await provider.judge(elsewhere)).toBe("invalid_audience");
    const foreign = sign({ ...tokens.idToken, iss: "https://op.evil.example" });
    expect(await provider.judge(foreign)).toBe("invalid_issuer");
  });

  const kinds = Object.keys(DEFAULT_TOKENS[name].accessTokens);

  test.each(kinds)("S13: an access token (%s) is no ID token", async (kind) => {
    const { tokens, preset, provider, sign, exchanged } = it;
    const accessToken = tokens.accessTokens[kind]!(sign);
    const isAlike = preset.habits.toldApart === "nothing" && kind.includes("nothing");
    expect((await provider.judge(accessToken)) === "believed").toBe(isAlike);
    expect((await exchanged(accessToken)).startsWith("believed")).toBe(isAlike);
  });

  test.each(kinds)(
    "the answer to a code is read, and its access token (%s) kept untouched",
    (kind) => {
      const { tokens, sign, codeAnswer } = it;
      const [accessToken, refreshToken] = [tokens.accessTokens[kind]!(sign), opaque()];
      const idToken = sign(tokens.idToken);
      const body = { ...tokens.answer, access_token: accessToken, refresh_token: refreshToken };
      const seconds = (tokens.answer["expires_in"] as number | undefined) ?? 3_600;
      expect(codeAnswer({ ...body, id_token: idToken })).toMatchObject({
        kind: "tokens",
        idToken,
        refreshToken,
        accessToken: { accessToken, tokenType: "Bearer", expiresAt: NOW + seconds * 1_000 },
      });
    },
  );

  test.each(kinds)(
    "the answer to a refresh is read, and its access token (%s) kept untouched",
    (kind) => {
      const { tokens, sign, refreshAnswer } = it;
      const { refreshed } = tokens;
      const accessToken = tokens.accessTokens[kind]!(sign);
      const refreshToken = refreshed.refreshToken ? opaque() : undefined;
      const idToken =
        refreshed.idToken === "unsigned"
          ? unsigned(tokens.idToken)
          : refreshed.idToken && sign({ ...tokens.idToken, nonce: undefined });
      const isProven = name === "rollup" || refreshed.idToken !== false;
      expect(
        refreshAnswer(200, {
          ...tokens.answer,
          access_token: accessToken,
          refresh_token: refreshToken,
          ...(idToken !== false && { id_token: idToken }),
        }),
      ).toMatchObject({
        kind: "tokens",
        refreshToken,
        foreign: false,
        sub: isProven ? tokens.sub : undefined,
        accessToken: { accessToken },
      });
    },
  );

  test("S29: an ID token of another user in the answer to a refresh is noticed", () => {
    const { tokens, sign, refreshAnswer } = it;
    const [kind] = kinds;
    const id_token = sign({ ...tokens.idToken, sub: "somebody-else" });
    const access_token = tokens.accessTokens[kind!]!(sign);
    expect(refreshAnswer(200, { ...tokens.answer, access_token, id_token })).toMatchObject({
      kind: "tokens",
      foreign: true,
    });
  });

  test("S48: its words for a dead grant end the grant, and those for a wrong client do not", () => {
    const { tokens, refreshAnswer } = it;
    const kindsOf = (answers: typeof tokens.dead) =>
      answers.map(([status, body]) => refreshAnswer(status, body).kind);
    expect(new Set(kindsOf(tokens.dead))).toEqual(new Set(["refused"]));
    expect(kindsOf(tokens.rejected)).not.toContain("refused");
    expect(kindsOf(tokens.rejected)).toContain("client_rejected");
    // A gateway before the provider, and the provider's own trouble.
    expect(refreshAnswer(503, { error: "temporarily_unavailable" }).kind).toBe("failed");
    expect(refreshAnswer(400, { error: "invalid_request" }).kind).toBe("failed");
  });
});

test("Google's other spelling of its issuer is one and the same", async () => {
  const { tokens, provider, sign } = world("google");
  const spelled = { ...tokens.idToken, iss: "accounts.google.com" };
  expect(await provider.judge(sign(spelled))).toBe("believed");
});

test("Entra's unsigned ID token of a refresh is one that no caller can present", async () => {
  const { tokens, provider, exchanged } = world("entra");
  expect(await provider.judge(unsigned(tokens.idToken))).toBe("malformed_token");
  expect(await exchanged(unsigned(tokens.idToken))).toBe("malformed_token");
});

test("ZITADEL's default ID token needs the list of audiences that its preset asks for", async () => {
  const { tokens, provider, sign } = world("zitadel", { trustedAudiences: [] });
  expect(await provider.judge(sign(tokens.idToken))).toBe("invalid_audience");
  expect(provider.lines.at(-1)?.fields).toMatchObject({ setting: "idp.trustedAudiences" });
});

function unsigned(claims: Members): string {
  return `${encode('{"typ":"JWT","alg":"none"}')}.${encode(JSON.stringify(claims))}.`;
}
