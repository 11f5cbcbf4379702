import { InternalError, NeedsSignInError, UnavailableError } from "../../../lambda/errors";
import type { Grant } from "../../../lambda/grant/grant";
import type { Opener, Sealer } from "../../../lambda/ports/crypto";
import { failure, failWritesWhen } from "../../support/exchange-failures";
import { createWorld } from "../../support/exchange-world";

describe("the client secret", () => {
  test("is read again once when the provider rejects it, and a new one is used at once", async () => {
    const world = await createWorld({
      providerSecret: "rolled",
      secret: {
        current: () => Promise.resolve("old"),
        reread: () => Promise.resolve("rolled"),
      },
    });
    expect((await world.get()).accessToken).toBe("access-token-1");
    expect(world.tokenEndpoint.secretsSeen).toEqual(["old", "rolled"]);
  });

  test("that stays wrong is the operator's fault: told as such, during the cooldown too, and never as a dead grant", async () => {
    const world = await createWorld({ providerSecret: "right" });
    for (let caller = 0; caller < 2; caller += 1) {
      const error = await failure(world.get());
      expect(error).toBeInstanceOf(InternalError);
      expect(error).toHaveProperty("reason", "client_rejected");
    }
    expect(world.tokenEndpoint.secretsSeen).toEqual(["secret"]);
    expect(await world.grant()).toMatchObject({ status: "active" });
  });
});

describe("before anything is spent", () => {
  const broken: [string, Partial<Sealer & Opener>][] = [
    ["opening fails", { open: () => Promise.reject(new UnavailableError("cipher_unavailable")) }],
    [
      "no data key is to be had",
      { newKey: () => Promise.reject(new InternalError("cipher_denied")) },
    ],
  ];

  test.each(broken)("S41: when %s, nothing is sent and the row is unchanged", async (_, fault) => {
    let isArmed = false;
    const world = await createWorld({
      wrapCipher: (cipher) => ({
        open: (...args) => (isArmed && fault.open ? fault.open(...args) : cipher.open(...args)),
        newKey: (...args) =>
          isArmed && fault.newKey ? fault.newKey(...args) : cipher.newKey(...args),
      }),
    });
    const before = await world.grant();
    isArmed = true;
    expect(await failure(world.get())).not.toBeInstanceOf(NeedsSignInError);
    expect(world.tokenEndpoint.presented).toEqual([]);
    expect(await world.grant()).toEqual(before);
  });

  test("a function with less than ten seconds left sends nothing and leaves no lease", async () => {
    const world = await createWorld();
    const before = await world.grant();
    const error = await failure(world.get({ deadline: world.time.now() + 9_999 }));
    expect(error).toMatchObject({ reason: "too_little_time_left" });
    expect(world.tokenEndpoint.presented).toEqual([]);
    expect(await world.grant()).toEqual(before);
  });

  test("the intent is durable before the request is sent, and outlives its holder by two seconds", async () => {
    const world = await createWorld();
    let seen: Grant | undefined;
    world.tokenEndpoint.during(async () => {
      seen = await world.grant();
    });
    const deadline = world.time.now() + 15_000;
    await world.get({ deadline });
    expect(seen?.lease).toMatchObject({ expiresAt: deadline + 2_000, takenOver: false });
    expect((await world.grant()).lease).toBeUndefined();
  });

  test("an intent that the store does not take means that nothing is sent", async () => {
    let isDown = false;
    const world = await createWorld({ wrapStore: (store) => failWritesWhen(store, () => isDown) });
    isDown = true;
    expect(await failure(world.get())).toMatchObject({ reason: "store_unavailable" });
    expect(world.tokenEndpoint.presented).toEqual([]);
  });
});
