/** An erasure that breaks off anywhere is finished by whoever comes next, and undone by nobody. */
import { evidenceOf, evidenceOfSession } from "../../../lambda/model";
import { type AccountWorld, createAccountWorld } from "../../support/account-world";
import { SUB } from "../../support/exchange-world";
import { Crash, mortal } from "../../support/mortal";

async function createMortalWorld(isRevocable: boolean) {
  const plan = { fatal: Infinity, isApplied: false, calls: 0 };
  const world: AccountWorld = await createAccountWorld({
    isRevocable,
    wrapPorts: (_, port) => mortal(plan, port),
  });
  const token = world.idToken();
  await world.signInWith(token, "refresh-token-0");
  await world.get();
  world.time.advance(5_000);
  return {
    ...world,
    token,
    evidence: evidenceOf(token),
    /** @returns whether it died */
    eraseAndDieAt: async (fatal: number, isApplied: boolean): Promise<boolean> => {
      Object.assign(plan, { fatal, isApplied, calls: 0 });
      const outcome = await world.erase(evidenceOf(token)).catch((error: unknown) => error);
      Object.assign(plan, { fatal: Infinity });
      return outcome instanceof Crash;
    },
  };
}

async function assertNothingIsLeft(world: AccountWorld): Promise<void> {
  const { user, erasure, revocation } = await world.userItems.find(SUB);
  expect([user, erasure?.tokenHashes.length, revocation]).toEqual([
    undefined,
    1,
    expect.any(String),
  ]);
  const { sub, grantId, revision, ...rest } = await world.grant();
  expect([sub, grantId, revision]).toEqual([SUB, expect.any(String), expect.any(Number)]);
  expect(rest).toEqual({
    status: "disconnected",
    reason: "erased",
    since: erasure?.at,
    inbox: [],
    history: [],
    erasure,
  });
  expect(world.sessionItems.allOf(SUB)).toEqual([]);
}

describe.each([
  ["without", false],
  ["with", true],
])("%s a revocation endpoint", (_, isRevocable) => {
  test.each([
    ["before the store hears of it", false],
    ["before its answer arrives", true],
  ])(
    "a crash at any call, %s, is finished by the same call again, whoever makes it",
    async (__, isApplied) => {
      let deaths = 0;
      for (let fatal = 1, isDead = true; isDead; fatal += 1) {
        for (const isOperator of [false, true]) {
          const world = await createMortalWorld(isRevocable);
          isDead = await world.eraseAndDieAt(fatal, isApplied);
          deaths += Number(isDead);
          const receipt = await world.erase(isOperator ? undefined : world.evidence);
          expect(receipt).toMatchObject({ sub: SUB });
          await assertNothingIsLeft(world);
          expect(await world.erase(world.evidence)).toEqual(receipt);
          expect(world.tokenEndpoint.revoked.includes("refresh-token-0")).toBe(isRevocable);
        }
      }
      expect(deaths).toBeGreaterThan(10);
    },
  );

  test("from the moment that it has begun, no proof from before does anything", async () => {
    const world = await createMortalWorld(isRevocable);
    // 1 read, 2 the tombstone, 3 the grant's read.
    expect(await world.eraseAndDieAt(3, false)).toBe(true);
    const erased = { reason: "erased_user" };
    await expect(world.getUser(world.evidence)).rejects.toMatchObject(erased);
    await expect(world.putUser(world.token)).rejects.toMatchObject(erased);
    await expect(world.signInWith(world.token, "refresh-token-0")).rejects.toMatchObject(erased);
    await expect(world.export(world.evidence)).rejects.toMatchObject(erased);
    await world.erase(world.evidence);
    await expect(world.storeWith(world.evidence, "refresh-token-0")).rejects.toMatchObject(erased);
    await expect(world.get({ evidence: world.evidence })).rejects.toMatchObject(erased);
    await assertNothingIsLeft(world);
  });
});

