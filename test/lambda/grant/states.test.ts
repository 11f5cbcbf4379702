/** Every phase of a row and everything that can happen to it: what the row is afterwards. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../support/imports";
import {
  diagram,
  type EventName,
  EVENTS,
  played,
  ROWS,
  type State,
  stateOf,
  STATES,
} from "./states";

/** Where tokens rotate. `-`: it cannot happen to such a row. */
const EXPECTED = `
                            | absent        ready         leased        abandoned     cooling       frozen        needs_sign_in disconnecting disconnected
sign-in                     | ready         ready         ready         ready         ready         frozen        ready         ready         ready
intent                      | -             leased        -             leased        -             frozen        -             -             -
watchdog refused            | -             -             ready         -             -             -             -             -             -
tokens                      | -             -             ready         -             -             -             -             -             -
tokens without a successor  | -             -             ready         -             -             -             -             -             -
tokens of another subject   | -             -             needs_sign_in -             -             -             -             -             -
refusal                     | -             -             needs_sign_in -             -             -             -             -             -
refusal, newer in the inbox | -             -             ready         -             -             -             -             -             -
client rejected             | -             -             cooling       -             -             -             -             -             -
failure, not processed      | -             -             cooling       -             -             -             -             -             -
failure, in doubt           | -             -             cooling       -             -             -             -             -             -
failure with a successor    | -             -             cooling       -             -             -             -             -             -
lease lapses                | -             -             abandoned     -             -             -             -             -             -
cooldown ends               | -             -             -             -             ready         -             -             -             -
cooldown ends, in doubt     | -             -             -             -             abandoned     -             -             -             -
successor from the queue    | -             ready         ready         ready         cooling       frozen        ready         -             -
disconnect begins           | -             disconnecting disconnecting disconnecting disconnecting frozen        disconnecting -             -
disconnect                  | -             disconnected  disconnected  disconnected  disconnected  frozen        disconnected  disconnected  -
erasure begins              | -             disconnecting disconnecting disconnecting disconnecting frozen        disconnecting disconnecting -
erasure                     | disconnected  disconnected  disconnected  disconnected  disconnected  frozen        disconnected  disconnected  disconnected
sign-out everywhere         | disconnected  ready         leased        abandoned     cooling       frozen        needs_sign_in disconnecting disconnected
freeze                      | frozen        frozen        frozen        frozen        frozen        frozen        frozen        frozen        frozen
unfreeze                    | -             -             -             -             -             ready         -             -             -
`;

const [head = "", ...lines] = EXPECTED.trim().split("\n");
const cells = (line: string) => (line.split("|")[1] ?? "").trim().split(/ +/);
const columns = cells(head);
const table = lines.map((line): [string, readonly string[]] => [
  (line.split("|")[0] ?? "").trim(),
  cells(line),
]);

test("the table has every phase and every event", () => {
  expect(columns).toEqual(STATES);
  expect(table.map(([name]) => name).sort()).toEqual(Object.keys(EVENTS).sort());
});

test.each(table)("%s", (name, expected) => {
  const found = STATES.map((state) => played(state, name as EventName, "strict") ?? "-");
  expect(found).toEqual(expected);
});

test("a grace time changes nothing of it", () => {
  for (const [name, expected] of table) {
    const found = STATES.map((state) => played(state, name as EventName, "grace") ?? "-");
    expect([name, found]).toEqual([name, expected]);
  }
});

/** A lapsed lease keeps the next caller of such a provider from nothing. */
const WITHOUT_ROTATION: Readonly<Record<string, State>> = {
  "leased, lease lapses": "ready",
  "cooling, cooldown ends, in doubt": "ready",
  "abandoned, sign-out everywhere": "ready",
};

test("where tokens do not rotate, no row is abandoned, and that is the only difference", () => {
  for (const [name, expected] of table) {
    for (const [column, state] of STATES.entries()) {
      const found = played(state, name as EventName, "none") ?? "-";
      const cell = `${state}, ${name}`;
      expect([cell, found]).toEqual([cell, WITHOUT_ROTATION[cell] ?? expected[column]]);
    }
  }
});

test.each(STATES)("a row that is %s is told from the others", (state) => {
  expect(stateOf(ROWS[state], "strict")).toBe(state);
});

test("the diagram in architecture.md is the one that is made of these states", () => {
  const text = readFileSync(join(ROOT, "docs", "architecture.md"), "utf8");
  expect(text).toContain(diagram());
});
