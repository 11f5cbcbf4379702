import type { ActiveGrant, Grant } from "../../../lambda/grant/grant";
import { createWatch } from "../../../lambda/refresh/watch";
import { createLogDouble } from "../../support/exchange-world";
import { createInMemoryGrantStore } from "../../support/in-memory-grant-store";
import { NOW, ROWS, token } from "../grant/states";

const ready: ActiveGrant = { ...(ROWS.ready as ActiveGrant), revision: 0 };
const backwards = (row: Grant): Grant =>
  ({ ...row, refreshToken: token(1), inbox: [] }) as unknown as Grant;

async function world() {
  const { log, lines } = createLogDouble();
  const store = createInMemoryGrantStore();
  const watch = createWatch({ clock: { now: () => NOW }, log });
  const seen = await store.write(ready, 0);
  const grants = watch.grants(store);
  const issuance = watch.issuance({
    read: async (sub) => ({ grant: await store.read(sub), isFrozen: false }),
  });
  return { grants, issuance, store, lines, row: seen.written ? seen.grant : ready };
}

const REPORTED = [
  { level: "error", event: "impossible_transition", fields: { reason: "token_lost" } },
];

test("an impossible write is reported, and made", async () => {
  const { grants, store, lines } = await world();
  const row = (await grants.read("sub")) as Grant;
  const result = await grants.write(backwards(row), row.revision);
  expect(result).toMatchObject({ written: true });
  expect(await store.read("sub")).toMatchObject({ refreshToken: token(1), revision: 2 });
  expect(lines).toEqual(REPORTED);
});

test("a row that issuance has read is the row before, too", async () => {
  const { grants, issuance, lines } = await world();
  const { grant } = await issuance.read("sub");
  await grants.write(backwards(grant as Grant), 1);
  expect(lines).toEqual(REPORTED);
});

test("a row that was written is the row before the next write", async () => {
  const { grants, lines } = await world();
  const row = (await grants.read("sub")) as Grant;
  await grants.write(row, 1);
  expect(lines).toEqual([]);
  await grants.write(backwards(row), 2);
  expect(lines).toEqual(REPORTED);
});

test("a row that a write has found instead is the row before, too", async () => {
  const { grants, store, lines, row } = await world();
  await store.write(row, 1);
  expect(await grants.write(backwards(row), 1)).toMatchObject({ written: false });
  expect(lines).toEqual([]);
  await grants.write(backwards(row), 2);
  expect(lines).toEqual(REPORTED);
});

test("a write for another row than the one that was seen is not judged", async () => {
  const { grants, store, lines, row } = await world();
  await grants.read("sub");
  await store.write(row, 1);
  await grants.write(backwards(row), 2);
  expect(lines).toEqual([]);
});

test("the time is the one before the write: a lease that lapses meanwhile was live", async () => {
  const { log, lines } = createLogDouble();
  const store = createInMemoryGrantStore();
  let now = NOW;
  const leased = { ...ROWS.leased, revision: 0 } as Grant;
  const watch = createWatch({ clock: { now: () => now }, log });
  const grants = watch.grants({
    ...store,
    write: async (next, expected) => {
      const result = await store.write(next, expected);
      now += 60_000;
      return result;
    },
  });
  await grants.write(leased, 0);
  now = NOW;
  const lease = { owner: "another", expiresAt: NOW + 90_000, takenOver: true };
  await grants.write({ ...leased, lease } as Grant, 1);
  expect(lines).toMatchObject([{ fields: { reason: "lease_taken" } }]);
});

test("32 rows are remembered, the ones that were seen last", async () => {
  const { grants, lines } = await world();
  const write = async (sub: string, row: Grant, expected: number) =>
    await grants.write({ ...row, sub }, expected);
  const subs = Array.from({ length: 32 }, (_, at) => `sub-${String(at)}`);
  await write("oldest", ready, 0);
  await write("kept", ready, 0);
  for (const sub of subs.slice(0, 30)) {
    await write(sub, ready, 0);
  }
  await write("kept", ready, 1);
  await write(subs[30] as string, ready, 0);
  await write("oldest", backwards(ready), 1);
  expect(lines).toEqual([]);
  await write("kept", backwards(ready), 2);
  expect(lines).toEqual(REPORTED);
  // "oldest" came back in the place of the first, which now takes that of the second.
  await write(subs[0] as string, backwards(ready), 1);
  expect(lines).toEqual(REPORTED);
  await write(subs[2] as string, backwards(ready), 1);
  expect(lines).toHaveLength(2);
});
