import { describe as describeState, isNormal, isOn, normal, OFFERS } from "../src/panel/offers";

const { faults, choices } = OFFERS["rollup-id"];
const fault = (id: string) => faults.find((each) => each.id === id)!;

const NORMAL = { token: [], down: false, access_token_lifetime_seconds: 20, rotation: "grace" };

test.each([
  [NORMAL, true, "Rollup ID works as usual."],
  [{ ...NORMAL, down: true }, false, "Rollup ID is down until you bring it back."],
  [{ ...NORMAL, token: [{ kind: "html" }] }, false, "The next token answer is broken."],
  [
    { ...NORMAL, token: [{ kind: "html" }, { kind: "slow" }] },
    false,
    "The next token answer is broken, 2 in all.",
  ],
])("%j: normal is %s, and it says so", (programme, expected, words) => {
  expect(isNormal(programme)).toBe(expected);
  expect(describeState("Rollup ID", programme)).toBe(words);
});

test("back to normal keeps the lifetime and the rotation that were chosen", () => {
  expect(normal({ ...NORMAL, down: true }, choices)).toEqual({
    reset: true,
    access_token_lifetime_seconds: 20,
    rotation: "grace",
  });
});

test("a choice that the provider does not have is not sent to it", () => {
  expect(normal({ access_token_lifetime_seconds: null }, choices)).toEqual({
    reset: true,
    access_token_lifetime_seconds: null,
  });
});

test("a fault is on by its kind and status, a state by itself, an event never", () => {
  const refused = { token: [{ kind: "status", status: 401 }] };
  expect(["500", "dead-grant", "down", "new-keys"].map((id) => isOn(fault(id), refused))).toEqual([
    false,
    true,
    false,
    false,
  ]);
  expect(isOn(fault("down"), { down: true })).toBe(true);
});

test.each(Object.entries(OFFERS))("%s: each fault is explained in a sentence", (_, offer) => {
  for (const { says } of [...offer.faults, ...offer.choices]) {
    expect(says).toMatch(/^[A-Z].*\.$/);
  }
});
