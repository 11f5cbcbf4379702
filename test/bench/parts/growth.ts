/**
 * What a request costs as the users become more: calls, bytes and capacity units of DynamoDB, calls
 * of KMS, memory of the instance. The tables are filled past the functions.
 */
import { randomBytes } from "node:crypto";
import {
  type AttributeValue,
  BatchWriteItemCommand,
  DynamoDBClient,
  ScanCommand,
} from "@aws-sdk/client-dynamodb";
import { type Bed, openBed } from "../bed/bed";
import * as events from "../bed/events";
import { assertAll, startInstance } from "../bed/instance";
import { seed, subOf } from "../bed/seed";
import type { Bench } from "../bench";
import { type CountingDynamoDb, startCountingDynamoDb } from "../cost/counting-dynamodb";
import { keptRows, type Row } from "../results";

const SIZES = [1_000, 10_000, 100_000];
const LONG_SIZE = 1_000_000;
const NODE = "24";
/** Real users of each size, whose requests are counted. All others are copies of the first one. */
const REAL = 10;
const BATCH = 25;
const WRITERS = 8;

interface Route {
  readonly label: string;
  readonly event: (idToken: string) => object;
}

const ROUTES: Readonly<Record<string, Route>> = {
  "PUT /me": { label: "Users", event: events.putMe },
  "GET /me": { label: "Users", event: events.getMe },
  "POST /sessions": { label: "Sessions", event: events.openSession },
  "kept access token": { label: "AccessToken", event: events.accessToken },
  exchange: { label: "AccessToken", event: events.newAccessToken },
  "GET /me/export": { label: "Account", event: events.exportMe },
};

/** Beyond the numbers of the copies. */
const REAL_FROM = 1e12;

type Item = Record<string, AttributeValue>;

const TABLES = ["UsersTableName", "RefreshTokensTableName", "SessionsTableName"] as const;

export async function measureGrowth(bench: Bench) {
  const dynamoDb = await startCountingDynamoDb();
  const { progress, nodes } = bench;
  const bed = await openBed({ progress, dynamodb: dynamoDb.endpoint, hasPeers: false });
  try {
    const rows: Row[] = [];
    let fill: Fill | undefined;
    for (const users of bench.isLong ? [...SIZES, LONG_SIZE] : SIZES) {
      // Others for each size, or the requests before would have made their items larger.
      const subs = Array.from({ length: REAL }, (_, at) => subOf(REAL_FROM + users + at));
      await seed({ bed, nodes, candidate: "ours", subs });
      fill ??= await filler(bed, dynamoDb);
      await fill(users, (done) => {
        progress.step(`growth, ${users.toLocaleString("en-US")} users`, done, users);
      });
      for (const name of Object.keys(ROUTES)) {
        rows.push(await countRoute(name, { bench, bed, dynamoDb, users, subs }));
      }
    }
    const kept = bench.isLong
      ? []
      : keptRows("growth", ({ counts }) => counts?.["users"] === LONG_SIZE);
    return { rounds: 0, rows: [...rows, ...kept] };
  } finally {
    await bed.close();
    await dynamoDb.close();
  }
}

type Fill = (users: number, onProgress: (done: number) => void) => Promise<void>;

/** Copies the items of a real user until the tables have so many users. */
async function filler({ outputs }: Bed, { direct: endpoint }: CountingDynamoDb): Promise<Fill> {
  const client = new DynamoDBClient({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  const models = await Promise.all(
    TABLES.map(async (output) => {
      const TableName = outputs[output] ?? "";
      const { Items = [] } = await client.send(new ScanCommand({ TableName }));
      const model = Items.find(({ sub }) => sub?.S === subOf(REAL_FROM + (SIZES[0] ?? 0)));
      if (model === undefined) {
        throw new Error(`${TableName} has no item of a real user`);
      }
      return { TableName, model };
    }),
  );
  let users = REAL;
  return async (wanted, onProgress) => {
    const writeNext = async (): Promise<void> => {
      while (users < wanted) {
        const from = users;
        users = Math.min(wanted, from + BATCH);
        const numbers = Array.from({ length: users - from }, (_, at) => from + at + 1);
        for (const { TableName, model } of models) {
          const puts = numbers.map((number) => ({ PutRequest: { Item: copyOf(model, number) } }));
          const written = await client.send(
            new BatchWriteItemCommand({ RequestItems: { [TableName]: puts } }),
          );
          if (Object.keys(written.UnprocessedItems ?? {}).length > 0) {
            throw new Error("the engine did not write everything");
          }
        }
        onProgress(users);
      }
    };
    await Promise.all(Array.from({ length: WRITERS }, writeNext));
  };
}

/** Only the table of sessions has a hash as its key. */
function copyOf(model: Item, number: number): Item {
  const copy = { ...model, sub: { S: subOf(number) } };
  return model["tokenHash"] === undefined
    ? copy
    : { ...copy, tokenHash: { S: randomBytes(32).toString("base64url") } };
}

interface Counting {
  readonly bench: Bench;
  readonly bed: Bed;
  readonly dynamoDb: CountingDynamoDb;
  readonly users: number;
  readonly subs: readonly string[];
}

async function countRoute(
  name: string,
  { bench, bed, dynamoDb, users, subs }: Counting,
): Promise<Row> {
  const { label, event } = ROUTES[name] ?? { label: name, event: events.putMe };
  const instance = startInstance(bench.nodes[NODE].path, bed.deployed("ours", label));
  try {
    const all = subs.map((sub) => event(bed.provider.idToken(sub)));
    // Before the counted ones, so that the instance has its keys and its secret, and each caller is
    // in the history.
    assertAll(await instance.run({ events: all }), 200, 201);
    dynamoDb.take();
    bed.aws.resetCalls();
    const ran = await instance.run({ events: all });
    assertAll(ran, 200, 201);
    const { reads, writes, calls, bytes } = dynamoDb.take();
    const kms = bed.aws.calls().filter(({ service }) => service === "kms").length;
    const ofOne = (sum: number) => Math.round((sum / all.length) * 10) / 10;
    return {
      name,
      candidate: "ours",
      figures: {},
      counts: {
        users,
        dynamoCalls: ofOne(calls),
        reads: ofOne(reads),
        writes: ofOne(writes),
        bytes: Math.round(bytes / all.length),
        kmsCalls: ofOne(kms),
        memoryMb: Math.round(ran.rss / 1e6),
      },
    };
  } finally {
    await instance.close();
  }
}
