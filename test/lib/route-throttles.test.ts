import { ROUTE_KEYS, throttleOf } from "../../lib/route-throttles";

const STAGE = { rate: 50, burst: 100 };

test.each(ROUTE_KEYS)("%s may take less than the whole stage, and something", (routeKey) => {
  const { rate, burst } = throttleOf(routeKey, STAGE);
  expect(rate).toBeGreaterThan(0);
  expect(rate).toBeLessThan(STAGE.rate);
  expect(burst).toBeGreaterThanOrEqual(1);
  expect(burst).toBeLessThan(STAGE.burst);
});

test("a small stage's routes take a request at once all the same", () => {
  expect(throttleOf("DELETE /me", { rate: 1, burst: 1 })).toEqual({ rate: 0.1, burst: 1 });
});

test("what the stage file says of a route is so, and of that route alone", () => {
  const own = { rate: 3, burst: 4 };
  const stage = { ...STAGE, routes: { "POST /sessions": own } };
  expect(throttleOf("POST /sessions", stage)).toEqual(own);
  expect(throttleOf("PUT /me", stage)).toEqual({ rate: 25, burst: 50 });
});
