import type { Move, MoveJournal } from "../../lambda/ports/move";
import { ALICE, BOB, NOW } from "../support/tokens";

const CAROL = "urn:rollupid:identity/0xca401";

/** What a move relies on, whoever implements it: no subject is part of two. */
export function moveJournalContract(createJournal: () => Promise<MoveJournal>): void {
  let journal: MoveJournal;

  beforeEach(async () => {
    journal = await createJournal();
  });

  const move = (from: string, to: string, id = "id-1"): Move => ({
    from,
    to,
    id,
    seen: { erasedAt: NOW, endedAt: undefined, fromEndedAt: NOW - 1 },
  });

  test("nobody is being moved", async () => {
    expect(await journal.read(ALICE)).toBeUndefined();
  });

  test("both know of the move until it ends, and it may be begun again", async () => {
    const first = move(ALICE, BOB);
    expect(await journal.begin(first)).toEqual(first);
    expect(await journal.begin(move(ALICE, BOB, "id-2"))).toEqual(first);
    expect([await journal.read(ALICE), await journal.read(BOB)]).toEqual([first, first]);
    await journal.end(move(ALICE, BOB, "id-2"));
    expect(await journal.read(BOB)).toEqual(first);
    await journal.end(first);
    await journal.end(first);
    expect([await journal.read(ALICE), await journal.read(BOB)]).toEqual([undefined, undefined]);
  });

  test.each([
    ["the same to another", ALICE, CAROL],
    ["another to the same", CAROL, BOB],
    ["on from there", BOB, CAROL],
    ["another to where it comes from", CAROL, ALICE],
    ["back", BOB, ALICE],
  ])("another move is in the way: %s", async (_, from, to) => {
    const first = move(ALICE, BOB);
    await journal.begin(first);
    expect(await journal.begin(move(from, to, "id-2"))).toEqual(first);
    expect(await journal.read(CAROL)).toBeUndefined();
    await journal.end(first);
    expect(await journal.begin(move(from, to, "id-2"))).toMatchObject({ id: "id-2" });
  });
}
