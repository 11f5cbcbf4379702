/** What is exact in the results that are kept. Times are never asserted. */
import { compared, readResults, type Row } from "./results";

const { token, growth } = readResults();
/** Skipped, visibly, where a part was never measured. */
const ofToken = token === undefined ? test.skip : test;
const ofGrowth = growth === undefined ? test.skip : test;
/** A caller is noted in the history once in five minutes: a write more of a call that reads. */
const NOTED: Readonly<Record<string, number>> = { dynamoCalls: 1, writes: 3 };
const countsOf = (rows: readonly Row[] | undefined, candidate = "ours") =>
  (rows ?? []).filter((row) => row.candidate === candidate).map(({ counts = {} }) => counts);

ofToken("every caller is answered, and no grant is lost, with rotation neither", () => {
  const all = countsOf(token?.rows);
  expect(all).toHaveLength(4);
  for (const { answered, callers, lostGrants, refusedByProvider } of all) {
    expect({ answered, lostGrants, refusedByProvider }).toEqual({
      answered: callers,
      lostGrants: 0,
      refusedByProvider: 0,
    });
  }
});

ofToken("callers for one user cause one token request and get one token", () => {
  const one = (token?.rows ?? []).filter(({ name }) => name.includes("one user"));
  expect(countsOf(one).map(({ exchanges, tokens }) => [exchanges, tokens])).toEqual([
    [1, 1],
    [1, 1],
  ]);
  // Or the figure above would show nothing.
  const typical = countsOf(one, "typical");
  const attempts = ({ exchanges = 0, refusedByProvider = 0 }) => exchanges + refusedByProvider;
  expect(typical.length).toBe(2);
  expect(typical.every((counts) => attempts(counts) > 1)).toBe(true);
});

ofGrowth("a request takes the same calls and units, however many users there are", () => {
  const rows = growth?.rows ?? [];
  const sizes = new Set(countsOf(rows).map(({ users }) => users));
  expect(sizes.size).toBeGreaterThanOrEqual(3);
  for (const name of new Set(rows.map((row) => row.name))) {
    const counts = countsOf(rows.filter((row) => row.name === name));
    for (const count of ["dynamoCalls", "reads", "writes", "kmsCalls"]) {
      const values = counts.map((one) => one[count] ?? NaN);
      // The switch that freezes all users is read every five seconds, in whichever request.
      const more = name === "kept access token" ? (NOTED[count] ?? 0.5) : 0.5;
      const isSame = Math.max(...values) - Math.min(...values) <= more;
      expect({ name, count, isSame }).toEqual({ name, count, isSame: true });
    }
  }
});

test("candidates are compared by their first figure, each with each other", () => {
  const rows = compared({ name: "n", node: "24" }, [
    { candidate: "ours", rounds: { cpuMs: [2, 4], wallMs: [1, 1] }, counts: { bytes: 3 } },
    { candidate: "floor", rounds: { cpuMs: [1, 2], wallMs: [9, 9] } },
  ]);
  expect(rows.map(({ ratios }) => ratios)).toEqual([
    { floor: { median: 2, low: 2, high: 2 } },
    { ours: { median: 0.5, low: 0.5, high: 0.5 } },
  ]);
  const [{ figures, ...ours } = { figures: {} }] = rows;
  expect(ours).toMatchObject({ name: "n", node: "24", candidate: "ours", counts: { bytes: 3 } });
  expect(Object.values(figures).map(({ median }) => median)).toEqual([3, 1]);
});
