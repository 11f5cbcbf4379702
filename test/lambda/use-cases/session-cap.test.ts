import { UnavailableError } from "../../../lambda/errors";
import type { Session } from "../../../lambda/model";
import { createKeepCap } from "../../../lambda/use-cases/session-cap";
import { sampleSession } from "../../contract/session-store.contract";
import { createLogDouble } from "../../support/exchange-world";
import { createInMemorySessionStore } from "../../support/in-memory-session-store";
import { ALICE, BOB, NOW } from "../../support/tokens";

const CAP = 5;

function createWorld(deadline = NOW + 15_000) {
  const store = createInMemorySessionStore();
  const { log, lines } = createLogDouble();
  const keepCap = createKeepCap({
    sessions: store,
    clock: { now: () => NOW },
    sessionsPerUser: CAP,
  });
  return {
    store,
    lines,
    add: async (id: string, overrides: Partial<Session> = {}) => {
      const session = sampleSession({ tokenHash: id, id, ...overrides });
      await store.create(session);
      return session;
    },
    keepCap: (opened: Session, replaces?: Session) => keepCap({ opened, replaces, deadline, log }),
    ids: () => [...store.items.keys(), ...store.damaged.keys()].sort(),
  };
}

test("as many as the cap allows stay, the new one included", async () => {
  const { add, keepCap, ids } = createWorld();
  for (const id of ["a", "b", "c", "d"]) {
    await add(id);
  }
  await keepCap(await add("new"));
  expect(ids()).toEqual(["a", "b", "c", "d", "new"]);
});

test("the one that nobody used for longest ends first, and of those used at one time the oldest", async () => {
  const { add, keepCap, ids } = createWorld();
  await add("used", { createdAt: NOW - 9_000, lastSeenAt: NOW - 1 });
  await add("unused", { createdAt: NOW - 8_000, lastSeenAt: NOW - 5_000 });
  await add("old", { createdAt: NOW - 7_000, lastSeenAt: NOW - 4_000 });
  await add("younger", { createdAt: NOW - 6_000, lastSeenAt: NOW - 4_000 });
  await add("a", { lastSeenAt: NOW - 1 });
  await add("b", { lastSeenAt: NOW - 1 });
  await keepCap(await add("new", { createdAt: NOW - 99_000, lastSeenAt: NOW - 99_000 }));
  expect(ids()).toEqual(["a", "b", "new", "used", "younger"]);
});

test("what has run out, or cannot be read, ends before any that lives", async () => {
  const { add, keepCap, ids, store } = createWorld();
  for (const id of ["a", "b", "c", "d"]) {
    await add(id, { lastSeenAt: NOW - 50_000 });
  }
  await add("idle", { idleExpiresAt: NOW });
  await add("over", { expiresAt: NOW });
  store.damaged.set("damaged", ALICE);
  await keepCap(await add("new"));
  expect(ids()).toEqual(["a", "b", "c", "d", "new"]);
});

test("the one that the sign-in replaces takes nobody's place, and is left to the sign-in", async () => {
  const { add, keepCap, ids } = createWorld();
  for (const id of ["a", "b", "c", "d"]) {
    await add(id);
  }
  const replaced = await add("replaced", { lastSeenAt: NOW - 99_000 });
  await keepCap(await add("new"), replaced);
  expect(ids()).toEqual(["a", "b", "c", "d", "new", "replaced"]);
});

test("S22: nobody else's session ends", async () => {
  const { add, keepCap, ids } = createWorld();
  for (let n = 0; n < 9; n += 1) {
    await add(`bob-${String(n)}`, { sub: BOB });
  }
  await keepCap(await add("new"));
  expect(ids()).toHaveLength(10);
});

test("of somebody who has thousands each sign-in looks at one page, and leaves fewer", async () => {
  const { add, keepCap, store } = createWorld();
  for (let n = 0; n < 1_000; n += 1) {
    await add(`many-${String(n)}`);
  }
  const pages = jest.spyOn(store, "page");
  const opened = await add("new");
  const left: number[] = [];
  for (let signIn = 0; signIn < 20; signIn += 1) {
    await keepCap(opened);
    left.push(store.items.size);
  }
  expect(pages).toHaveBeenCalledTimes(20);
  expect(left.slice(0, 2)).toEqual([936, 871]);
  expect(left.at(-1)).toBe(CAP);
  expect(store.items.has("new")).toBe(true);
});

test("at most 32 end side by side", async () => {
  const { add, keepCap, store } = createWorld();
  for (let n = 0; n < 100; n += 1) {
    await add(`many-${String(n)}`);
  }
  let [now, most] = [0, 0];
  const end = store.end.bind(store);
  jest.spyOn(store, "end").mockImplementation(async (tokenHash) => {
    now += 1;
    most = Math.max(most, now);
    await Promise.resolve();
    await end(tokenHash);
    now -= 1;
  });
  await keepCap(await add("new"));
  expect([most, store.items.size]).toEqual([32, 36]);
});

test.each<[string, Error, object]>([
  [
    "does not answer",
    new UnavailableError("store_unavailable"),
    { level: "warn", fields: { reason: "store_unavailable" } },
  ],
  [
    "has a bug",
    new TypeError("x"),
    { level: "error", fields: { reason: "bug", cause: "TypeError" } },
  ],
])("a store that %s never fails the sign-in, and the log says so", async (_, error, line) => {
  const { add, keepCap, store, lines } = createWorld();
  jest.spyOn(store, "page").mockRejectedValue(error);
  await keepCap(await add("new"));
  expect(lines).toMatchObject([{ event: "sessions_not_capped", ...line }]);
});

test("a sign-in that has no time left ends none", async () => {
  const { add, keepCap, ids, lines } = createWorld(NOW + 5_999);
  for (let n = 0; n < 9; n += 1) {
    await add(`many-${String(n)}`);
  }
  await keepCap(await add("new"));
  expect(ids()).toHaveLength(10);
  expect(lines).toMatchObject([{ fields: { reason: "too_little_time_left" } }]);
});
