import type { IdpSettings } from "../../../lambda/env";
import { createIdentity } from "../../../lambda/idp/identity";
import { createSignInWorld as createWorld } from "../../support/sign-in-world";
import { createTokenJudge, type TokenJudge } from "../../support/token-judge";
import { NOW } from "../../support/tokens";
import { ROLLUP_SETTINGS } from "../../support/users-api";

describe("how old the evidence may be that a session is opened with", () => {
  const HOUR_MS = 3_600_000;
  const OLDEST = NOW + 500 - HOUR_MS - 60_000;

  test.each([
    [OLDEST, "rvs_new"],
    [OLDEST - 1, "invalid_lifetime"],
  ])("an ID token issued at %d, however late its exp is: %s", async (issuedAt, expected) => {
    const idToken = { issuedAt, expiresAt: NOW + 9 * HOUR_MS };
    for (const begin of ["byIdToken", "byCode"] as const) {
      const world = createWorld({ idToken });
      const outcome = await world[begin]().then(
        ({ token }) => token,
        (error: unknown) => (error as { reason: string }).reason,
      );
      expect(outcome).toBe(expected);
      expect(world.steps.includes("user")).toBe(expected === "rvs_new");
    }
  });
});

describe("S12: the age is that of iat, by the setting that the refusal names", () => {
  const HOUR = 3_600;
  const OIDC = { ...ROLLUP_SETTINGS, profile: "oidc" } as const;
  let api: TokenJudge | undefined;

  afterEach(() => {
    api?.clock.restore();
  });

  /** What becomes of a token of the provider, by code and as a bearer; both are verified before. */
  async function outcomes(settings: IdpSettings, times: { iat: number; auth_time?: number }) {
    api?.clock.restore();
    const judge = (api = createTokenJudge(settings));
    const claims = { exp: NOW / 1000 + 20 * HOUR, ...times };
    const { idToken: idTokenPolicy } = createIdentity(settings);
    const idToken = await judge.idTokens.verifyExchanged(judge.issuer.idToken({ claims }));
    return await Promise.all(
      (["byIdToken", "byCode"] as const).map(async (begin) => {
        const world = createWorld({ idToken, idTokenPolicy, isCodeReusable: false });
        return await world[begin]().then(
          ({ token }) => token,
          (error: unknown) => {
            const { reason, setting } = error as { reason: string; setting?: string };
            return [reason, setting];
          },
        );
      }),
    );
  }

  const ago = (seconds: number) => ({ iat: NOW / 1000 - seconds });
  const NAMED = ["invalid_lifetime", "idp.idTokenMaxAgeSeconds"];
  const OPENED = ["rvs_new", "rvs_new"];

  test("an hour without a setting, less or more with one", async () => {
    expect(await outcomes(OIDC, ago(HOUR))).toEqual(OPENED);
    expect(await outcomes(OIDC, ago(2 * HOUR))).toEqual([NAMED, NAMED]);
    const more = { ...OIDC, idTokenMaxAgeSeconds: 2 * HOUR };
    expect(await outcomes(more, ago(2 * HOUR))).toEqual(OPENED);
    const less = { ...OIDC, idTokenMaxAgeSeconds: 600 };
    expect(await outcomes(less, ago(600))).toEqual(OPENED);
    expect(await outcomes(less, ago(700))).toEqual([NAMED, NAMED]);
  });

  test("a silent re-issue has an old auth_time and a new iat, and opens a session", async () => {
    expect(await outcomes(OIDC, { ...ago(0), auth_time: NOW / 1000 - 30 * 24 * HOUR })).toEqual(
      OPENED,
    );
  });

  test("a new auth_time does not make an old token new", async () => {
    expect(await outcomes(OIDC, { ...ago(2 * HOUR), auth_time: NOW / 1000 })).toEqual([
      NAMED,
      NAMED,
    ]);
  });

  test("Rollup ID has an hour, and no setting to name", async () => {
    const world = createWorld({
      idToken: { issuedAt: NOW - 2 * HOUR * 1000 },
      idTokenPolicy: createIdentity(ROLLUP_SETTINGS).idToken,
    });
    const refused = await world.byCode().catch((error: unknown) => error);
    expect(refused).toMatchObject({ reason: "invalid_lifetime", setting: undefined });
  });
});

describe("by ID token", () => {
  test("a refresh token beside it is looked at before anything is written", async () => {
    const world = createWorld({ fail: "precheck" });
    await expect(world.byIdToken("bob's")).rejects.toMatchObject({ reason: "foreign_subject" });
    expect(world.steps).toEqual(["precheck"]);
  });

  test("without one nothing is sealed", async () => {
    const world = createWorld();
    expect(await world.byIdToken()).toMatchObject({ token: "rvs_new", accessToken: undefined });
    expect(world.steps).toEqual(["user", "open", "find", "cap"]);
  });
});
