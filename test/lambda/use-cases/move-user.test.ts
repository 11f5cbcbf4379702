/** A user moves to another subject, whole, once, and whatever breaks off. */
import { nextCutoff } from "../../../lambda/cutoff";
import { evidenceOf } from "../../../lambda/model";
import { createMoveWorld, isConnected, type MoveWorld, NEW, OLD } from "../../support/move-world";

const ROTATIONS = ["none", "grace", "strict"] as const;

/** Nothing usable, nothing readable, nothing unfinished. */
async function assertLeft(world: MoveWorld): Promise<void> {
  const { user, erasure, revocation, movedTo } = await world.userItems.find(OLD);
  expect([user, revocation, movedTo?.sub]).toEqual([undefined, "no_token", NEW]);
  const left = await world.grantOf(OLD);
  expect(left).toMatchObject({ status: "disconnected", reason: "erased", inbox: [], history: [] });
  expect([left?.refreshToken, left?.accessToken, left?.erasure]).toEqual([
    undefined,
    undefined,
    erasure,
  ]);
  expect(await world.marks.read(OLD)).toBeGreaterThanOrEqual(erasure!.at);
  expect(world.sessionItems.allOf(OLD)).toEqual([]);
  expect([await world.journal.read(OLD), await world.journal.read(NEW)]).toEqual([
    undefined,
    undefined,
  ]);
}

describe.each(ROTATIONS)("with a provider that rotates: %s", (rotation) => {
  test("record, connection and history come to a subject that nobody had", async () => {
    const world = await createMoveWorld({ rotation });
    await world.time.run(world.of(OLD).call());
    const [before, old] = [(await world.userItems.find(OLD)).user!, await world.grantOf(OLD)];
    world.time.advance(60_000);
    const receipt = await world.move();
    expect(receipt).toEqual({
      from: OLD,
      to: NEW,
      movedAt: world.time.now(),
      user: "created",
      refreshToken: "moved",
      sessionsEnded: 1,
      kept: ["theme", "plan"],
      dropped: [],
    });
    const { user } = await world.userItems.find(NEW);
    expect(user).toEqual({ ...before, sub: NEW, updatedAt: world.time.now(), version: 1 });
    const moved = await world.grantOf(NEW);
    expect(moved).toMatchObject({
      status: "active",
      since: old?.since,
      lastExchangeAt: old?.lastExchangeAt,
      history: [...old!.history, { at: world.time.now(), by: "admin", outcome: "stored" }],
    });
    expect(moved?.grantId).not.toBe(old?.grantId);
    expect(moved?.accessToken).toBeUndefined();
    await assertLeft(world);
    expect(await isConnected(world, NEW)).toBe(true);
    expect(await isConnected(world, OLD)).toBe(false);
    expect([world.provider.reused, world.provider.isLive((await world.tokenOf(NEW))!)]).toEqual([
      [],
      true,
    ]);
    expect(await world.move()).toEqual(receipt);
  });

  test.each([
    ["before the store hears of it", false],
    ["before its answer arrives", true],
  ])("a crash at any call, %s, is finished by the same call again", async (_, isApplied) => {
    let deaths = 0;
    for (let fatal = 1, isDead = true; isDead; fatal += 1) {
      const world = await createMoveWorld({ rotation });
      await world.join(NEW, "other", { plan: "new" });
      await world.time.run(world.of(NEW).disconnect());
      const dead = world.mover({ fatal, isApplied, calls: 0 });
      isDead = await world.time.run(dead.move()).then(
        () => false,
        () => true,
      );
      deaths += Number(isDead);
      // Durable under the new subject before it goes from the old one.
      const holders = await Promise.all([OLD, NEW].map((sub) => world.tokenOf(sub)));
      expect(holders).toContain("first.0");
      world.time.advance(3_600_000);
      const receipt = await world.move();
      expect(receipt).toMatchObject({
        user: "merged",
        refreshToken: "moved",
        kept: ["theme"],
        dropped: ["plan"],
      });
      await assertLeft(world);
      expect((await world.userItems.find(NEW)).user?.attributes).toEqual({
        theme: "dark",
        plan: "new",
      });
      expect(await isConnected(world, NEW)).toBe(true);
      expect(world.provider.reused).toEqual([]);
      expect(await world.move()).toEqual(receipt);
    }
    expect(deaths).toBeGreaterThan(30);
  });
});

