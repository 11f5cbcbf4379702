/**
 * As lost-answers.integration.ts, for what no request asks for: a renewal by the sweeper and the
 * recovery function.
 */
import { LOSE_ANSWER } from "@rollup-vault/local-aws/aws/call";
import { IDLE_SECONDS, type RotatingWorld, startRotatingWorld, until } from "./rotating-world";

jest.setTimeout(300_000);

const NOTHING = -1;

let running: RotatingWorld;
let people = 0;

beforeAll(async () => {
  running = await startRotatingWorld("grace");
});

afterAll(async () => {
  await running.close();
});

/** Nobody has used it for so long that it would lapse. */
async function renew(lost: number): Promise<readonly string[]> {
  const person = await running.connect(`Neglected ${String((people += 1))}`);
  const at = Date.now() - (IDLE_SECONDS / 2) * 1_000 - 3_600_000;
  await running.change(person.sub, (grant) => ({ ...grant, since: at, lastExchangeAt: at }));
  const calls: string[] = [];
  running.failAws((call) => {
    calls.push(`${call.service}:${call.action}`);
    return calls.length - 1 === lost ? LOSE_ANSWER : undefined;
  });
  await running.stack.runSchedule("Sweep");
  const isRenewed = async () =>
    (await running.grant(person.sub)).history.some(({ by }) => by === "recovery");
  await until(isRenewed);
  running.failAws(() => undefined);
  expect(await running.exchanges(person.sub)).toBe(1);
  return calls;
}

test("a renewal by sweeper and recovery: whichever answer is lost, once", async () => {
  const calls = await renew(NOTHING);
  expect(calls).toEqual(expect.arrayContaining(["sqs:SendMessageBatch", "kms:Decrypt"]));
  for (const lost of calls.keys()) {
    await renew(lost);
  }
});
