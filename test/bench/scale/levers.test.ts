import { DOCUMENT, partsOf, readDocument } from "./document";
import { LEVERS, leverTable, move, type Moved } from "./levers";
import { readResults } from "./results";

const moved: Moved[] = [];
const words = (text: string) => text.replaceAll(/-{2,}/g, "--").replaceAll(/[ \t]+/g, " ");

/** What counts as having moved: by a fifth at least. */
const MOVED = 0.8;

test.each(LEVERS)("$setting moves: $bottleneck", async (lever) => {
  const shown = await move(lever);
  moved.push(shown);
  const [before, after] = shown.shown;
  // Before, it is a bottleneck indeed.
  expect(before).toBeGreaterThan(0);
  expect(after).toBeLessThan(before * MOVED);
});

test("docs/scale.md has their numbers", () => {
  expect(moved).toHaveLength(LEVERS.length);
  expect(DOCUMENT).toMatch(/docs\/scale\.md$/);
  expect(words(readDocument())).toContain(words(leverTable(moved)));
  expect(partsOf(readResults(), moved).levers).toBe(leverTable(moved));
});
