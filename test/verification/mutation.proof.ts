/**
 * Stryker takes an hour and a half and is run by hand, so this shows that it could be: what it runs
 * for each room is green while nothing is mutated.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "../support/imports";
import rooms from "./mutation/rooms.json";

jest.setTimeout(300_000);

function run(room: string, ...args: string[]): string {
  const env = { ...process.env, MUTATED_ROOM: room };
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, env });
  return status === 0 ? "" : stderr.toString();
}

test.each(Object.keys(rooms))("the tests of the room %s pass from the one bundle", (room) => {
  const config = "test/verification/mutation/jest.config.cjs";
  expect(run(room, "test/verification/mutation/bundle.mjs")).toBe("");
  expect(run(room, join("node_modules", "jest", "bin", "jest.js"), "-c", config)).toBe("");
});