test("a write that went through, repeated because its answer was lost, is done once, at any call", async () => {
  for (let fatal = 1, calls = fatal; calls >= fatal; fatal += 1) {
    const world = await createMoveWorld();
    await world.join(NEW, "other", { plan: "new" });
    await world.time.run(world.of(NEW).disconnect());
    const plan = { fatal, isApplied: true, isRepeated: true, calls: 0 };
    const receipt = await world.time.run(world.mover(plan).move());
    calls = plan.calls;
    expect(receipt).toMatchObject({
      user: "merged",
      refreshToken: "moved",
      sessionsEnded: 1,
      kept: ["theme"],
      dropped: ["plan"],
    });
    expect((await world.userItems.find(NEW)).user?.version).toBe(3);
    await assertLeft(world);
    expect(await isConnected(world, NEW)).toBe(true);
  }
});

test("while it has broken off nobody does anything under the old subject, and is told to come again", async () => {
  for (let fatal = 1; fatal < 60; fatal += 1) {
    const world = await createMoveWorld();
    const dead = world.mover({ fatal, isApplied: true, calls: 0 });
    await world.time.run(dead.move()).catch(() => undefined);
    const old = world.of(OLD);
    const [record, row] = await Promise.all([
      world.userItems.mover.find(OLD),
      world.store.mover.find(OLD),
    ]);
    const unavailable = { name: "UnavailableError", reason: "unknown_schema_version" };
    if (record.isLocked) {
      for (const act of [old.erase, old.put, () => old.patch("a"), () => old.signIn("again")]) {
        await expect(world.time.run<unknown>(act())).rejects.toMatchObject(unavailable);
      }
    }
    if (row.isLocked) {
      for (const act of [old.call, old.disconnect, old.freeze, () => old.store("again")]) {
        await expect(world.time.run<unknown>(act())).rejects.toMatchObject(unavailable);
      }
    }
    expect(await world.move()).toMatchObject({ refreshToken: "moved", user: "created" });
    expect(await world.tokenOf(NEW)).toBe("first.0");
  }
});

describe("what stands under the new subject", () => {
  test("wins: claims, attributes by name, and its connection; the older day of creation stays", async () => {
    const world = await createMoveWorld();
    await world.join(NEW, "other", { plan: "new", own: "x" });
    const [before, old] = [(await world.userItems.find(NEW)).user!, await world.grantOf(OLD)];
    const receipt = await world.move();
    expect(receipt).toMatchObject({
      user: "merged",
      refreshToken: "kept_target",
      kept: ["theme"],
      dropped: ["plan"],
    });
    const { user } = await world.userItems.find(NEW);
    expect(user).toMatchObject({
      claims: before.claims,
      attributes: { theme: "dark", plan: "new", own: "x" },
      version: before.version + 1,
    });
    expect(user!.createdAt).toBeLessThan(before.createdAt);
    expect(await world.tokenOf(NEW)).toBe("other.0");
    const { history } = (await world.grantOf(NEW))!;
    expect(history.map(({ at }) => at)).toEqual([...history.map(({ at }) => at)].sort());
    expect(history).toContainEqual(old!.history[0]);
    await assertLeft(world);
    // Nobody can tell whether it is of the family in use.
    expect(world.provider.isLive("first.0")).toBe(true);
  });

  test.each([
    ["disconnected", "none", "moved"],
    ["needs_sign_in", "none", "moved"],
    ["put back", "none", "moved"],
    ["active", "disconnected", "kept_target"],
    ["active", "needs_sign_in", "kept_target"],
    ["absent", "disconnected", "none"],
    ["absent", "put back", "none"],
    ["absent", "needs_sign_in", "needs_sign_in"],
    ["disconnected", "needs_sign_in", "needs_sign_in"],
  ])("%s, and under the old one %s: %s", async (target, old, expected) => {
    const world = await createMoveWorld();
    const bring = async (sub: string, state: string) => {
      if (state === "disconnected") {
        await world.time.run(world.of(sub).disconnect());
      }
      if (state === "put back") {
        await world.marks.raise(sub, world.time.now());
        world.time.advance(3_600_000);
      }
      if (state === "needs_sign_in") {
        await world.change(sub, { status: state, reason: "refresh_token_refused" });
      }
    };
    if (target !== "absent") {
      await world.join(NEW, "other");
      await bring(NEW, target);
    }
    await bring(OLD, old);
    world.time.advance(1_000);
    expect((await world.look()).kind).toBe("plan");
    expect(await world.move()).toMatchObject({ refreshToken: expected });
    expect(await isConnected(world, NEW)).toBe(["moved", "kept_target"].includes(expected));
    expect((await world.grantOf(NEW))?.accessToken === undefined).toBe(
      !["moved", "kept_target"].includes(expected),
    );
    await assertLeft(world);
  });

  test.each([
    ["old", OLD],
    ["new", NEW],
  ])("a freeze of the %s subject stays, and is for the new one", async (_, frozen) => {
    for (const isConnectedThere of [true, false]) {
      const world = await createMoveWorld();
      await (isConnectedThere && world.join(NEW, "other"));
      await world.of(frozen).freeze();
      world.time.advance(1_000);
      await world.move();
      await expect(world.of(NEW).call()).rejects.toMatchObject({ reason: "frozen" });
      const { history } = (await world.grantOf(NEW))!;
      expect(history).toContainEqual(expect.objectContaining({ outcome: "frozen" }));
    }
  });

  test("older proofs of either open nothing there", async () => {
    const world = await createMoveWorld();
    await world.join(NEW, "other");
    const proof = world.idToken({ sub: NEW });
    world.time.advance(5_000);
    const { user } = await world.userItems.find(OLD);
    const signedOut = nextCutoff(world.time.now(), ["hash"], {});
    await world.userItems.signOut(user!, signedOut);
    world.time.advance(5_000);
    await world.move();
    expect((await world.userItems.find(NEW)).signedOut).toEqual(signedOut);
    expect((await world.grantOf(NEW))?.signedOut).toEqual(signedOut);
    await expect(world.putUser(proof)).rejects.toMatchObject({ reason: "signed_out" });
  });
});