test("an old proof does not erase whoever came back", async () => {
  const world = await createMortalWorld(false);
  await world.erase(world.evidence);
  world.time.advance(5_000);
  await world.signInWith(world.idToken(), "refresh-token-1");
  await expect(world.erase(world.evidence)).rejects.toMatchObject({ reason: "erased_user" });
  expect(await world.storedRefreshToken()).toBe("refresh-token-1");
});

test("whoever came back may go again, and is then as erased as before", async () => {
  const world = await createMortalWorld(false);
  await world.erase(world.evidence);
  world.time.advance(5_000);
  const token = world.idToken();
  await world.signInWith(token, "refresh-token-1");
  world.time.advance(5_000);
  const receipt = await world.erase(evidenceOf(token));
  expect(receipt.erasedAt).toBe(world.time.now());
  const { user, erasure } = await world.userItems.find(SUB);
  expect([user, erasure?.at]).toEqual([undefined, receipt.erasedAt]);
  expect(await world.storedRefreshToken()).toBeUndefined();
});

test("a clock that goes back never makes an erasure older than the one before", async () => {
  const world = await createMortalWorld(false);
  const first = await world.erase(world.evidence);
  world.time.advance(5_000);
  const token = world.idToken();
  await world.signInWith(token);
  world.time.advance(-60_000);
  expect((await world.erase(evidenceOf(token))).erasedAt).toBe(first.erasedAt + 1);
});

describe("somebody with thousands of sessions", () => {
  async function createMany(owned: "before" | "meanwhile" = "before") {
    const world = await createMortalWorld(false);
    const [own] = world.sessionItems.allOf(SUB);
    for (let n = 0; n < 2_000; n += 1) {
      const tokenHash = `many-${String(n)}`;
      await world.sessionItems.create({ ...own!, tokenHash, id: tokenHash });
    }
    if (owned === "meanwhile") {
      const at = world.time.now() + 60_000;
      const newer = { createdAt: at, openedBy: { at, tokenHash: undefined } };
      await world.sessionItems.create({ ...own!, ...newer, tokenHash: "newer", id: "newer" });
    }
    world.sessionItems.damaged.set("damaged", SUB);
    const end = world.sessionItems.end.bind(world.sessionItems);
    const ended: string[] = [];
    jest.spyOn(world.sessionItems, "end").mockImplementation(async (tokenHash) => {
      world.time.advance(10);
      ended.push(tokenHash);
      await end(tokenHash);
    });
    return { ...world, own: own!, ended };
  }

  test("is erased page by page: no receipt before all have ended, and the next call goes on", async () => {
    const { own, ended, ...world } = await createMany();
    const evidence = evidenceOfSession(own);
    const unfinished = { reason: "too_little_time_left", retryAfterSeconds: 1 };
    await expect(world.erase(evidence, own)).rejects.toMatchObject(unfinished);
    expect((await world.userItems.find(SUB)).revocation).toBeUndefined();
    const left = world.sessionItems.items.size;
    expect(left).toBeGreaterThan(1_000);
    expect(left).toBeLessThan(1_200);
    await expect(world.erase(evidence, own)).rejects.toMatchObject(unfinished);
    expect(world.sessionItems.items.has(own.tokenHash)).toBe(true);
    expect(await world.erase(evidence, own)).toMatchObject({ sub: SUB });
    expect([world.sessionItems.items.size, world.sessionItems.damaged.size]).toEqual([0, 0]);
    // The session in use is the last one.
    expect(ended.at(-1)).toBe(own.tokenHash);
    expect(new Set(ended).size).toBe(ended.length);
  });

  test("who came back meanwhile keeps the session that they have by now", async () => {
    const { own, ended, ...world } = await createMany("meanwhile");
    for (let calls = 0; calls < 2; calls += 1) {
      await expect(world.erase()).rejects.toMatchObject({ reason: "too_little_time_left" });
    }
    await world.erase();
    expect(world.sessionItems.allOf(SUB).map(({ id }) => id)).toEqual(["newer"]);
    expect(ended).toContain(own.tokenHash);
  });
});
