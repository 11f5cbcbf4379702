/**
 * What an exchange needs before anything is spent, and when a rejected client secret is read
 * again.
 */
import { InternalError } from "../../../lambda/errors";
import type { ClientSecretSource } from "../../../lambda/idp/client-secret";
import type { TokenEndpoint, TokenOutcome } from "../../../lambda/ports/provider";
import { createExchange } from "../../../lambda/refresh/exchange";
import { createWorld, SUB } from "../../support/exchange-world";
import { put } from "../../support/taken";

test.each([
  [10_000, "access-token-1"],
  [9_999, "too_little_time_left"],
])("with %d ms left for it: %s", async (timeLeftMs, expected) => {
  const world = await createWorld();
  const deadline = world.time.now() + timeLeftMs;
  const outcome = await world.get({ deadline }).then(
    ({ accessToken }) => accessToken,
    (error: unknown) => (error as { reason: unknown }).reason,
  );
  expect(outcome).toBe(expected);
});

test.each([
  [8_000, 18_000],
  [1_000, 4_000],
])(
  "a provider that may take %d ms needs %d ms, and the log names the limit that was hit",
  async (timeoutMs, neededMs) => {
    const slow: TokenOutcome = {
      kind: "failed",
      cause: "idp_in_doubt",
      processed: "maybe",
      retryAfterSeconds: undefined,
      setting: "idp.tokenEndpointTimeoutMs",
    };
    const refresh = () => Promise.resolve(slow);
    const endpoint = () => ({ ...NO_ENDPOINT, timeoutMs, refresh });
    const world = await createWorld({ endpoint });
    const deadline = world.time.now() + neededMs;
    await expect(world.get({ deadline: deadline - 1 })).rejects.toMatchObject({
      reason: "too_little_time_left",
    });
    await expect(world.get({ deadline })).rejects.toMatchObject({
      reason: "idp_in_doubt",
      setting: "idp.tokenEndpointTimeoutMs",
    });
  },
);

const NO_ENDPOINT: Pick<TokenEndpoint, "exchangeCode" | "revoke"> = {
  exchangeCode: () => Promise.reject(new Error("no codes here")),
  revoke: () => Promise.resolve(false),
};

test("whoever finds at its intent that the row has moved gives it to the caller as it is now, and sends nothing", async () => {
  const world = await createWorld();
  const read = await world.active();
  const lease = { owner: "other", expiresAt: Infinity, takenOver: true };
  const current = await put(world, (grant) => ({ ...grant, lease }));
  const { log } = world.dependencies;
  const deadline = world.time.now() + 15_000;
  const call = { sub: SUB, by: "POST /me/access-token", deadline, log };
  expect(await createExchange(world.dependencies)(read, call)).toEqual({
    kind: "moved",
    grant: current,
  });
  expect(world.tokenEndpoint.presented).toEqual([]);
});

describe("a client secret that the provider rejects", () => {
  const rolled: ClientSecretSource = {
    current: () => Promise.resolve("old"),
    reread: () => Promise.resolve("rolled"),
  };

  test.each([
    [6_000, ["old", "rolled"]],
    [5_999, ["old"]],
  ])("is read again where %d ms are left for another request", async (leftMs, secrets) => {
    const world = await createWorld({ providerSecret: "rolled", secret: rolled });
    const deadline = world.time.now() + 15_000;
    // The answer itself takes another 100 ms.
    world.tokenEndpoint.during(() => {
      world.time.advance(15_000 - leftMs - 100);
    });
    await world.get({ deadline }).catch(() => undefined);
    expect(world.tokenEndpoint.secretsSeen).toEqual(secrets);
  });

  test.each<[Error, object]>([
    [new Error("no secret"), {}],
    [
      new InternalError("client_secret_malformed", { cause: new RangeError("secret") }),
      { reason: "client_secret_malformed", cause: "RangeError" },
    ],
  ])(
    "and that cannot be read again (%s) stays rejected, and the log says why: %j",
    async (error, fields) => {
      const reread = () => Promise.reject(error);
      const world = await createWorld({ providerSecret: "rolled", secret: { ...rolled, reread } });
      await expect(world.get()).rejects.toMatchObject({ reason: "client_rejected" });
      expect(world.lines).toContainEqual({ level: "error", event: "client_secret", fields });
      expect(world.tokenEndpoint.presented).toHaveLength(1);
    },
  );

  test("is not read again for any other failure", async () => {
    const world = await createWorld({ secret: rolled });
    world.tokenEndpoint.next({ outcome: { kind: "refused" } });
    await expect(world.get()).rejects.toMatchObject({ reason: "refresh_token_refused" });
    expect(world.tokenEndpoint.secretsSeen).toEqual(["old"]);
  });
});
