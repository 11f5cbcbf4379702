import { UnavailableError } from "../../../lambda/errors";
import { NOTE_AFTER_MS } from "../../../lambda/grant/history";
import { createAccountWorld } from "../../support/account-world";
import { createWorld, SUB } from "../../support/exchange-world";

const FROZEN = { name: "ForbiddenError", reason: "frozen" };

describe("freezing one user", () => {
  test("keeps kept and new access tokens in, and everything else as it was", async () => {
    const world = await createAccountWorld();
    await world.get();
    const before = await world.grant();
    await world.freeze();
    await expect(world.get()).rejects.toMatchObject(FROZEN);
    world.time.advance(2 * 3_600_000);
    await expect(world.get()).rejects.toMatchObject(FROZEN);
    expect(world.tokenEndpoint.presented).toHaveLength(1);
    const { status, refreshToken } = await world.grant();
    expect({ status, refreshToken }).toEqual({
      status: "active",
      refreshToken: before.refreshToken,
    });
    await world.unfreeze();
    expect(await world.get()).toMatchObject({ tokenType: "Bearer" });
    expect((await world.grant()).history.map(({ outcome, by }) => [outcome, by]).slice(-3)).toEqual(
      [
        ["frozen", "admin"],
        ["unfrozen", "admin"],
        ["exchanged", "POST /me/access-token"],
      ],
    );
  });

  test("outlives signing in again, disconnecting and erasing", async () => {
    const world = await createAccountWorld();
    const token = world.idToken();
    await world.freeze();
    await world.signInWith(token, "refresh-token-1");
    await expect(world.get()).rejects.toMatchObject(FROZEN);
    await world.disconnect();
    await expect(world.get()).rejects.toMatchObject(FROZEN);
    world.time.advance(5_000);
    await world.erase();
    world.time.advance(5_000);
    await world.signInWith(world.idToken(), "refresh-token-2");
    await expect(world.get()).rejects.toMatchObject(FROZEN);
  });

  test("works on somebody who has no grant yet, and once is enough", async () => {
    const world = await createAccountWorld();
    await world.disconnect();
    const first = await world.freeze();
    expect(await world.freeze()).toEqual(first);
    await world.unfreeze();
    expect(await world.unfreeze()).toMatchObject({ revision: first.revision + 1 });
    await expect(world.get()).rejects.toMatchObject({ reason: "disconnected" });
  });
});

test("freezing all: nobody gets a token, nothing is asked of the provider, nothing is written", async () => {
  const world = await createWorld();
  const { revision } = await world.grant();
  world.state.isIssuanceFrozen = true;
  await expect(world.get()).rejects.toMatchObject({ reason: "issuance_frozen" });
  expect(world.tokenEndpoint.presented).toEqual([]);
  world.state.isIssuanceFrozen = false;
  expect((await world.grant()).revision).toBe(revision);
  expect(await world.get()).toMatchObject({ tokenType: "Bearer" });
});

describe("the history of a kept access token", () => {
  const outcomes = async (world: Awaited<ReturnType<typeof createWorld>>) =>
    (await world.grant()).history.map(({ by, outcome, at }) => [by, outcome, at - START]);
  let START = 0;

  test("has who was given it, at most once per caller and five minutes, newest last", async () => {
    const world = await createWorld();
    START = world.time.now();
    await world.get();
    const at = world.time.now() - START;
    await world.get();
    const { revision } = await world.grant();
    await world.get({ by: "arn:role/nightly" });
    await world.get({ by: "arn:role/nightly" });
    expect((await world.grant()).revision).toBe(revision + 1);
    world.time.advance(NOTE_AFTER_MS);
    await world.get();
    await world.get({ by: "arn:role/nightly" });
    expect(await outcomes(world)).toEqual([
      ["PUT /me/refresh-token", "stored", 0],
      ["POST /me/access-token", "exchanged", at],
      ["POST /me/access-token", "served", at + NOTE_AFTER_MS],
      ["arn:role/nightly", "served", at + NOTE_AFTER_MS],
    ]);
  });

  test("is no reason to keep a user waiting while the table takes no writes; a service is", async () => {
    const { createUnavailable, world } = await createReadOnly();
    await world.get();
    world.time.advance(NOTE_AFTER_MS);
    createUnavailable();
    expect(await world.get()).toMatchObject({ tokenType: "Bearer" });
    expect(world.lines.at(-1)).toEqual({
      level: "warn",
      event: "not_noted",
      fields: { reason: "store_unavailable" },
    });
    const service = world.get({ by: "arn:role/nightly", requireAuditEntry: true });
    await expect(service).rejects.toMatchObject({ reason: "store_unavailable" });
  });
});

async function createReadOnly() {
  let isReadOnly = false;
  const world = await createWorld({
    wrapStore: (store) => ({
      read: store.read,
      write: (next, expected) =>
        isReadOnly
          ? Promise.reject(new UnavailableError("store_unavailable"))
          : store.write(next, expected),
    }),
  });
  expect((await world.grant()).sub).toBe(SUB);
  return {
    world,
    createUnavailable: () => {
      isReadOnly = true;
    },
  };
}
