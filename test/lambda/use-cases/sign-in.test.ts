import type { VerifiedIdToken } from "../../../lambda/model";
import type { CodeOutcome } from "../../../lambda/ports";
import { createSignInByCode, createSignInByIdToken } from "../../../lambda/use-cases/sign-in";
import { InvalidRequestError, UnavailableError } from "../../../lambda/errors";
import { createLogDouble } from "../../support/exchange-world";
import { ALICE, NOW } from "../../support/tokens";

const REDIRECT_URI = "https://app.example/callback";
const ACCESS = {
  accessToken: "at",
  tokenType: "Bearer",
  expiresAt: NOW,
  scope: undefined,
} as const;
const TOKENS = { kind: "tokens", idToken: "id", accessToken: ACCESS, refreshToken: "rt" } as const;

interface Setting {
  readonly outcomes?: CodeOutcome[];
  readonly idToken?: Partial<VerifiedIdToken>;
  readonly erasedAt?: number;
  readonly secrets?: string[];
  readonly fail?: string;
  /** @default one that only tells who is at fault */
  readonly failure?: Error;
  readonly isCodeReusable?: boolean;
}

/** Notes what is done, in order; `fail` breaks at that step. */
function createWorld(setting: Setting = {}) {
  const { outcomes = [TOKENS], idToken = {}, secrets, erasedAt, fail } = setting;
  const { failure = new InvalidRequestError("foreign_subject") } = setting;
  const { log, lines } = createLogDouble();
  const steps: string[] = [];
  const step = <T>(name: string, value: T): Promise<T> => {
    steps.push(name);
    return fail === name ? Promise.reject(failure) : Promise.resolve(value);
  };
  const verified: VerifiedIdToken = {
    ...{ sub: ALICE, issuedAt: NOW, expiresAt: NOW + 1, claims: {}, tokenHash: "hash" },
    ...idToken,
  };
  const answers = [...outcomes];
  const [first = "secret", second = first] = secrets ?? [];
  const dependencies = {
    verifier: { verify: () => step("verify", verified) },
    tokenEndpoint: {
      exchangeCode: (_: unknown, secret: string) =>
        step(`exchange with ${secret}`, answers.shift() ?? TOKENS),
    },
    clientSecret: {
      current: () => step("secret", first),
      reread: () => step("reread", second),
    },
    redirectUris: [REDIRECT_URI],
    inspectRefreshToken: () => step("inspect", undefined),
    putUser: () => step("user", { user: { sub: ALICE } as never, erasure: undefined }),
    findUser: () =>
      step("find", {
        user: undefined,
        erasure: erasedAt === undefined ? undefined : { at: erasedAt, tokenHashes: [] },
        revocation: undefined,
      }),
    storeRefreshToken: () => step("store", {} as never),
    storeExchanged: () => step("store", {} as never),
    openSession: () => step("open", { token: "rvs_new", session: { id: "new" } as never }),
    endSession: ({ id }: { id: string }) => step(`end ${id}`, undefined),
    clock: { now: () => NOW + 500 },
    isPossibleCode: (each: string) => each !== "junk",
    isCodeReusable: setting.isCodeReusable ?? true,
    clockToleranceSeconds: 60,
  };
  const call = { by: "POST /sessions", userAgent: "Other", replaces: undefined, log };
  const code = { code: "c", redirectUri: REDIRECT_URI, codeVerifier: undefined };
  return {
    steps,
    lines,
    call,
    byCode: (
      overrides: Partial<typeof code> & { nonce?: string } = {},
      replaces?: { id: string },
    ) =>
      createSignInByCode(dependencies)(
        { ...code, ...overrides },
        { ...call, replaces: replaces as never },
      ),
    byIdToken: (refreshToken?: string) =>
      createSignInByIdToken(dependencies)(verified, refreshToken, call),
  };
}

