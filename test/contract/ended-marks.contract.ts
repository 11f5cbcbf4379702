import type { EndedMarks } from "../../lambda/ports/stores";
import { ALICE, BOB, NOW } from "../support/tokens";

/** What ends a grant for good relies on, whoever implements it. */
export function endedMarksContract(createMarks: () => Promise<EndedMarks>): void {
  let marks: EndedMarks;

  beforeEach(async () => {
    marks = await createMarks();
  });

  test("where nothing ever ended there is none", async () => {
    expect(await marks.read(ALICE)).toBeUndefined();
  });

  test("to the millisecond, and of one user alone", async () => {
    await marks.raise(ALICE, NOW + 1);
    expect([await marks.read(ALICE), await marks.read(BOB)]).toEqual([NOW + 1, undefined]);
  });

  test.each([
    ["later", NOW + 1, NOW + 1],
    ["the same again", NOW, NOW],
    ["earlier", NOW - 1, NOW],
    ["in another year, with other digits", Date.UTC(1999, 11, 31), NOW],
    ["the last time that has thirteen digits", 9_999_999_999_999, 9_999_999_999_999],
  ])("F13: it only rises: %s", async (_, next, expected) => {
    await marks.raise(ALICE, NOW);
    await marks.raise(ALICE, next);
    expect(await marks.read(ALICE)).toBe(expected);
  });

  test("of many at once the latest stays", async () => {
    const times = Array.from({ length: 50 }, (_, at) => NOW + ((at * 7) % 50));
    await Promise.all(times.map((at) => marks.raise(ALICE, at)));
    expect(await marks.read(ALICE)).toBe(NOW + 49);
  });
}
