/**
 * F13: an old, authentic item comes back. What ended stays ended, and what is stored after it
 * works.
 */
import type { Grant } from "../../../lambda/grant/grant";
import { isEnded, madeAt } from "../../../lambda/grant/grant-id";
import { evidenceOf } from "../../../lambda/model";
import { createFinishDisconnect } from "../../../lambda/use-cases/disconnect";
import { createFinishErasure } from "../../../lambda/use-cases/erase";
import { createGetRefreshTokenStatus } from "../../../lambda/use-cases/refresh-token";
import { createAccountWorld } from "../../support/account-world";
import { createWorld, SUB, type World } from "../../support/exchange-world";
import { rowOf } from "../../support/rows";

const ENDED = { name: "NeedsSignInError", reason: "disconnected" };
const MINUTE_MS = 60_000;

async function putBack({ store }: Pick<World, "store">, old: Grant): Promise<void> {
  const current = await store.read(SUB);
  await store.write(old, current?.revision ?? 0);
}

const putBackLines = ({ lines }: World) => lines.filter(({ event }) => event === "grant_put_back");

describe("an item from before a disconnect", () => {
  test("is not used, whether its access token is kept or not, and the operator is told", async () => {
    const world = await createWorld();
    await world.get();
    const old = await world.grant();
    await world.disconnect();
    await putBack(world, old);
    await expect(world.get()).rejects.toMatchObject(ENDED);
    world.time.advance(2 * 3_600_000);
    await expect(world.get()).rejects.toMatchObject(ENDED);
    expect(world.tokenEndpoint.presented).toHaveLength(1);
    expect(putBackLines(world).map(({ level }) => level)).toEqual(["warn", "error"]);
  });

  test("is not used by who waits for an exchange meanwhile", async () => {
    const world = await createWorld();
    const old = await world.active();
    const lease = { owner: "other", expiresAt: world.time.now() + 1_500, takenOver: false };
    await world.store.write({ ...old, lease }, old.revision);
    const waiting = world.call();
    const ending = (async () => {
      await world.time.sleep(500);
      await world.disconnect();
      await putBack(world, old);
    })();
    await expect(world.time.run(waiting, world.handOut)).rejects.toMatchObject(ENDED);
    await world.time.run(ending);
    expect(world.tokenEndpoint.presented).toEqual([]);
  });

  test("is not renewed, watched or given a successor by the recovery function", async () => {
    const world = await createWorld({
      rotation: "grace",
      isRevocable: true,
      dueAt: ({ since }) => since,
    });
    await world.get();
    const old = await world.active();
    await world.disconnect();
    const lease = { owner: "dead", expiresAt: world.time.now(), takenOver: false };
    await putBack(world, { ...old, lease });
    const revision = (await world.grant()).revision;
    const request = {
      receiveCount: 1,
      deadline: world.time.now() + 15_000,
      log: world.dependencies.log,
    };
    const { sub, grantId } = old;
    const holder = { sub, grantId, owner: "dead" };
    const spilled = { ...old.refreshToken, gen: old.refreshToken.gen };
    for (const task of [
      { kind: "renew", sub },
      { kind: "watch", ...holder },
      { kind: "take-over", ...holder },
      { kind: "spill", ...holder, refreshToken: spilled },
    ] as const) {
      expect(await world.time.run(world.recover({ ...request, task }))).toBe("done");
    }
    expect(world.tokenEndpoint.presented).toHaveLength(1);
    expect((await world.grant()).revision).toBe(revision);
    expect(world.lines).toContainEqual({
      level: "info",
      event: "spill",
      fields: { outcome: "orphaned" },
    });
  });

  test("is shown to its owner as what it is", async () => {
    const world = await createWorld();
    const old = await world.grant();
    await world.disconnect();
    await putBack(world, old);
    const status = createGetRefreshTokenStatus({ grants: world.store, ended: world.marks });
    const evidence = { sub: SUB, at: world.time.now(), tokenHash: undefined };
    expect(await status(evidence)).toMatchObject({
      status: "disconnected",
      reason: "disconnected",
    });
  });

  test("of an earlier version, whose grantId says no time, is ended by any mark", async () => {
    const world = await createWorld();
    const old = { ...(await world.grant()), grantId: "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed" };
    await putBack(world, old);
    await world.disconnect();
    await putBack(world, old);
    await expect(world.get()).rejects.toMatchObject(ENDED);
  });
});

