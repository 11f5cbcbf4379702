import { createTourCallbacks } from "../../../local/page/tour-callbacks";

const STATE = `tour.${"a".repeat(43)}`;
const at = (path: string) => new URL(path, "http://127.0.0.1:4002");
const query = (state: string) => new URLSearchParams({ state });

test("an answer for the tour is put aside for whoever knows its state, once", () => {
  const callbacks = createTourCallbacks();
  expect(callbacks.read(query(STATE))).toEqual({});
  const shown = callbacks.accept(at(`/callback?state=${STATE}&code=c&iss=i`));
  expect(String(shown?.body)).toContain("The tour goes on in your terminal");
  expect(String(shown?.body)).not.toContain(STATE);
  expect(callbacks.read(query("tour.other"))).toEqual({});
  expect(callbacks.read(query(STATE))).toEqual({ state: STATE, code: "c", iss: "i" });
  expect(callbacks.read(query(STATE))).toEqual({});
});

test.each(["/callback?state=mine&code=c", "/callback", `/?state=${STATE}`, "/app.js"])(
  "%s stays the page's",
  (path) => {
    expect(createTourCallbacks().accept(at(path))).toBeUndefined();
  },
);

test("only the latest few are kept", () => {
  const callbacks = createTourCallbacks();
  const states = Array.from({ length: 11 }, (_, n) => `tour.${String(n).padStart(43, "a")}`);
  for (const state of states) {
    callbacks.accept(at(`/callback?state=${state}&code=c`));
  }
  expect(callbacks.read(query(states[0]!))).toEqual({});
  expect(callbacks.read(query(states[10]!))).toMatchObject({ code: "c" });
});
