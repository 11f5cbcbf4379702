import { UnauthorizedError, UnavailableError } from "../../../lambda/errors";
import type { CodeOutcome } from "../../../lambda/ports/provider";
import {
  ACCESS,
  CODES,
  createSignInWorld as createWorld,
  REDIRECT_URI,
  type Setting,
  TOKENS,
} from "../../support/sign-in-world";
import { NOW } from "../../support/tokens";

const REFUSED: CodeOutcome = { kind: "refused" };
const FAILED: CodeOutcome = {
  kind: "failed",
  cause: "idp_unavailable",
  processed: "maybe",
  retryAfterSeconds: undefined,
};
const UNBEGUN: CodeOutcome = { ...FAILED, cause: "idp_rate_limited", processed: "no" };

describe("by code", () => {
  test("everything is stored before the session, and the session is there before anything is answered", async () => {
    const world = createWorld();
    expect(await world.byCode()).toMatchObject({ token: "rvs_new", accessToken: ACCESS });
    expect(world.steps).toEqual([
      "secret",
      "keys",
      "exchange with secret",
      "verify",
      "user",
      "store",
      "open",
      "find",
      "cap",
    ]);
  });

  test("12.2: without keys no code is spent", async () => {
    const world = createWorld({ fail: "keys" });
    await expect(world.byCode()).rejects.toMatchObject({ reason: "foreign_subject" });
    expect(world.steps).toEqual(["secret", "keys"]);
  });

  test.each([
    [new UnauthorizedError("unknown_key")],
    [new UnavailableError("key_set_unavailable")],
  ])("12.2: %p of an ID token whose code is spent is no last word", async (problem) => {
    const world = createWorld({ unverified: [problem, problem] });
    expect(await world.byCode()).toMatchObject({ token: "rvs_new" });
    expect(world.steps.slice(3, 8)).toEqual([
      "no key",
      "sleep 500",
      "no key",
      "sleep 1500",
      "verify",
    ]);
    const lost = createWorld({ unverified: [problem, problem, problem] });
    await expect(lost.byCode()).rejects.toBe(problem);
    expect(lost.steps.at(-1)).toBe("no key");
  });

  test.each([
    [new UnauthorizedError("invalid_signature")],
    [new UnavailableError("store_unavailable")],
    [new Error("unknown_key")],
  ])("12.2: %p is, and nothing is tried again", async (problem) => {
    const world = createWorld({ unverified: [problem] });
    await expect(world.byCode()).rejects.toBe(problem);
    expect(world.steps.slice(3)).toEqual(["no key"]);
  });

  test("a redirect URI that is not listed costs nothing", async () => {
    const world = createWorld();
    const redirectUri = `${REDIRECT_URI}/`;
    await expect(world.byCode({ redirectUri })).rejects.toMatchObject({ reason: "invalid_member" });
    expect(world.steps).toEqual([]);
  });

  describe("F5: codes that come to nothing", () => {
    const asked = ({ steps }: { steps: string[] }) =>
      steps.filter((step) => step.startsWith("exchange")).length;

    test.each<[string, Setting, string]>([
      ["refused", { outcomes: [REFUSED, REFUSED] }, "code_refused"],
      ["of a provider that fails", { outcomes: [FAILED, FAILED] }, "code_in_doubt"],
      ["that it has not begun with", { outcomes: [UNBEGUN, UNBEGUN] }, "idp_rate_limited"],
      ["of another browser", { idToken: { nonce: "another" } }, "nonce_mismatch"],
    ])("%s: of one network so many, and then nothing is asked", async (_, setting, reason) => {
      const world = createWorld(setting);
      for (let call = 0; call < CODES; call += 1) {
        await expect(world.byCode()).rejects.toMatchObject({ reason });
      }
      for (let call = 0; call < 50; call += 1) {
        await expect(world.byCode()).rejects.toMatchObject({
          name: "TooManyRequestsError",
          reason: "refused_codes",
          retryAfterSeconds: 30,
        });
      }
      expect(asked(world)).toBe(CODES);
    });

    test("keep nobody of another network from signing in", async () => {
      const world = createWorld({ outcomes: [REFUSED, REFUSED] });
      await expect(world.byCode()).rejects.toThrow();
      await expect(world.byCode()).rejects.toThrow();
      await expect(world.byCode()).rejects.toMatchObject({ reason: "refused_codes" });
      expect(await world.byCode({ network: "192.0.2.2" })).toMatchObject({ token: "rvs_new" });
    });

    test("are none that succeed, however many", async () => {
      const world = createWorld();
      for (let call = 0; call < 10 * CODES; call += 1) {
        await world.byCode();
      }
      expect(asked(world)).toBe(10 * CODES);
    });

    test("are none that cost no request: another redirect URI, an impossible code", async () => {
      const world = createWorld();
      for (let call = 0; call < 10 * CODES; call += 1) {
        await expect(world.byCode({ redirectUri: "https://other.example/" })).rejects.toThrow();
        await expect(world.byCode({ code: "junk" })).rejects.toThrow();
      }
      expect(await world.byCode()).toMatchObject({ token: "rvs_new" });
    });
  });

  test("a code that the provider cannot have issued costs nothing, and the answer is to sign in", async () => {
    const world = createWorld();
    await expect(world.byCode({ code: "junk" })).rejects.toMatchObject({
      name: "UnauthorizedError",
      reason: "code_impossible",
    });
    expect(world.steps).toEqual([]);
  });

  test("a rejected client secret is read again once, and the code tried again only with another one", async () => {
    const rejected = { kind: "client_rejected" } as const;
    const healed = createWorld({ outcomes: [rejected, TOKENS], secrets: ["old", "new"] });
    await healed.byCode();
    expect(healed.steps.slice(0, 5)).toEqual([
      "secret",
      "keys",
      "exchange with old",
      "reread",
      "exchange with new",
    ]);
    const same = createWorld({ outcomes: [rejected] });
    await expect(same.byCode()).rejects.toMatchObject({ reason: "client_rejected" });
    expect(same.steps).toEqual(["secret", "keys", "exchange with secret", "reread"]);
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
    expect(world.steps).toEqual(["secret", "keys", "exchange with secret"]);
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
      expect(world.steps).toEqual(["secret", "keys", "exchange with secret", "verify"]);
    });
  });

  test("session fixation: a session that came along ends once the new one is there, and is never taken on", async () => {
    const world = createWorld();
    const { token } = await world.byCode({}, { tokenHash: "old" });
    expect(token).toBe("rvs_new");
    expect(world.steps.slice(-3)).toEqual(["find", "cap", "end old"]);
  });

  test("an ID token's iat may lag behind the erasure: the code came after it", async () => {
    const world = createWorld({ idToken: { issuedAt: NOW - 2_000 }, erasedAt: NOW + 499 });
    expect(await world.byCode()).toMatchObject({ token: "rvs_new" });
  });

  test("whoever was erased meanwhile gets no session, and none is left", async () => {
    const world = createWorld({ erasedAt: NOW + 5_000 });
    await expect(world.byCode()).rejects.toMatchObject({ reason: "erased_user" });
    expect(world.steps.slice(-3)).toEqual(["find", "cap", "end new"]);
  });

  test("whoever signed out everywhere meanwhile gets no session, and none is left", async () => {
    const world = createWorld({ signedOutAt: NOW + 5_000 });
    await expect(world.byCode()).rejects.toMatchObject({ reason: "signed_out" });
    expect(world.steps.slice(-3)).toEqual(["find", "cap", "end new"]);
  });

  test.each(["erasedAt", "signedOutAt"])(
    "a provider that says the same twice within a second is no reason to refuse what came after (%s)",
    async (name) => {
      const world = createWorld({ [name]: NOW + 499, known: ["hash"] });
      expect(await world.byCode()).toMatchObject({ token: "rvs_new" });
      await expect(world.byIdToken()).rejects.toMatchObject({ name: "UnauthorizedError" });
    },
  );

  test("a sign-in that came after the sign-out everywhere is not touched by it", async () => {
    const world = createWorld({ idToken: { issuedAt: NOW - 2_000 }, signedOutAt: NOW + 499 });
    expect(await world.byCode()).toMatchObject({ token: "rvs_new" });
  });
});

function linesOf({ lines }: ReturnType<typeof createWorld>): string[] {
  return lines.map(
    ({ level, event, fields }) => `${level} ${event} ${(fields as { reason: string }).reason}`,
  );
}