describe("a disconnect", () => {
  test("writes its mark first, so wherever it breaks off the grant is not used, and repeating it finishes", async () => {
    for (const isRevocable of [false, true]) {
      const world = await createWorld({ isRevocable });
      const { grants } = world.dependencies;
      const { write } = grants;
      Object.assign(grants, { write: () => Promise.reject(new Error("killed")) });
      await expect(world.disconnect()).rejects.toThrow("killed");
      Object.assign(grants, { write });
      expect((await world.grant()).status).toBe("active");
      await expect(world.get()).rejects.toMatchObject(ENDED);
      await world.disconnect();
      expect(await world.grant()).toMatchObject({ status: "disconnected" });
      expect(await world.storedRefreshToken()).toBeUndefined();
    }
  });

  test("changes nothing where the mark cannot be written", async () => {
    const world = await createWorld({
      wrapMarks: (marks) => ({ ...marks, raise: () => Promise.reject(new Error("down")) }),
    });
    const before = await world.grant();
    await expect(world.disconnect()).rejects.toThrow("down");
    expect(await world.grant()).toEqual(before);
  });

  test("that is repeated on a tombstone from before there were marks leaves one", async () => {
    const world = await createWorld();
    const old = await world.active();
    const tombstone = rowOf(old, { status: "disconnected", since: world.time.now() });
    await putBack(world, tombstone);
    world.time.advance(MINUTE_MS);
    await world.disconnect();
    expect(await world.marks.read(SUB)).toBe(tombstone.since);
    await putBack(world, old);
    await expect(world.get()).rejects.toMatchObject(ENDED);
  });

  test("that loses to another one by a moment takes its time along: what is stored next is younger than both marks", async () => {
    const world = await createWorld();
    world.time.advance(MINUTE_MS);
    const { grants } = world.dependencies;
    const { write } = grants;
    let isFirst = true;
    // The other one read before us, and writes its tombstone between our mark and ours.
    Object.assign(grants, {
      write: async (next: Grant, expected: number) => {
        if (isFirst) {
          isFirst = false;
          await write({ ...next, since: next.since - 1_000 }, expected);
        }
        return await write(next, expected);
      },
    });
    await world.disconnect();
    const { since, status, history } = await world.grant();
    expect([status, since]).toEqual(["disconnected", await world.marks.read(SUB)]);
    expect(history.filter(({ outcome }) => outcome === "disconnected")).toHaveLength(1);
    world.time.advance(-900);
    await world.signIn("refresh-token-0");
    expect(await world.get()).toMatchObject({ tokenType: "Bearer" });
  });

  test("that the sweeper finishes leaves a mark, and its tombstone is no older", async () => {
    const world = await createWorld({ isRevocable: true });
    const old = await world.active();
    const since = world.time.now() + 1_500;
    await putBack(world, rowOf(old, { status: "disconnecting", since }));
    const finish = createFinishDisconnect(world.dependencies);
    await finish({ sub: SUB, by: "sweep", log: world.dependencies.log });
    expect(await world.grant()).toMatchObject({ status: "disconnected", since });
    expect(await world.marks.read(SUB)).toBe(since);
    await putBack(world, old);
    await expect(world.get()).rejects.toMatchObject(ENDED);
  });
});

