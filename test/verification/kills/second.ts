/** A second kill: the holder dies, and then the recovery function that took its lease over. */
import { setTimeout as sleep } from "node:timers/promises";
import { type CaseResult, judge } from "./case";
import type { Point } from "./points";
import type { SignedIn } from "./providers/provider";
import type { KillWorld } from "./world";

/** The first dies before the token is spent, so that the second can meet every point. */
const FIRST_POINT: Point = "K7";
/** By then the watchdog's message has come, or it never will. */
const PATIENCE_MS = 40_000;
const POLL_MS = 250;

/** The time counts from the second kill. */
export async function runSecondKill(
  world: KillWorld,
  user: SignedIn,
  point: Point,
): Promise<CaseResult> {
  const before = await world.provider.ledger(user.sub);
  const name = `second-${point}-${String(Date.now())}`;
  await world.orderSecondKill({ sub: user.sub, point, name });
  const headers = { "x-kill-point": FIRST_POINT, "x-kill-case": `first-${name}` };
  const answers = [await world.freshToken(user, headers)];
  await world.killedAt(`first-${name}`);
  const killedAt = await secondKillOf(world, name);
  const which = { index: 0, point, callers: 1 } as const;
  return await judge(world, user, { which, killed: "Recovery", killedAt, answers, before });
}

async function secondKillOf(world: KillWorld, name: string): Promise<number | undefined> {
  for (const until = Date.now() + PATIENCE_MS; Date.now() < until;) {
    const killedAt = await world.killedAt(name).catch(() => undefined);
    if (killedAt !== undefined) {
      return killedAt;
    }
    await sleep(POLL_MS);
  }
  return undefined;
}
