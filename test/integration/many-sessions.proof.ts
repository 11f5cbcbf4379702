/**
 * Somebody with thousands of sessions, before there was a cap: signing out everywhere and erasing
 * are done, call by call, with the memory of a function of 128 MB, while others are served as
 * ever. On the real bundles, in processes of their own, and a real engine. `npm run
 * proof:sessions` does it with 25,000.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { BatchWriteCommand, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { FAST_ENGINE, startWorld, type World } from "./world";

jest.setTimeout(1_200_000);

const SESSIONS = Number(process.env["MANY_SESSIONS"] ?? 8_000);
const BATCH = 25;
const WRITERS = 8;
/** What Node leaves of 128 MB for what lives long, once its own code is loaded. */
const HEAP_MB = 48;
const MEMORY_MB = 128;
/** More calls than any machine needs, at nine seconds of work each. */
const MAX_CALLS = 40;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Between what one person does and does next. */
const PAUSE_MS = 250;

/** Tells every moment how much the process has ever had at once. */
const MEASURE = `setInterval(() => {
  console.log(JSON.stringify({ peakMb: Math.ceil(process.resourceUsage().maxRSS / 1024) }));
}, 200).unref();`;

let world: World;
let folder: string;
const peaks = new Map<string, number>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "many-"));
  const preload = join(folder, "measure.cjs");
  await writeFile(preload, MEASURE);
  const hook = { preload, nodeOptions: [`--max-old-space-size=${String(HEAP_MB)}`] };
  world = await startWorld({
    ...FAST_ENGINE,
    hooks: { Sessions: hook, Account: hook, Sweep: hook },
    onLog: ({ function: name, line }) => {
      const peak = /"peakMb":(\d+)/.exec(line)?.[1];
      if (peak !== undefined) {
        peaks.set(name, Math.max(Number(peak), peaks.get(name) ?? 0));
      }
    },
  });
});

afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true });
});

interface Person {
  readonly sub: string;
  readonly idToken: string;
  readonly session: string;
}

const call = (bearer: string, method: string, path: string) => world.call({ method, path, bearer });

async function signIn(name: string): Promise<Person> {
  const { idToken, refreshToken } = await world.signIn(name);
  const json = { refresh_token: refreshToken };
  const answer = await world.call({ method: "POST", path: "/sessions", bearer: idToken, json });
  expect(answer.status).toBe(201);
  const { session, user } = answer.body;
  return { sub: String(user.sub), idToken, session: String(session.token) };
}

/** Sessions as they are opened by `POST /sessions`, an hour ago, straight into the table. */
async function crowd(sub: string): Promise<void> {
  const table = world.stack.outputs.tables.sessions;
  let left = SESSIONS;
  const write = async () => {
    while (left > 0) {
      const size = Math.min(BATCH, left);
      left -= size;
      const batch = Array.from({ length: size }, () => ({ PutRequest: { Item: itemOf(sub) } }));
      await world.documents.send(new BatchWriteCommand({ RequestItems: { [table]: batch } }));
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, write));
  expect(await count(sub)).toBeGreaterThanOrEqual(SESSIONS);
}

function itemOf(sub: string) {
  const time = (at: number) => new Date(at).toISOString();
  const openedAt = Date.now() - HOUR;
  return {
    schemaVersion: 1,
    sub,
    id: randomUUID(),
    userAgent: "Firefox",
    tokenHash: randomBytes(32).toString("base64url"),
    provedAt: time(openedAt),
    createdAt: time(openedAt),
    lastSeenAt: time(openedAt),
    idleExpiresAt: time(openedAt + 24 * HOUR),
    expiresAt: Math.floor((openedAt + 48 * HOUR) / 1000),
  };
}

