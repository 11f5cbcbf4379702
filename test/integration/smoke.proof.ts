/** The smoke suite: green on a stack that is whole, and each check red on its own sabotage. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DisableKeyCommand, EnableKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { operationsOf, readContract } from "@rollup-vault/api-contract/check/document";
import { type DoctorDesk, runDoctor } from "../../bin/doctor/main";
import { CHECKS } from "../../bin/smoke/checks";
import { runSmoke } from "../../bin/smoke/main";
import type { Result } from "../../bin/smoke/run-checks";
import { writeOutputs } from "../../local/outputs";
import { MORE, SABOTAGES } from "./smoke/sabotages";
import { type Sabotage, startSaboteur } from "./smoke/saboteur";
import { startWorld, type World } from "./world";

// Its sabotages are run before the tests that judge them.
jest.setTimeout(600_000);

let world: World;
let folder: string;

beforeAll(async () => {
  world = await startWorld();
  folder = await mkdtemp(join(tmpdir(), "smoke-"));
  await writeOutputs(world.stack.outputs, join(folder, "outputs.json"));
});

afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true, force: true });
});

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function smoke(args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await runSmoke(["--outputs", join(folder, "outputs.json"), ...args], {
    write: (text) => out.push(text),
    fail: (text) => err.push(text),
    read: async () => await Promise.resolve(""),
    ask: undefined,
    env,
  });
  return { code, out: out.join(""), err: err.join("") };
}

interface Broken {
  readonly code: number;
  readonly failed: readonly string[];
  readonly skipped: readonly string[];
}

async function smokeBroken(sabotage: Sabotage): Promise<Broken> {
  const saboteur = await startSaboteur(world.stack.outputs.apiUrl, sabotage);
  try {
    const { code, out } = await smoke(["--api-url", saboteur.url, "--json"]);
    const { checks } = JSON.parse(out) as { checks: readonly Result[] };
    const names = (outcome: Result["outcome"]) =>
      checks.filter((check) => check.outcome === outcome).map(({ name }) => name);
    return { code, failed: names("failed"), skipped: names("skipped") };
  } finally {
    await saboteur.close();
  }
}

/** Users whose data has not been erased. */
async function usersLeft(): Promise<number> {
  return (await world.items("users")).filter((item) => item["claims"] !== undefined).length;
}

test("every operation of the contract is shown by a check", () => {
  const shown = CHECKS.flatMap(({ shows = [] }) => shows).sort();
  const all = operationsOf(readContract()).map(({ method, path }) => `${method} ${path}`);
  expect(shown).toEqual(all.sort());
});

test("each check has its own sabotage", () => {
  expect(Object.keys(SABOTAGES)).toEqual(CHECKS.map(({ name }) => name));
});

test("green on the local run: one line per check, nothing skipped, no user left, no token printed", async () => {
  const { code, out, err } = await smoke([]);
  expect([code, err]).toEqual([0, ""]);
  for (const { name } of CHECKS) {
    expect(out).toContain(`✓ ${name} (`);
  }
  expect(out).toContain(`${CHECKS.length} passed, 0 failed, 0 skipped\n`);
  expect(out).not.toMatch(/eyJ|rvs_/);
  expect(await usersLeft()).toBe(0);
});

test("through a proxy that changes nothing it is as green", async () => {
  expect(await smokeBroken({})).toMatchObject({ code: 0, failed: [], skipped: [] });
});

/** Checks that can only be made after another one. */
const BEHIND: Readonly<Record<string, RegExp>> = {
  "the user will be this run's own": /^(?!GET \/health|CORS|each route|POST \/sessions refuses)/,
  "POST /sessions signs in": /sessions/,
  "POST /me/access-token exchanges the refresh token": /access[- ]token|exchange/,
};

const broken = [
  ...Object.entries(SABOTAGES).map(([check, sabotage]) => ({ check, what: "", sabotage })),
  ...MORE.map(([check, what, sabotage]) => ({ check, what: `: ${what}`, sabotage })),
];

describe("each check is red on its own sabotage, and no other check is", () => {
  /** A run mostly waits: for the next second, and for one request after another. */
  const AT_ONCE = 4;
  const outcomes = new Map<Sabotage, Broken>();

  beforeAll(async () => {
    const left = broken.map(({ sabotage }) => sabotage);
    const work = async () => {
      for (let next = left.shift(); next !== undefined; next = left.shift()) {
        outcomes.set(next, await smokeBroken(next));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  });

  test.each(broken)("$check$what", ({ check, sabotage }) => {
    const { code, failed, skipped = [] } = outcomes.get(sabotage) ?? {};
    expect([code, failed]).toEqual([1, [check]]);
    const behind = BEHIND[check];
    expect(skipped.filter((name) => behind?.test(name) !== true)).toEqual([]);
  });
});

describe("rollup-vault doctor on the local run", () => {
  async function doctor() {
    const out: string[] = [];
    const desk = {
      write: (text: string) => out.push(text),
      fail: (text: string) => out.push(text),
      env: {},
    };
    const args = ["--outputs", join(folder, "outputs.json"), "--json"];
    const code = await runDoctor(args, desk as unknown as DoctorDesk);
    const findings = JSON.parse(out.join("")) as { about: string; sentence: string }[];
    return { code, findings };
  }

  test("tells of a disabled key while GET /health is 200", async () => {
    expect((await doctor()).code).toBe(0);
    const { endpoints, region, credentials, grantKeyArn: KeyId } = world.stack.outputs;
    const kms = new KMSClient({ endpoint: endpoints.kms, region, credentials });
    await kms.send(new DisableKeyCommand({ KeyId }));
    const { code, findings } = await doctor();
    await kms.send(new EnableKeyCommand({ KeyId }));
    kms.destroy();
    expect(code).toBe(1);
    expect(findings.find(({ about }) => about === "grant key")?.sentence).toBe(
      "the key is disabled: no grant can be used",
    );
    expect((await world.call({ method: "GET", path: "/health" })).status).toBe(200);
  });
});