describe("by code", () => {
  test("everything is stored before the session, and the session is there before anything is answered", async () => {
    const world = createWorld();
    expect(await world.byCode()).toMatchObject({ token: "rvs_new", accessToken: ACCESS });
    expect(world.steps).toEqual([
      ...["secret", "exchange with secret", "verify", "user", "store", "open", "find"],
    ]);
  });

  test("a redirect URI that is not listed costs nothing", async () => {
    const world = createWorld();
    const redirectUri = `${REDIRECT_URI}/`;
    await expect(world.byCode({ redirectUri })).rejects.toMatchObject({ reason: "invalid_member" });
    expect(world.steps).toEqual([]);
  });

  test("a code that the provider cannot have issued costs nothing, and the answer is to sign in", async () => {
    const world = createWorld();
    await expect(world.byCode({ code: "junk" })).rejects.toMatchObject({
      ...{ name: "UnauthorizedError", reason: "code_impossible" },
    });
    expect(world.steps).toEqual([]);
  });

  test("a rejected client secret is read again once, and the code tried again only with another one", async () => {
    const rejected = { kind: "client_rejected" } as const;
    const healed = createWorld({ outcomes: [rejected, TOKENS], secrets: ["old", "new"] });
    await healed.byCode();
    expect(healed.steps.slice(0, 4)).toEqual([
      ...["secret", "exchange with old", "reread", "exchange with new"],
    ]);
    const same = createWorld({ outcomes: [rejected] });
    await expect(same.byCode()).rejects.toMatchObject({ reason: "client_rejected" });
    expect(same.steps).toEqual(["secret", "exchange with secret", "reread"]);
  });

  const failed = (
    cause: "idp_in_doubt" | "idp_unavailable" | "idp_protocol" | "idp_rate_limited",
    processed: "no" | "maybe",
  ): CodeOutcome => ({ kind: "failed", cause, processed, retryAfterSeconds: undefined });

  test.each<[CodeOutcome, string]>([
    [{ kind: "refused" }, "code_refused"],
    // Sent, and nobody knows what became of it: the same code again may be a spent one for ever.
    [failed("idp_in_doubt", "maybe"), "code_in_doubt"],
    [failed("idp_unavailable", "maybe"), "code_in_doubt"],
    [failed("idp_protocol", "maybe"), "code_in_doubt"],
    // Never processed: the same code is as good as it was.
    [failed("idp_unavailable", "no"), "idp_unavailable"],
    [failed("idp_rate_limited", "no"), "idp_rate_limited"],
  ])("an answer %p is told by %s, and nothing is left behind", async (outcome, reason) => {
    const world = createWorld({ outcomes: [outcome] });
    await expect(world.byCode()).rejects.toMatchObject({ reason });
    expect(world.steps).toEqual(["secret", "exchange with secret"]);
  });

  test.each<[CodeOutcome, unknown[]]>([
    [failed("idp_in_doubt", "maybe"), ["warn code_exchange_failed idp_in_doubt"]],
    [failed("idp_unavailable", "no"), []],
    [{ kind: "refused" }, []],
  ])(
    "whoever has to sign in anew over a fault of the provider (%j): the log says %j",
    async (outcome, expected) => {
      const world = createWorld({ outcomes: [outcome] });
      await expect(world.byCode()).rejects.toThrow();
      expect(linesOf(world)).toEqual(expected);
    },
  );

  describe("after the code was exchanged", () => {
    const failure = new UnavailableError("store_unavailable");

    test.each(["verify", "user", "store", "open", "find"])(
      "an outage (%s) asks for a sign-in where the code is spent, and for patience where it is not",
      async (fail) => {
        const spent = createWorld({ fail, failure, isCodeReusable: false });
        await expect(spent.byCode()).rejects.toMatchObject({ reason: "code_spent" });
        expect(linesOf(spent)).toEqual(["warn sign_in_broken_off store_unavailable"]);
        const good = createWorld({ fail, failure, isCodeReusable: true });
        await expect(good.byCode()).rejects.toBe(failure);
        expect(linesOf(good)).toEqual([]);
      },
    );

    test("what is not an outage stays what it is", async () => {
      const world = createWorld({ fail: "user", isCodeReusable: false });
      await expect(world.byCode()).rejects.toMatchObject({ reason: "foreign_subject" });
    });
  });

  test.each(["verify", "user", "store"])("a failing step (%s) opens no session", async (fail) => {
    const world = createWorld({ fail });
    await expect(world.byCode()).rejects.toMatchObject({ reason: "foreign_subject" });
    expect(world.steps).not.toContain("open");
  });

  describe("nonce (OIDC Core 3.1.3.7)", () => {
    test("the one that was sent is taken", async () => {
      const world = createWorld({ idToken: { nonce: "n-1" } });
      expect(await world.byCode({ nonce: "n-1" })).toMatchObject({ token: "rvs_new" });
    });

    test.each([
      ["another one", "n-2", "n-1"],
      ["none in the token", undefined, "n-1"],
      ["one that was never sent", "n-1", undefined],
    ])("%s is refused, and nothing is written", async (_, inToken, sent) => {
      const world = createWorld({ idToken: { nonce: inToken } });
      const signIn = world.byCode(sent === undefined ? {} : { nonce: sent });
      await expect(signIn).rejects.toMatchObject({ reason: "nonce_mismatch" });
      expect(world.steps).toEqual(["secret", "exchange with secret", "verify"]);
    });
  });

  test("session fixation: a session that came along ends once the new one is there, and is never taken on", async () => {
    const world = createWorld();
    const { token } = await world.byCode({}, { id: "old" });
    expect(token).toBe("rvs_new");
    expect(world.steps.slice(-3)).toEqual(["open", "find", "end old"]);
  });

  test("an ID token's iat may lag behind the erasure: the code came after it", async () => {
    const world = createWorld({ idToken: { issuedAt: NOW - 2_000 }, erasedAt: NOW + 499 });
    expect(await world.byCode()).toMatchObject({ token: "rvs_new" });
  });

  test("whoever was erased meanwhile gets no session, and none is left", async () => {
    const world = createWorld({ erasedAt: NOW + 5_000 });
    await expect(world.byCode()).rejects.toMatchObject({ reason: "erased_user" });
    expect(world.steps.slice(-3)).toEqual(["open", "find", "end new"]);
  });
});

function linesOf({ lines }: ReturnType<typeof createWorld>): string[] {
  return lines.map(
    ({ level, event, fields }) => `${level} ${event} ${(fields as { reason: string }).reason}`,
  );
}

describe("how old a proof may be that a session is opened with", () => {
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

describe("by ID token", () => {
  test("a refresh token beside it is looked at before anything is written", async () => {
    const world = createWorld({ fail: "inspect" });
    await expect(world.byIdToken("bob's")).rejects.toMatchObject({ reason: "foreign_subject" });
    expect(world.steps).toEqual(["inspect"]);
  });

  test("without one nothing is sealed", async () => {
    const world = createWorld();
    expect(await world.byIdToken()).toMatchObject({ token: "rvs_new", accessToken: undefined });
    expect(world.steps).toEqual(["user", "open", "find"]);
  });
});
