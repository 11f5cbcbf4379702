import { InvalidRequestError } from "../../../lambda/errors";
import type { TokenOutcome } from "../../../lambda/ports/provider";
import { createBudget } from "../../../lambda/use-cases/budget";
import {
  createBoundedCheck,
  createRefreshCheck,
  createStoreRefreshToken,
} from "../../../lambda/use-cases/refresh-token";
import { authenticateBy, secretSource } from "../../support/client-credentials";
import { createWorld, SUB } from "../../support/exchange-world";
import { createInMemoryCipher } from "../../support/in-memory-cipher";
import { createInMemoryGrantStore } from "../../support/in-memory-grant-store";
import { rowOf } from "../../support/rows";
import { NOW } from "../../support/tokens";

const TOKENS = {
  kind: "tokens",
  accessToken: { accessToken: "at", tokenType: "Bearer", expiresAt: NOW + 60_000, scope: "openid" },
  refreshToken: "successor",
  foreign: false,
  sub: SUB,
} as const;

const GRANT_ID = `${String(NOW)}.grant-1`;

type UserinfoKind = "claims" | "foreign" | "unavailable";

function createIntake(outcome: TokenOutcome, says?: UserinfoKind) {
  const calls: string[] = [];
  const store = createInMemoryGrantStore();
  const cipher = createInMemoryCipher();
  const intake = createStoreRefreshToken({
    grants: store,
    sealer: {
      newKey: (context) => {
        calls.push("data key");
        return cipher.newKey(context);
      },
    },
    ownership: createRefreshCheck({
      clientAuthentication: authenticateBy(secretSource()),
      tokenEndpoint: {
        timeoutMs: 4_000,
        refresh: () => {
          calls.push("exchange");
          return Promise.resolve(outcome);
        },
        exchangeCode: () => Promise.resolve({ kind: "refused" }),
        revoke: () => Promise.resolve(false),
      },
      userinfo: says && {
        read: (...asked) => {
          calls.push(`userinfo ${asked.join()}`);
          return Promise.resolve({ kind: says, claims: {} });
        },
      },
    }),
    clock: { now: () => NOW },
    random: { id: () => "grant-1", fraction: () => 0 },
  });
  return {
    calls,
    store,
    cipher,
    hand: () =>
      intake({
        evidence: { sub: SUB, at: NOW, tokenHash: undefined },
        by: "PUT /me/refresh-token",
        refreshToken: "opaque",
      }),
  };
}

describe("S26: an opaque refresh token", () => {
  test("is shown to be the caller's own by one exchange, and what that yields is stored", async () => {
    const { hand, store, cipher, calls } = createIntake(TOKENS);
    await hand();
    expect(calls).toEqual(["data key", "exchange"]);
    const grant = await store.read(SUB);
    const context = { sub: SUB, grantId: GRANT_ID, gen: 1 };
    const open = async (ciphertext: Uint8Array, purpose: "refresh_token" | "access_token") =>
      await cipher.open(ciphertext, { ...context, purpose });
    expect(await open(grant!.refreshToken!.ciphertext, "refresh_token")).toBe("successor");
    expect(await open(grant!.accessToken!.ciphertext, "access_token")).toContain('"at"');
  });

  test.each([[["openid", "email"]], [undefined]])(
    "is kept with the scopes that the exchange named: %j",
    async (scopes) => {
      const { hand, store } = createIntake({ ...TOKENS, scopes });
      await hand();
      expect((await store.read(SUB))?.scopes).toEqual(scopes);
    },
  );

  test("stays as it is where the exchange brings no successor", async () => {
    const { hand, store, cipher } = createIntake({ ...TOKENS, refreshToken: undefined });
    await hand();
    const { ciphertext } = (await store.read(SUB))!.refreshToken!;
    const context = { sub: SUB, grantId: GRANT_ID, gen: 1, purpose: "refresh_token" } as const;
    expect(await cipher.open(ciphertext, context)).toBe("opaque");
  });

  test.each<[string, TokenOutcome, string]>([
    ["somebody else's, by its subject", { ...TOKENS, sub: "other" }, "foreign_subject"],
    [
      "somebody else's, by any token of the answer",
      { ...TOKENS, foreign: true },
      "foreign_subject",
    ],
    ["nobody's that the answer shows", { ...TOKENS, sub: undefined }, "not_a_refresh_token"],
    ["refused by the provider", { kind: "refused" }, "not_a_refresh_token"],
    ["sent with a wrong client secret", { kind: "client_rejected" }, "client_rejected"],
    [
      "sent into an outage",
      { kind: "failed", cause: "idp_unavailable", processed: "maybe", retryAfterSeconds: 5 },
      "idp_unavailable",
    ],
  ])("that is %s is not stored", async (_, outcome, reason) => {
    const { hand, store } = createIntake(outcome);
    await expect(hand()).rejects.toMatchObject({ reason });
    expect(await store.read(SUB)).toBeUndefined();
  });
});

