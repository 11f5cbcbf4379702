import { type Claims, evidenceOf, mergedClaims } from "../../../lambda/model";
import type { Userinfo } from "../../../lambda/ports/provider";
import { createBudget } from "../../../lambda/use-cases/budget";
import { createGetFreshUser } from "../../../lambda/use-cases/fresh-user";
import { createLogDouble } from "../../support/exchange-world";
import { createInMemoryUserStore } from "../../support/in-memory-user-store";
import { ALICE, NOW } from "../../support/tokens";

type Answer = Awaited<ReturnType<Userinfo["read"]>>;

const idToken = {
  sub: ALICE,
  issuedAt: NOW - 10_000,
  expiresAt: NOW + 1,
  claims: { name: "Old", picture: "p" },
  tokenHash: "hash",
};
const evidence = evidenceOf(idToken);
const told = (claims: Claims): Answer => ({ kind: "claims", claims });

const PER_MINUTE = 3;

async function createWorld(answer: Answer = told({}), options: { hasToken?: boolean } = {}) {
  const users = createInMemoryUserStore();
  await users.upsert(idToken, evidence, NOW);
  const { log, lines } = createLogDouble();
  const asked: string[] = [];
  const times: number[] = [];
  let now = NOW;
  const get = createGetFreshUser({
    users,
    ownApi: {
      accessToken: ({ authorization = "" }, timeoutMs) => {
        asked.push(authorization);
        times.push(timeoutMs);
        return Promise.resolve(options.hasToken === false ? undefined : "at");
      },
    },
    userinfo: {
      read: (accessToken, sub) => {
        asked.push(`${accessToken} ${sub}`);
        return Promise.resolve(answer);
      },
    },
    userinfoRequests: createBudget({ perMinute: PER_MINUTE, clock: { now: () => now } }),
    userinfoTimeoutMs: 2_000,
    clock: { now: () => now },
  });
  return {
    users,
    asked,
    times,
    lines,
    advance: (milliseconds: number) => {
      now += milliseconds;
    },
    get: (deadline = now + 10_000) =>
      get({ evidence, credentials: { authorization: "Bearer own" }, deadline, log }),
  };
}

test("claims that the ID token lacks are filled in, the later word wins, and both are kept apart", async () => {
  const world = await createWorld(told({ name: "New", email: "a@b.example" }));
  const { user, freshAt } = await world.get();
  expect(freshAt).toBe(NOW);
  expect(mergedClaims(user)).toEqual({ name: "New", picture: "p", email: "a@b.example" });
  expect(user.claims).toEqual(idToken.claims);
  expect(user.version).toBe(2);
  expect(world.asked).toEqual(["Bearer own", `at ${ALICE}`]);
});

test("a newer ID token has the later word again, and what only userinfo knows stays", async () => {
  const world = await createWorld(told({ name: "New", email: "a@b.example" }));
  await world.get();
  const newer = { ...idToken, issuedAt: NOW + 1_000, claims: { name: "Newest" } };
  const { user } = await world.users.upsert(newer, evidenceOf(newer), NOW + 1_000);
  expect(mergedClaims(user)).toEqual({ name: "Newest", email: "a@b.example" });
});

test("an answer that changes nothing writes nothing, so that If-Match still holds", async () => {
  const world = await createWorld(told({ email: "a@b.example" }));
  await world.get();
  world.advance(60_000);
  const { user, freshAt } = await world.get();
  expect([user.version, freshAt]).toEqual([2, NOW + 60_000]);
});

test.each<[string, Answer, { hasToken?: boolean }]>([
  ["userinfo cannot be had", { kind: "unavailable" }, {}],
  ["userinfo speaks of somebody else", { kind: "foreign" }, {}],
  ["there is no access token", told({ name: "New" }), { hasToken: false }],
])("where %s the stored user is the answer, and says so", async (_, answer, options) => {
  const world = await createWorld(answer, options);
  const { user, freshAt } = await world.get();
  expect([user.version, user.claims, freshAt]).toEqual([1, idToken.claims, undefined]);
  expect(world.lines.map(({ level }) => level)).toEqual(answer.kind === "foreign" ? ["error"] : []);
});

test("it waits for others only as long as there is time to answer", async () => {
  const world = await createWorld();
  await world.get(NOW + 10_000);
  expect(world.times).toEqual([6_000]);
  expect((await world.get(NOW + 4_000)).freshAt).toBeUndefined();
  expect(world.times).toHaveLength(1);
});

test("a user erased meanwhile is not brought back", async () => {
  const world = await createWorld(told({ email: "a@b.example" }));
  const seen = await world.users.find(ALICE);
  const find = world.users.find;
  world.users.find = async (sub) => {
    const record = await find(sub);
    await world.users.begin(ALICE, seen, { at: NOW + 5_000, tokenHashes: [] });
    return record;
  };
  await expect(world.get()).rejects.toMatchObject({ reason: "erased_user" });
  expect((await find(ALICE)).user).toBeUndefined();
});

test("a user who was changed meanwhile keeps both changes", async () => {
  const world = await createWorld(told({ email: "a@b.example" }));
  const find = world.users.find;
  let isFirst = true;
  world.users.find = async (sub) => {
    const record = await find(sub);
    if (isFirst && record.user !== undefined) {
      isFirst = false;
      await world.users.putAttributes(record.user, { theme: "dark" }, NOW);
    }
    return record;
  };
  const { user } = await world.get();
  expect(user).toMatchObject({ attributes: { theme: "dark" }, version: 3 });
  expect(mergedClaims(user)).toMatchObject({ email: "a@b.example" });
});

test("F5: so often in a minute and no more: after that the stored user is the answer, and nobody is asked", async () => {
  const world = await createWorld(told({ name: "New" }));
  for (let call = 0; call < PER_MINUTE; call += 1) {
    expect((await world.get()).freshAt).toBe(NOW);
  }
  const before = world.asked.length;
  const { user, freshAt } = await world.get();
  expect([freshAt, mergedClaims(user)["name"]]).toEqual([undefined, "New"]);
  expect(world.asked).toHaveLength(before);
  world.advance(20_000);
  expect((await world.get()).freshAt).toBe(NOW + 20_000);
});

test("F5: what does not ask uses nothing up", async () => {
  const world = await createWorld();
  for (let call = 0; call < 2 * PER_MINUTE; call += 1) {
    expect((await world.get(NOW + 1_000)).freshAt).toBeUndefined();
  }
  expect((await world.get()).freshAt).toBe(NOW);
});