describe("what is stored after an end", () => {
  test.each([
    ["in the same millisecond", 0],
    ["by a clock that is two seconds behind", -2_000],
    ["a day later", 86_400_000],
  ])("works: %s", async (_, later) => {
    const world = await createWorld();
    await world.get();
    await world.disconnect();
    world.time.advance(later);
    await world.signIn("refresh-token-0");
    const grant = await world.grant();
    expect(isEnded(grant, await world.marks.read(SUB))).toBe(false);
    expect(madeAt(grant) - world.time.now()).toBe(later > 0 ? 0 : 1 - later);
    expect(await world.get()).toMatchObject({ tokenType: "Bearer" });
  });

  test("works where the end comes between its first look and its write: it is sealed anew", async () => {
    const world = await createWorld();
    const { grants } = world.dependencies;
    const { write } = grants;
    let isFirst = true;
    Object.assign(grants, {
      write: async (next: Grant, expected: number) => {
        if (isFirst) {
          isFirst = false;
          world.time.advance(5);
          await world.disconnect();
        }
        return await write(next, expected);
      },
    });
    await world.signIn("refresh-token-0");
    expect(await world.storedRefreshToken()).toBe("refresh-token-0");
    expect(await world.get()).toMatchObject({ tokenType: "Bearer" });
  });

  test("of a grant from a clock that is far ahead: is younger than that, too", async () => {
    const world = await createWorld();
    world.time.advance(MINUTE_MS);
    await world.signIn("refresh-token-0");
    world.time.advance(-MINUTE_MS);
    const old = await world.grant();
    await world.disconnect();
    await world.signIn("refresh-token-0");
    expect(await world.get()).toMatchObject({ tokenType: "Bearer" });
    await putBack(world, old);
    await expect(world.get()).rejects.toMatchObject(ENDED);
  });
});

describe("an item from before an erasure", () => {
  test("is not used, also by who comes back", async () => {
    const world = await createAccountWorld();
    const token = world.idToken();
    await world.signInWith(token, "refresh-token-0");
    const old = await world.grant();
    world.time.advance(5_000);
    await world.erase(evidenceOf(token));
    await putBack(world, old);
    await expect(world.get()).rejects.toMatchObject(ENDED);
    await expect(world.get({ evidence: evidenceOf(world.idToken()) })).rejects.toMatchObject(ENDED);
  });

  test("nor is one that was stored while the erasure broke off, and erased when it was finished", async () => {
    const world = await createAccountWorld();
    const erasure = { at: world.time.now(), tokenHashes: [] };
    world.time.advance(5_000);
    await world.signIn("refresh-token-0");
    const old = await world.grant();
    await createFinishErasure({
      ...world.dependencies,
      users: world.userItems,
      sessions: world.sessionItems,
    })({ sub: SUB, deadline: world.time.now() + 60_000, log: world.dependencies.log }, erasure);
    expect((await world.grant()).reason).toBe("erased");
    await putBack(world, old);
    await expect(world.get()).rejects.toMatchObject(ENDED);
  });

  test.each([
    ["stays, and what it replaced has ended", true],
    ["stays, also where its grantId says no time", false],
  ])("a grant that was stored with knowledge of the erasure %s", async (_, isTimed) => {
    const world = await createAccountWorld();
    const old = await world.grant();
    const token = world.idToken();
    world.time.advance(5_000);
    const erasure = { at: world.time.now(), tokenHashes: [] };
    await world.storeWith({ ...evidenceOf(token), at: world.time.now() + 1 }, "refresh-token-0");
    const stored = await world.grant();
    const grantId = isTimed
      ? `${String(erasure.at + 1)}.new`
      : "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed";
    await putBack(world, { ...stored, grantId, erasure });
    await createFinishErasure({
      ...world.dependencies,
      users: world.userItems,
      sessions: world.sessionItems,
    })({ sub: SUB, deadline: world.time.now() + 60_000, log: world.dependencies.log }, erasure);
    const endedAt = await world.marks.read(SUB);
    expect(endedAt).toBe(isTimed ? erasure.at : undefined);
    expect([(await world.grant()).status, isEnded(await world.grant(), endedAt)]).toEqual([
      "active",
      false,
    ]);
    expect(isEnded(old, endedAt)).toBe(isTimed);
  });
});
