/** A sample of `npm run proof:kills`: every kill point at every provider. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { POINTS } from "./kills/points";
import { PROVIDER_NAMES } from "./kills/providers/provider";
import type { KillsResult } from "./kills/results";
import { runRounds } from "./rounds/rounds";
import { runStorm } from "./storm/storm";

jest.setTimeout(300_000);

const KILLS = 112;
const ROOT = join(__dirname, "..", "..");

describe(`${KILLS} real kills`, () => {
  const folder = mkdtempSync(join(tmpdir(), "kills-proof-"));
  let result: KillsResult;

  beforeAll(async () => {
    const output = join(folder, "kills.json");
    const options = { kills: KILLS, seed: 4, output };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const child = spawn("npm", ["run", "--silent", "proof:kills", "--", ...args], {
      cwd: ROOT,
      stdio: ["ignore", "inherit", "inherit"],
    });
    await new Promise((resolve) => child.once("close", resolve));
    result = JSON.parse(readFileSync(output, "utf8")) as KillsResult;
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test("do nothing that the table of kill points does not allow: all usable again within 25 s, nothing lost in silence, no family revoked", () => {
    expect(result.violations).toEqual([]);
    expect(result.kills).toBe(KILLS);
  });

  test("lose a token nowhere but where it was in the killed process alone, at providers that rotate strictly, and mark it", () => {
    const lossy = result.cells.filter(({ recovered, cases }) => recovered < cases);
    expect(lossy.filter(({ marked, recovered, cases }) => marked + recovered < cases)).toEqual([]);
    expect(lossy.filter(({ provider }) => ["none", "grace"].includes(provider))).toEqual([]);
    expect(lossy.filter(({ point }) => !["K9", "K10", "K11"].includes(point))).toEqual([]);
    expect(lossy.length).toBeGreaterThan(0);
  });

  test.each(PROVIDER_NAMES)("meet every point at %s", (name) => {
    const own = result.cells.filter(({ provider }) => provider === name);
    const points = POINTS.map(({ name: point }) => point);
    const met = points.filter((point) => own.some((cell) => cell.point === point));
    expect(met).toEqual(name === "none" ? points.filter((point) => point !== "K6") : points);
  });
});

test("S44: 1,000 callers at once over 8 processes and more make one exchange, and each is answered", async () => {
  const storm = await runStorm({ provider: "none", callers: 1_000, processes: 12 });
  expect(storm).toMatchObject({ exchanges: 1, tokens: 1, served: 1_000, isRevoked: false });
  expect(storm.processes).toBeGreaterThanOrEqual(8);
});

test("rounds of callers at once revoke no family at oidc-provider", async () => {
  const rounds = await runRounds({ rounds: 40, users: 4 });
  expect(rounds).toMatchObject({ revocations: 0, usersInStep: 4, withoutRotation: 0 });
});