describe("F5: a user's refresh tokens are bounded", () => {
  function createBounded(perMinute: number) {
    const prechecked: string[] = [];
    const verified: string[] = [];
    const check = createBoundedCheck(
      {
        precheck: (refreshToken) => {
          prechecked.push(refreshToken);
          return refreshToken === "junk"
            ? Promise.reject(new InvalidRequestError("not_a_refresh_token"))
            : Promise.resolve();
        },
        verify: (refreshToken) => {
          verified.push(refreshToken);
          return Promise.resolve({ refreshToken });
        },
      },
      createBudget({ perMinute, clock: { now: () => NOW } }),
    );
    return { check, prechecked, verified };
  }

  test("so many a minute, and others have their own", async () => {
    const { check } = createBounded(2);
    await check.precheck("token", SUB);
    await check.precheck("token", SUB);
    await expect(check.precheck("token", SUB)).rejects.toMatchObject({
      name: "TooManyRequestsError",
      reason: "refresh_tokens",
      retryAfterSeconds: 30,
    });
    await check.precheck("token", "another");
  });

  test("what is refused by itself has cost nothing", async () => {
    const { check, prechecked } = createBounded(1);
    for (let call = 0; call < 10; call += 1) {
      await expect(check.precheck("junk", SUB)).rejects.toMatchObject({
        reason: "not_a_refresh_token",
      });
    }
    await check.precheck("token", SUB);
    expect(prechecked).toHaveLength(11);
  });

  test("and what is verified was counted before", async () => {
    const { check, verified } = createBounded(1);
    await check.precheck("token", SUB);
    expect(await check.verify("token", SUB)).toEqual({ refreshToken: "token" });
    expect(verified).toEqual(["token"]);
  });
});

describe("S26: an opaque refresh token whose exchange brings no ID token", () => {
  const unproven = { ...TOKENS, sub: undefined };

  test("is stored where userinfo says that the new access token is the caller's", async () => {
    const { hand, store, calls } = createIntake(unproven, "claims");
    await hand();
    expect(calls).toEqual(["data key", "exchange", `userinfo at,${SUB},2000`]);
    expect(await store.read(SUB)).toMatchObject({ status: "active" });
  });

  test.each([
    ["foreign", "foreign_subject"],
    ["unavailable", "idp_unavailable"],
    [undefined, "not_a_refresh_token"],
  ] as const)("is not where userinfo is %p", async (says, reason) => {
    const { hand, store } = createIntake(unproven, says);
    await expect(hand()).rejects.toMatchObject({ reason });
    expect(await store.read(SUB)).toBeUndefined();
  });

  test("and one with an ID token asks no further", async () => {
    const { hand, calls } = createIntake(TOKENS, "claims");
    await hand();
    expect(calls).toEqual(["data key", "exchange"]);
  });
});

describe("disconnecting where the provider can revoke (RFC 7009)", () => {
  test("revokes the newest refresh token and leaves a tombstone without a secret", async () => {
    const world = await createWorld({ rotation: "strict", isRevocable: true });
    await world.get();
    await world.disconnect();
    expect(world.tokenEndpoint.revoked).toEqual(["refresh-token-1"]);
    expect(await world.grant()).toMatchObject({ status: "disconnected", inbox: [] });
    expect(await world.storedRefreshToken()).toBeUndefined();
  });

  test("is finished by repeating the call when it broke off between its two writes", async () => {
    const world = await createWorld({ isRevocable: true });
    const grant = await world.active();
    const broken = rowOf(grant, { status: "disconnecting" });
    await world.store.write(broken, grant.revision);
    await expect(world.get()).rejects.toMatchObject({ reason: "disconnected" });
    await world.disconnect();
    await world.disconnect();
    expect(world.tokenEndpoint.revoked).toEqual(["refresh-token-0"]);
    expect((await world.grant()).status).toBe("disconnected");
  });

  test("of a user who never connected is nothing", async () => {
    const world = await createWorld({ isRevocable: true });
    await world.disconnect();
    const { revision } = await world.grant();
    await world.disconnect();
    expect((await world.grant()).revision).toBe(revision);
  });
});
