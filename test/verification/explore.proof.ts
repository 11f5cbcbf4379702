/** A small exhaustive exploration; `npm run proof:explore` runs the whole. */
import { MAX_STATES, REDUCED } from "./explore/configurations";
import { createReplayCache } from "./explore/replay-cache";
import { search, shortest } from "./explore/search";
import { VARIANTS } from "./explore/variants";

const MAX_VARIANT_STATES = 200_000;

describe("every schedule of the real use cases", () => {
  test.each(REDUCED.map((configuration) => ({ configuration, ...configuration })))(
    "S44 S45 S47 S48 S49 S50: $rotation, $name: no invariant is broken, and none is left out",
    async ({ configuration }) => {
      const runner = createReplayCache();
      const found = await search({ configuration, rules: {}, runner }, { maxStates: MAX_STATES });
      expect(found.found).toBeUndefined();
      expect(found.isComplete).toBe(true);
      expect(found.schedules).toBeGreaterThan(1);
      expect(found.ends).toBeGreaterThan(1);
    },
  );

  test("a search that hits its bound says that it is not complete", async () => {
    const [configuration] = REDUCED;
    const scenario = { configuration: configuration!, rules: {}, runner: createReplayCache() };
    expect(await search(scenario, { maxStates: 20 })).toMatchObject({ isComplete: false });
  });

  test("losses are met, and with a strict provider only: without a fault nothing is ever forfeited", async () => {
    const configuration = { name: "", roles: ["access"], crashes: 1, losses: 0 } as const;
    const forfeited = async (rotation: "none" | "grace" | "strict", crashes: number) => {
      const scenario = { configuration: { ...configuration, rotation, crashes }, rules: {} };
      const bounds = { maxStates: MAX_STATES };
      return (await search({ ...scenario, runner: createReplayCache() }, bounds)).forfeited;
    };
    expect(await forfeited("strict", 1)).toBeGreaterThan(0);
    expect(await forfeited("strict", 0)).toBe(0);
    expect(await forfeited("grace", 1)).toBe(0);
    expect(await forfeited("none", 1)).toBe(0);
  });
});

describe("the checker is checked: a rule broken on purpose is found", () => {
  test.each(VARIANTS)("$name: $breaks", async ({ configuration, rules, breaks }) => {
    const scenario = { configuration, rules, runner: createReplayCache() };
    const found = await shortest(scenario, MAX_VARIANT_STATES);
    const broken = found?.violations.map(({ invariant }) => invariant) ?? [];
    expect(broken).toEqual(expect.arrayContaining([...breaks]));
    expect(breaks.length === 0 ? broken : []).toEqual([]);
    expect((found?.schedule.length ?? 0) > 0).toBe(breaks.length > 0);
  });
});
