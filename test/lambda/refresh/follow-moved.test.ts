/** Where a spilled successor belongs, however often its grant was moved meanwhile. */
import type { Grant } from "../../../lambda/grant/grant";
import { erase, replaceGrant } from "../../../lambda/grant/transitions";
import type { Issuance } from "../../../lambda/ports/stores";
import { follow } from "../../../lambda/refresh/follow-moved";
import { createInMemoryCipher } from "../../support/in-memory-cipher";

const GEN = 7;
const place = (moves: number) => ({ sub: `sub-${String(moves)}`, grantId: `id-${String(moves)}` });

/** A grant that was moved so often; `living`: whether it lives on there. */
async function createMoved(moves: number, living: "lives" | "has ended" | "is gone" = "lives") {
  const cipher = createInMemoryCipher();
  const key = await cipher.newKey({ ...place(0), gen: GEN });
  const refreshToken = { ciphertext: key.seal("successor", "refresh_token"), gen: GEN };
  const stamp = { at: 1, by: "test" };
  const at = (grantId: string) =>
    replaceGrant(undefined, { ...place(moves), grantId, refreshToken }, stamp);
  const rows = new Map<string, Grant>();
  for (let left = 0; left < moves; left += 1) {
    const to = place(left + 1);
    const movedTo = { id: to.grantId, sub: to.sub, was: place(left).grantId, token: "moved" };
    const tombstone = erase(undefined, { at: 1, tokenHashes: [] }, place(left));
    rows.set(place(left).sub, { ...tombstone, movedTo } as Grant);
  }
  if (living !== "is gone") {
    const grantId = living === "lives" ? place(moves).grantId : "of a later sign-in";
    rows.set(place(moves).sub, at(grantId));
  }
  const issuance = {
    read: (sub: string): Promise<Issuance> =>
      Promise.resolve({ grant: rows.get(sub), isFrozen: false }),
  };
  const open = jest.fn(cipher.open);
  const dependencies = { issuance, sealer: cipher, opener: { open } };
  const task = { kind: "spill", ...place(0), owner: "dead", refreshToken } as const;
  return { rows, cipher, open, task, followed: await follow(dependencies, task) };
}

test.each([1, 2, 16])(
  "a successor whose grant was moved %d times is found where the grant is, sealed for that place under its own gen",
  async (moves) => {
    const { rows, cipher, followed } = await createMoved(moves);
    const { found, successor, mayRevoke } = followed;
    expect(found.grant).toBe(rows.get(place(moves).sub));
    expect(successor).toMatchObject({ owner: "dead", grantId: place(moves).grantId });
    const { ciphertext, gen } = successor.refreshToken;
    expect(gen).toBe(GEN);
    const context = { ...place(moves), gen, purpose: "refresh_token" } as const;
    expect(await cipher.open(ciphertext, context)).toBe("successor");
    expect(mayRevoke).toBe(false);
  },
);

test("a way of more than sixteen moves is not gone to its end, and its successor not revoked", async () => {
  const { rows, followed, open } = await createMoved(17);
  expect(followed.found.grant).toBe(rows.get(place(16).sub));
  expect(followed.mayRevoke).toBe(false);
  expect(open).toHaveBeenCalledTimes(1);
});

test.each([
  [0, "lives", true],
  [0, "has ended", true],
  [0, "is gone", true],
  [1, "has ended", false],
  [1, "is gone", false],
] as const)(
  "after %d moves, where its grant %s, nothing is opened, and it may be revoked: %p",
  async (moves, living, mayRevoke) => {
    const { rows, open, task, followed } = await createMoved(moves, living);
    const { owner, refreshToken } = task;
    expect(followed).toEqual({
      found: { grant: rows.get(place(moves).sub), isFrozen: false },
      successor: { owner, grantId: place(moves).grantId, refreshToken },
      mayRevoke,
    });
    expect(open).not.toHaveBeenCalled();
  },
);