async function count(sub: string): Promise<number> {
  let total = 0;
  let ExclusiveStartKey: Record<string, unknown> | undefined;
  do {
    const page = await world.documents.send(
      new QueryCommand({
        TableName: world.stack.outputs.tables.sessions,
        IndexName: "bySub",
        KeyConditionExpression: "#sub = :sub",
        ExpressionAttributeNames: { "#sub": "sub" },
        ExpressionAttributeValues: { ":sub": sub },
        Select: "COUNT",
        ...(ExclusiveStartKey && { ExclusiveStartKey }),
      }),
    );
    total += page.Count ?? 0;
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  return total;
}

/**
 * Asks again as the answer says, until it is done: how many calls that took, and what they left.
 */
async function untilDone(ask: () => ReturnType<World["call"]>, sub: string, done: number) {
  const left: number[] = [];
  for (let calls = 1; calls <= MAX_CALLS; calls += 1) {
    const { status, headers, body } = await ask();
    left.push(await count(sub));
    if (status === done) {
      return left;
    }
    const said = [status, headers["retry-after"], body.action, body.retryable];
    expect(said).toEqual([503, "1", "retry", true]);
  }
  throw new Error(`not done: ${left.join(", ")} left`);
}

/** Somebody else, who does what people do as long as `work` is under way. */
async function besides<T>(bystander: Person, work: Promise<T>): Promise<T> {
  const state = { isOver: false };
  const over = work.finally(() => {
    state.isOver = true;
  });
  const statuses = new Set<number>();
  while (!state.isOver) {
    for (const [method, path] of [
      ["GET", "/me"],
      ["POST", "/me/access-token"],
      ["GET", "/sessions"],
    ] as const) {
      statuses.add((await call(bystander.session, method, path)).status);
    }
    await sleep(PAUSE_MS);
  }
  expect([...statuses]).toEqual([200]);
  return await over;
}

function expectProgress(left: readonly number[]): void {
  expect(left.at(-1)).toBe(0);
  for (const [at, each] of left.entries()) {
    expect(each).toBeLessThan(at === 0 ? SESSIONS : (left[at - 1] ?? 0));
  }
}

test(`${SESSIONS} sessions are signed out everywhere, and nobody else notices`, async () => {
  const bystander = await signIn("Bystander");
  const other = await signIn("Bystander");
  const crowded = await signIn("Crowded");
  await crowd(crowded.sub);
  const listed = await call(crowded.session, "GET", "/sessions");
  expect([listed.status, listed.body.sessions.length]).toEqual([200, 1_000]);
  const exported = await call(crowded.session, "GET", "/me/export");
  expect([exported.status, exported.body.sessions.length]).toEqual([200, 1_000]);

  const before = await count(crowded.sub);
  await signIn("Crowded");
  const ended = before - (await count(crowded.sub));
  expect(ended).toBeGreaterThan(0);
  expect(ended).toBeLessThanOrEqual(65);

  const ask = () => call(crowded.session, "DELETE", "/sessions");
  const left = await besides(bystander, untilDone(ask, crowded.sub, 204));
  expectProgress(left);
  for (const bearer of [crowded.session, crowded.idToken]) {
    expect((await call(bearer, "GET", "/me")).status).toBe(401);
    expect((await call(bearer, "POST", "/me/access-token")).status).toBe(401);
  }
  expect(await count(bystander.sub)).toBe(2);
  expect((await call(other.session, "GET", "/me")).status).toBe(200);
});

test(`somebody with ${SESSIONS} sessions is erased: by their own calls, or by the sweeper, beside others on its list`, async () => {
  const bystander = await signIn("Bystander Two");
  const crowded = await signIn("Crowded Too");
  await crowd(crowded.sub);
  const first = await besides(bystander, call(crowded.session, "DELETE", "/me"));
  const left = [await count(crowded.sub)];
  expect(left[0]).toBeLessThan(SESSIONS);
  if (first.status !== 200) {
    expect([first.status, first.body.action]).toEqual([503, "retry"]);
    const behind = "urn:rollupid:identity/0x0000beef";
    await breakOff(crowded.sub, 2 * MINUTE);
    await breakOff(behind, MINUTE + 10_000);
    for (let runs = 0; !(await isFinished(crowded.sub)) && runs < MAX_CALLS; runs += 1) {
      await besides(bystander, sweep());
      left.push(await count(crowded.sub));
      expect(await isFinished(behind)).toBe(true);
    }
  }
  expectProgress(left);
  const receipt = await call(crowded.idToken, "DELETE", "/me");
  expect([receipt.status, receipt.body.sub]).toEqual([200, crowded.sub]);
  expect(await count(bystander.sub)).toBe(1);
});

/** A run that leaves something for the next one fails, so that the alarm for errors sees it. */
async function sweep(): Promise<void> {
  await world.stack.runSchedule("Sweep").catch(() => undefined);
}

/** An erasure, begun so long ago that nobody is at it any more. */
async function breakOff(sub: string, ageMs: number): Promise<void> {
  await world.documents.send(
    new UpdateCommand({
      TableName: world.stack.outputs.tables.users,
      Key: { sub },
      UpdateExpression:
        "SET schemaVersion = :one, erasing = :erasing, erasedAt = :at, erasedTokens = if_not_exists(erasedTokens, :none)",
      ExpressionAttributeValues: {
        ":one": 1,
        ":erasing": "erasing",
        ":none": [],
        ":at": new Date(Date.now() - ageMs).toISOString(),
      },
    }),
  );
}

async function isFinished(sub: string): Promise<boolean> {
  return "revocation" in ((await world.item("users", sub)) ?? {});
}

test("none of the functions ever had more than 128 MB", () => {
  process.stdout.write(`peaks: ${JSON.stringify([...peaks])}\n`);
  expect([...peaks.keys()].sort()).toEqual(["Account", "Sessions", "Sweep"]);
  for (const [name, peakMb] of peaks) {
    expect([name, peakMb <= MEMORY_MB]).toEqual([name, true]);
  }
});