describe("the old subject afterwards", () => {
  test("an older proof gets 401 everywhere, an erasure too: no receipt says that what moved is gone", async () => {
    const world = await createMoveWorld();
    const token = world.idToken();
    world.time.advance(5_000);
    await world.move();
    const erased = { name: "UnauthorizedError", reason: "erased_user" };
    const by = evidenceOf(token);
    await expect(world.erase(by)).rejects.toMatchObject(erased);
    await expect(world.erase()).rejects.toMatchObject(erased);
    await expect(world.putUser(token)).rejects.toMatchObject(erased);
    await expect(world.export(by)).rejects.toMatchObject(erased);
    await expect(world.storeWith(by, "first.0")).rejects.toMatchObject(erased);
    await expect(world.call({ evidence: by })).rejects.toMatchObject(erased);
    expect((await world.userItems.find(NEW)).user?.attributes).toMatchObject({ theme: "dark" });
  });

  test("who signs in there again starts anew, may be erased, and be moved again", async () => {
    const world = await createMoveWorld();
    await world.move();
    world.time.advance(5_000);
    await world.of(OLD).signIn("again");
    const { user } = await world.userItems.find(OLD);
    expect([user?.attributes, user?.version]).toEqual([{}, 1]);
    expect([await world.tokenOf(OLD), await world.tokenOf(NEW)]).toEqual(["again.0", "first.0"]);
    world.time.advance(5_000);
    await world.time.run(world.of(NEW).disconnect());
    world.time.advance(5_000);
    expect(await world.move()).toMatchObject({ user: "merged", refreshToken: "moved", kept: [] });
    expect(await world.tokenOf(NEW)).toBe("again.0");
    world.time.advance(5_000);
    await world.of(OLD).signIn("third");
    world.time.advance(5_000);
    expect(await world.time.run(world.of(OLD).erase())).toMatchObject({ sub: OLD });
    expect(await world.userItems.find(OLD)).not.toHaveProperty("movedTo");
  });

  test("an item of before that is put back is of no use", async () => {
    const world = await createMoveWorld();
    const before = (await world.grantOf(OLD))!;
    world.time.advance(5_000);
    await world.move();
    const { revision } = (await world.grantOf(OLD))!;
    await world.store.write({ ...before, revision }, revision);
    await expect(world.of(OLD).call()).rejects.toMatchObject({ reason: "disconnected" });
    expect(await isConnected(world, NEW)).toBe(true);
  });
});
