/**
 * What a call of each route consumes, counted at the engines: the real bundles, a session as
 * bearer, a grant that has been refreshed before. `WRITE_COUNTS=1` writes `counts.json` anew.
 */
import { LIMITS_TO_TRY } from "../../../local/stack-options";
import { startWorld, type World } from "../../integration/world";
import type { Counts, Route, Units } from "./bill";
import { type CountingDynamoDb, startCountingDynamoDb } from "./counting-dynamodb";
import { readCounts, writeCounts } from "./counts";

/** More than an instance keeps opened (lambda/refresh/cached-access-token.ts). */
const OTHERS = 40;
/** A log line may come after its answer: in so many calls that is little. */
const REPEATS = 10;
/** Lines differ by the digits of a duration, and the last may be late. */
const LOG_BYTES_APART = 100;

let dynamoDb: CountingDynamoDb;
let world: World;
let logBytes = 0;

jest.setTimeout(180_000);

beforeAll(async () => {
  dynamoDb = await startCountingDynamoDb();
  world = await startWorld({
    concurrency: 1,
    limits: LIMITS_TO_TRY,
    external: { dynamodb: dynamoDb.endpoint },
    onLog: ({ line }) => {
      logBytes += Buffer.byteLength(line) + 1;
    },
  });
});

afterAll(async () => {
  await world.close();
  await dynamoDb.close();
});

async function open(name: string): Promise<string> {
  const json = {
    code: await world.authorize(name),
    redirect_uri: world.stack.outputs.redirectUri,
  };
  const answer = await world.call({ method: "POST", path: "/sessions", json });
  expect(answer.status).toBe(201);
  return (answer.body as { readonly session: { readonly token: string } }).session.token;
}

async function accessToken(bearer: string, minValidity?: number): Promise<void> {
  const json = minValidity === undefined ? undefined : { min_validity: minValidity };
  const { status } = await world.call({ method: "POST", path: "/me/access-token", bearer, json });
  expect(status).toBe(200);
}

/** Of one call, the mean of several. The switch is read once in five seconds and instance. */
async function unitsOf(work: (repeat: number) => Promise<unknown>): Promise<Units> {
  dynamoDb.take();
  world.takeAwsCalls();
  logBytes = 0;
  for (let repeat = 0; repeat < REPEATS; repeat += 1) {
    await work(repeat);
  }
  const { reads, writes } = dynamoDb.take();
  const kms = Object.entries(world.takeAwsCalls()).filter(([name]) => name.startsWith("kms:"));
  return {
    dynamoReads: reads / REPEATS,
    dynamoWrites: writes / REPEATS,
    kmsRequests: kms.reduce((sum, [, calls]) => sum + calls, 0) / REPEATS,
    logBytes: logBytes / REPEATS,
  };
}

function size(item: unknown): number {
  return Buffer.byteLength(
    JSON.stringify(item, (_, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value,
    ),
  );
}

async function bytesOf(sub: unknown): Promise<number> {
  const tables = await Promise.all([
    world.items("users"),
    world.items("refreshTokens"),
    world.items("sessions"),
  ]);
  const items = tables.flat().filter((item) => item["sub"] === sub);
  expect(items.length).toBeGreaterThanOrEqual(3);
  return items.reduce((sum, item) => sum + size(item), 0);
}

/**
 * Up to whole units: a read that some calls need is one that each may need. Logs to hundreds of
 * bytes.
 */
function rounded(counts: Counts): Counts {
  const near = (bytes: number): number => Math.ceil(bytes / 100) * 100;
  const routes = Object.entries(counts.routes).map(([route, units]) => [
    route,
    {
      dynamoReads: Math.ceil(units.dynamoReads),
      dynamoWrites: Math.ceil(units.dynamoWrites),
      kmsRequests: Math.ceil(units.kmsRequests),
      logBytes: near(units.logBytes),
    },
  ]);
  return {
    routes: Object.fromEntries(routes) as Record<Route, Units>,
    bytesPerUser: near(counts.bytesPerUser),
  };
}

test("counts.json says what each route consumes", async () => {
  const bearer = await open("Counted");
  await accessToken(bearer, 86_400);
  const refresh = await unitsOf(async () => {
    await accessToken(bearer, 86_400);
  });
  await accessToken(bearer);
  const kept = await unitsOf(async () => {
    await accessToken(bearer);
  });
  const user = await unitsOf(async () => await world.call({ method: "GET", path: "/me", bearer }));
  const answer = await world.call({ method: "GET", path: "/me", bearer });
  const bytesPerUser = await bytesOf((answer.body as { readonly sub: string }).sub);

  const others = await Promise.all(
    Array.from({ length: OTHERS }, async (_, index) => await open(`Other ${String(index)}`)),
  );
  for (const other of others) {
    await accessToken(other);
  }
  // The instance keeps the last ones opened, so the first ones are opened again.
  const keptOpened = await unitsOf(async (repeat) => {
    await accessToken(others[repeat] ?? "");
  });
  const signIn = await unitsOf(async () => await open("Counted"));

  const counted = rounded({
    routes: { sign_in: signIn, kept, kept_opened_by_kms: keptOpened, refresh, user },
    bytesPerUser,
  });
  if (process.env["WRITE_COUNTS"] !== undefined) {
    writeCounts(counted);
  }
  const known = readCounts();
  for (const [route, units] of Object.entries(counted.routes)) {
    const { logBytes: bytes, ...others } = units;
    const { logBytes: knownBytes, ...knownOthers } = known.routes[route as Route];
    expect({ route, ...others }).toEqual({ route, ...knownOthers });
    expect(Math.abs(bytes - knownBytes)).toBeLessThanOrEqual(100 + LOG_BYTES_APART);
  }
  expect(Math.abs(counted.bytesPerUser - known.bytesPerUser)).toBeLessThanOrEqual(200);
});
