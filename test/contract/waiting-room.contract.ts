import type { ActiveGrant } from "../../lambda/grant/grant";
import type { GrantStore, WaitingRoom } from "../../lambda/ports";
import { ALICE, BOB, NOW } from "../support/tokens";
import { sampleGrant } from "./grant-store.contract";

const lease = { owner: "holder", expiresAt: NOW + 17_000, takenOver: false };
const leased = { ...sampleGrant(), lease };

/** What waiting callers rely on, whoever implements it: a count beside a grant, of one lease. */
export function waitingRoomContract(createStores: () => Promise<GrantStore & WaitingRoom>): void {
  let store: GrantStore & WaitingRoom;

  beforeEach(async () => {
    store = await createStores();
    await store.write(leased, 0);
  });

  async function row(): Promise<ActiveGrant> {
    const grant = await store.read(ALICE);
    if (grant?.status !== "active") {
      throw new Error("there is no active grant");
    }
    return grant;
  }

  test("lets in as many as there are places, and nobody more", async () => {
    const seen: boolean[] = [];
    for (let caller = 0; caller < 5; caller += 1) {
      seen.push(await store.enter({ ...leased, ...(await row()), lease }, 3));
    }
    expect(seen).toEqual([true, true, true, false, false]);
    expect((await row()).waiting).toEqual({ owner: "holder", count: 3 });
  });

  test.each([1, 2, 7])(
    "F12: of 50 who come at once, %d are let in for so many places",
    async (max) => {
      const all = await Promise.all(Array.from({ length: 50 }, () => store.enter(leased, max)));
      expect(all.filter((isIn) => isIn)).toHaveLength(max);
      expect((await row()).waiting?.count).toBe(max);
    },
  );

  test("lets in whoever has read the row a while ago, as long as there is a place", async () => {
    await store.enter(leased, 3);
    await store.enter(leased, 3);
    const stale = { ...leased, waiting: { owner: "holder", count: 1 } };
    expect(await store.enter(stale, 3)).toBe(true);
    expect(await store.enter(stale, 3)).toBe(false);
    expect(await store.enter({ ...leased, waiting: { owner: "before", count: 9 } }, 3)).toBe(false);
  });

  test("moves no revision and no other member, so no write of a holder can fail for it", async () => {
    const before = await row();
    await store.enter(leased, 3);
    expect(await row()).toEqual({ ...before, waiting: { owner: "holder", count: 1 } });
    const committed = await store.write({ ...before, lease: undefined }, before.revision);
    expect(committed).toMatchObject({ written: true });
  });

  test("a lease that is over, or another one, has no places", async () => {
    const next = { ...leased, lease: { ...lease, owner: "next" } };
    await store.write(next, 1);
    expect(await store.enter(leased, 3)).toBe(false);
    await store.write(sampleGrant(), 2);
    expect(await store.enter(leased, 3)).toBe(false);
    expect(await store.enter(next, 3)).toBe(false);
    expect((await row()).waiting).toBeUndefined();
  });

  test("a new lease has all of its places, although writes leave the old count where it is", async () => {
    await store.enter(leased, 1);
    const before = await row();
    const next = { ...leased, lease: { ...lease, owner: "next" } };
    await store.write(next, before.revision);
    expect((await row()).waiting).toEqual({ owner: "holder", count: 1 });
    expect(await store.enter({ ...next, waiting: (await row()).waiting }, 1)).toBe(true);
    expect(await store.enter({ ...next, waiting: { owner: "holder", count: 1 } }, 1)).toBe(false);
    expect((await row()).waiting).toEqual({ owner: "next", count: 1 });
  });

  test("a user without a grant has none, and gets none by it", async () => {
    expect(await store.enter({ ...leased, sub: BOB }, 3)).toBe(false);
    expect(await store.read(BOB)).toBeUndefined();
  });
}
