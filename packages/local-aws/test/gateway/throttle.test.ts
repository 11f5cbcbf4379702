import { createThrottle } from "../../src/gateway/throttle";

function createWorld(others?: { rate: number; burst: number }) {
  let now = 0;
  const routes = new Map([["POST /sessions", { rate: 2, burst: 3 }]]);
  const take = createThrottle({ others, routes }, () => now);
  return {
    advance: (milliseconds: number) => {
      now += milliseconds;
    },
    /** How many of so many requests go through. */
    send: (routeKey: string, count: number) =>
      Array.from({ length: count }, () => take(routeKey)).filter((isThrough) => isThrough).length,
  };
}

test("a route has its burst at once, and then its rate", () => {
  const { send, advance } = createWorld();
  expect(send("POST /sessions", 10)).toBe(3);
  advance(499);
  expect(send("POST /sessions", 10)).toBe(0);
  advance(1);
  expect(send("POST /sessions", 10)).toBe(1);
  advance(60_000);
  expect(send("POST /sessions", 10)).toBe(3);
});

test("F5: one route that is flooded takes nothing from another", () => {
  const { send } = createWorld({ rate: 1, burst: 5 });
  send("POST /sessions", 1_000);
  expect(send("GET /me", 5)).toBe(5);
});

test("routes without a throttle of their own share the stage's", () => {
  const { send, advance } = createWorld({ rate: 1, burst: 5 });
  expect([send("GET /me", 3), send("PUT /me", 10)]).toEqual([3, 2]);
  advance(1_000);
  expect([send("$default", 2), send("GET /me", 1)]).toEqual([1, 0]);
});

test("what has no throttle at all goes through", () => {
  expect(createWorld().send("GET /me", 100)).toBe(100);
});
