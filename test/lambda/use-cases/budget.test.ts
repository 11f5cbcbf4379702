import { createBudget, createSharedBudget } from "../../../lambda/use-cases/budget";
import { createVirtualTime } from "../../support/virtual-time";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

function createWorld(perMinute: number, maxKeys?: number) {
  const time = createVirtualTime();
  const budget = createBudget({ perMinute, clock: time, ...(maxKeys && { maxKeys }) });
  /** How many of so many tries go through. */
  const tries = (key: string, count: number) =>
    Array.from({ length: count }, () => budget.take(key)).filter((wait) => wait === undefined)
      .length;
  return { time, budget, tries };
}

test("a key has a minute's worth at once, and then as many as fill up", () => {
  const { time, tries } = createWorld(6);
  expect(tries("a", 100)).toBe(6);
  time.advance(10 * SECOND - 1);
  expect(tries("a", 100)).toBe(0);
  time.advance(1);
  expect(tries("a", 100)).toBe(1);
  time.advance(30 * SECOND);
  expect(tries("a", 100)).toBe(3);
});

test("nothing is saved beyond a minute's worth", () => {
  const { time, tries } = createWorld(6);
  tries("a", 1);
  time.advance(60 * MINUTE);
  expect(tries("a", 100)).toBe(6);
});

test("in the long run it is what a minute has, whoever tries how often", () => {
  const { time, tries } = createWorld(10);
  let taken = 0;
  for (let step = 0; step < 6_000; step += 1) {
    taken += tries("a", 3);
    time.advance(100);
  }
  expect(taken).toBeGreaterThanOrEqual(10 + 10 * 10 - 1);
  expect(taken).toBeLessThanOrEqual(10 + 10 * 10);
});

test.each([
  ["nothing has filled up", 0, 10],
  ["a part has", 4_500, 6],
  ["almost all has", 9_999, 1],
])("whoever has none left is told in how many whole seconds: %s", (_, after, expected) => {
  const { time, budget, tries } = createWorld(6);
  tries("a", 6);
  time.advance(after);
  expect(budget.take("a")).toBe(expected);
  time.advance(expected * SECOND);
  expect(budget.take("a")).toBeUndefined();
});

test("keys have nothing to do with each other, whatever they are called", () => {
  const { tries } = createWorld(2);
  for (const key of ["a", "b", "", "__proto__", "constructor"]) {
    expect(tries(key, 5)).toBe(2);
  }
});

test("what is given back is there again, and never more than there was", () => {
  const { budget, tries } = createWorld(2);
  for (let call = 0; call < 50; call += 1) {
    expect(budget.take("a")).toBeUndefined();
    budget.giveBack("a");
  }
  budget.giveBack("a");
  budget.giveBack("never seen");
  expect([tries("a", 5), tries("never seen", 5)]).toEqual([2, 2]);
});

test("of more keys than are kept the one that was not used for longest begins anew", () => {
  const { tries } = createWorld(1, 2);
  expect([tries("a", 2), tries("b", 2), tries("a", 1)]).toEqual([1, 1, 0]);
  expect(tries("c", 2)).toBe(1);
  expect([tries("a", 1), tries("c", 1)]).toEqual([0, 0]);
  expect(tries("b", 2)).toBe(1);
});

test("a clock that is set back fills nothing, and takes nothing away", () => {
  const { time, tries } = createWorld(2);
  expect(tries("a", 1)).toBe(1);
  time.advance(-MINUTE);
  expect(tries("a", 5)).toBe(1);
  time.advance(30 * SECOND);
  expect(tries("a", 5)).toBe(1);
});

describe("a budget of one's own in one of all", () => {
  function createShared(own: number, common: number) {
    const time = createVirtualTime();
    const budget = createSharedBudget(
      createBudget({ perMinute: own, clock: time }),
      createBudget({ perMinute: common, clock: time }),
    );
    const tries = (key: string, count: number) =>
      Array.from({ length: count }, () => budget.take(key)).filter((wait) => wait === undefined)
        .length;
    return { time, budget, tries };
  }

  test("one key that tries for ever leaves the others what is theirs", () => {
    const { tries } = createShared(3, 9);
    expect(tries("junk", 1_000)).toBe(3);
    expect([tries("a", 3), tries("b", 3)]).toEqual([3, 3]);
  });

  test("many keys take no more than all may", () => {
    const { time, budget, tries } = createShared(3, 9);
    const taken = Array.from({ length: 100 }, (_, key) => tries(String(key), 3));
    expect(taken.reduce((sum, count) => sum + count, 0)).toBe(9);
    expect(budget.take("late")).toBe(7);
    time.advance(7 * SECOND);
    expect(tries("late", 3)).toBe(1);
  });

  test("what all have none of uses up nothing of one's own", () => {
    const { time, tries } = createShared(3, 3);
    tries("junk", 3);
    expect(tries("a", 50)).toBe(0);
    time.advance(MINUTE);
    expect(tries("a", 50)).toBe(3);
  });

  test("is given back to both", () => {
    const { budget, tries } = createShared(1, 1);
    expect(tries("a", 1)).toBe(1);
    budget.giveBack("a");
    expect([tries("b", 2), tries("a", 1)]).toEqual([1, 0]);
    budget.giveBack("b");
    expect(tries("a", 2)).toBe(1);
  });
});
