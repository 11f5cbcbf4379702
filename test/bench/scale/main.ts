/**
 * `npm run simulate [-- --users 1000000 --seed 1 --hours 24]`: a day against the quotas, with an
 * outage of the provider and the same day without it. `--write` plays what docs/scale.md shows and
 * writes it there, with its pictures. `--paper` prints the document's tables and plays nothing.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Option, program } from "commander";
import type { Rotation } from "../../../lambda/grant/grant";
import { readCounts } from "../cost/counts";
import { readQuotas } from "../cost/quotas";
import { wholeNumberFrom } from "../whole-number";
import { effectOf } from "./analysis";
import { writeDocument } from "./document";
import { figures } from "./figures";
import { coarseQuotas, effectLines, minuteLines } from "./report";
import { documented, numbersOf, readResults, type Result, writeResults } from "./results";
import { DEFAULT_SCENARIO, type Scenario, startFor } from "./scenario";
import { simulate, type Simulated } from "./simulate";
import { decadeTable, quotaTable } from "./tables";

const IMAGES = join(__dirname, "../../../docs/images");

interface Options {
  readonly users: number;
  readonly agents: number;
  readonly seed: number;
  readonly hours: number;
  readonly outage: "timeout" | "refused" | "none";
  readonly rotation: Rotation;
  readonly throttle: number;
  readonly provider: number;
  readonly executions: number;
  readonly kms: number;
  readonly timeout: number;
  readonly recovery: number;
  readonly every: number;
  readonly json?: true;
  readonly write?: true;
  readonly tables?: true;
  readonly paper?: true;
}

const whole = wholeNumberFrom(1);

function toScenario(options: Options): Scenario {
  const { stage, provider, quotas, outage: usualOutage } = DEFAULT_SCENARIO;
  const { users, seed, hours, throttle, executions, kms } = options;
  const { outage: kind } = options;
  const outage =
    kind === "none" || usualOutage === undefined ? undefined : { ...usualOutage, kind };
  return {
    ...DEFAULT_SCENARIO,
    users,
    seed,
    hours: Math.min(hours, 24),
    from: startFor(hours, outage),
    agents: Math.min(users, options.agents),
    outage,
    stage: {
      ...stage,
      throttle: { rate: throttle, burst: 2 * throttle },
      tokenEndpointTimeoutMs: options.timeout,
      recoveryConcurrency: options.recovery,
    },
    provider: { ...provider, perSecond: options.provider, rotation: options.rotation },
    quotas: {
      ...quotas,
      lambdaConcurrency: { ...quotas.lambdaConcurrency, atOnce: executions },
      kms: { ...quotas.kms, perSecond: kms },
    },
  };
}

/** With progress on the screen. */
async function play(scenario: Scenario, title: string): Promise<Simulated> {
  const begunAt = Date.now();
  const result = await simulate(scenario, (hours) => {
    const seconds = Math.round((Date.now() - begunAt) / 1000);
    process.stderr.write(
      `\r${title}: ${String(hours)} of ${String(scenario.hours)} h, ${String(seconds)} s `,
    );
  });
  process.stderr.write("\n");
  return result;
}

async function playBoth(scenario: Scenario) {
  const disturbed = await play(scenario, "with the outage");
  const usual = await play({ ...scenario, outage: undefined }, "without it");
  return { disturbed, usual, effect: effectOf(scenario, disturbed.minutes, usual.minutes) };
}

async function show(options: Options): Promise<void> {
  const scenario = toScenario(options);
  coarseQuotas(scenario).forEach((line) => process.stderr.write(`${line}\n`));
  if (scenario.outage === undefined) {
    const { minutes } = await play(scenario, "a day");
    print(minuteLines(minutes, options.every));
    return;
  }
  const { disturbed, effect } = await playBoth(scenario);
  if (options.json === true) {
    const { minutes } = disturbed;
    process.stdout.write(`${JSON.stringify({ seed: scenario.seed, effect, minutes })}\n`);
    return;
  }
  print([
    `seed ${String(scenario.seed)}, ${scenario.users.toLocaleString("en-US")} users as ${String(scenario.agents)} agents`,
    ...minuteLines(disturbed.minutes, options.every),
    ...(effect === undefined ? [] : effectLines(effect)),
  ]);
}

async function write(): Promise<void> {
  const played: Result[] = [];
  for (const scenario of documented()) {
    const { disturbed, usual, effect } = await playBoth(scenario);
    if (effect === undefined) {
      throw new Error("the document's scenarios have an outage");
    }
    const { provider, stage, outage } = scenario;
    const { tokenEndpointTimeoutMs } = stage;
    if (played.length === 0) {
      const days = { disturbed: disturbed.minutes, usual: usual.minutes, outage };
      for (const [name, svg] of Object.entries(figures(days))) {
        writeFileSync(join(IMAGES, `${name}.svg`), svg);
      }
    }
    played.push({ rotation: provider.rotation, tokenEndpointTimeoutMs, effect });
  }
  writeResults({ scenario: numbersOf(DEFAULT_SCENARIO), played });
  await writeDocument(readResults());
}

function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join("\n")}\n`);
}

const { stage, provider, quotas, ...usual } = DEFAULT_SCENARIO;

program
  .name("npm run simulate --")
  .description("A day of sign-ins and refreshes against the quotas, with an outage of the provider")
  .option("--users <number>", "users", whole, usual.users)
  .option("--agents <number>", "how many of them are played", whole, usual.agents)
  .option("--seed <number>", "decides everything that is random", whole, usual.seed)
  .option("--hours <number>", "hours of the day; fewer than 24 are around the outage", whole, 24)
  .addOption(
    new Option("--outage <kind>", "of the provider, an hour from 13:00")
      .choices(["timeout", "refused", "none"])
      .default("timeout"),
  )
  .addOption(
    new Option("--rotation <kind>", "of refresh tokens")
      .choices(["none", "grace", "strict"])
      .default("none"),
  )
  .option("--throttle <number>", "the stage's throttle.rate", whole, stage.throttle.rate)
  .option("--provider <number>", "token requests per second", whole, provider.perSecond)
  .option("--executions <number>", "at once", whole, quotas.lambdaConcurrency.atOnce)
  .option("--kms <number>", "requests per second", whole, quotas.kms.perSecond)
  .option("--timeout <ms>", "idp.tokenEndpointTimeoutMs", whole, stage.tokenEndpointTimeoutMs)
  .option("--recovery <number>", "recoveryConcurrency", whole, stage.recoveryConcurrency)
  .option("--every <minutes>", "one line for so many minutes", whole, 1)
  .option("--json", "every minute as JSON instead")
  .option("--write", "play what docs/scale.md shows, and write it there")
  .option("--tables", "write the tables of docs/scale.md only, with the results that are there")
  .option("--paper", "the tables that are arithmetic, and nothing else")
  .action(async (options: Options) => {
    if (options.paper === true) {
      print([quotaTable(readCounts(), readQuotas()), "", decadeTable(readCounts(), readQuotas())]);
    } else if (options.write === true) {
      await write();
    } else if (options.tables === true) {
      await writeDocument(readResults());
    } else {
      await show(options);
    }
  });

void program.parseAsync();
