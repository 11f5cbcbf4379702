import fc from "fast-check";
import { COOLDOWN_MS, createReloadBudget, RESERVE_MS } from "../../../lambda/auth/reload-budget";

function createBudget() {
  let now = 1_000_000;
  const budget = createReloadBudget({ now: () => now });
  return {
    advance: (milliseconds: number) => {
      now += milliseconds;
    },
    renewsIn: () => budget.renewedAt() - now,
    spend: budget.spend,
    allows: (isFamiliar: boolean) => budget.allows(isFamiliar),
    /** Spends if it may. */
    ask: (isFamiliar: boolean): boolean => {
      const isAllowed = budget.allows(isFamiliar);
      if (isAllowed) {
        budget.spend(isFamiliar);
      }
      return isAllowed;
    },
  };
}

describe("S06: what unknown keys may cause", () => {
  test.each([true, false])("one reload per cooldown (of the provider's form: %p)", (isFamiliar) => {
    const { ask, advance, renewsIn } = createBudget();
    expect([ask(isFamiliar), ask(isFamiliar)]).toEqual([true, false]);
    expect(renewsIn()).toBe(COOLDOWN_MS);
    advance(COOLDOWN_MS - 1);
    expect(ask(isFamiliar)).toBe(false);
    advance(1);
    expect([ask(isFamiliar), ask(isFamiliar)]).toEqual([true, false]);
  });

  test("S09: one in reserve for a kid of the provider's form, after one that is not", () => {
    const { ask } = createBudget();
    expect([ask(false), ask(false), ask(true), ask(true), ask(false)]).toEqual([
      true,
      false,
      true,
      false,
      false,
    ]);
  });

  test("the reserve begins the cooldown anew", () => {
    const { ask, advance } = createBudget();
    ask(false);
    advance(COOLDOWN_MS - 1);
    expect(ask(true)).toBe(true);
    advance(COOLDOWN_MS - 1);
    expect(ask(true)).toBe(false);
    advance(1);
    expect(ask(true)).toBe(true);
  });

  test("the reserve is there again after ten minutes, and not before", () => {
    const { ask, advance } = createBudget();
    ask(false);
    ask(true);
    advance(RESERVE_MS - 1);
    expect([ask(false), ask(true)]).toEqual([true, false]);
    advance(1);
    expect(ask(true)).toBe(true);
  });

  test("one that is not in reserve leaves the reserve alone", () => {
    const { ask, advance } = createBudget();
    ask(true);
    advance(COOLDOWN_MS);
    expect([ask(false), ask(true)]).toEqual([true, true]);
  });

  test("S09: a reload that found its key costs nothing, in reserve neither", () => {
    const { ask, spend } = createBudget();
    spend(true)();
    expect(ask(false)).toBe(true);
    spend(true)();
    expect([ask(true), ask(true)]).toEqual([true, false]);
  });

  test("a flood of any mixture: one per cooldown, and one more per ten minutes", () => {
    const steps = fc.array(
      fc.tuple(fc.boolean(), fc.constantFrom(0, 1, 1_000, COOLDOWN_MS - 1, COOLDOWN_MS, 60_000)),
      { minLength: 1, maxLength: 200 },
    );
    fc.assert(
      fc.property(steps, (flood) => {
        const { ask, advance } = createBudget();
        let elapsed = 0;
        let reloads = 0;
        for (const [isFamiliar, pause] of flood) {
          reloads += ask(isFamiliar) ? 1 : 0;
          advance(pause);
          elapsed += pause;
        }
        const cooldowns = Math.floor(elapsed / COOLDOWN_MS) + 1;
        expect(reloads).toBeLessThanOrEqual(cooldowns + Math.floor(elapsed / RESERVE_MS) + 1);
      }),
      { numRuns: 500, seed: 20_261_129 },
    );
  });
});
