import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import {
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import {
  DecryptCommand,
  GenerateDataKeyCommand,
  RotateKeyOnDemandCommand,
} from "@aws-sdk/client-kms";
import { GetSecretValueCommand, PutSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import type { Endpoints } from "../../src/aws/admin";
import { startLocalAws } from "../../src/aws/start";
import type { TableDefinition } from "../../src/aws/tables";
import { createClients, failure, USERS } from "./clients";

const ENGINES = ["dynalite", "dynoxide"] as const;
let dataFolder: string;
/** No process outlives its test. */
const children: Pick<Child, "process" | "exited">[] = [];

beforeEach(() => {
  dataFolder = mkdtempSync(join(tmpdir(), "local-aws-"));
});

afterEach(async () => {
  for (const child of children.splice(0)) {
    child.process.kill("SIGKILL");
    await child.exited;
  }
  rmSync(dataFolder, { recursive: true });
});

interface Child {
  readonly process: ChildProcess;
  readonly exited: Promise<number | null>;
  readonly endpoints: Endpoints;
  readonly key: string;
  readonly secret: string;
}

async function startChild(...args: string[]): Promise<Child> {
  const script = join(__dirname, "child.ts");
  const child = spawn(process.execPath, ["--import", "tsx", script, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_NO_WARNINGS: "1" },
  });
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  children.push({ process: child, exited });
  const [line] = await Promise.race([
    new Promise<string[]>((resolve) =>
      createInterface(child.stdout).once("line", (text) => {
        resolve([text]);
      }),
    ),
    exited.then((): string[] => []),
  ]);
  const ready = JSON.parse(line ?? "null") as Pick<Child, "endpoints" | "key" | "secret">;
  return { process: child, exited, ...ready };
}

describe.each(ENGINES)("on %s", (engine) => {
  test("conditions hold: of 50 writers one wins", async () => {
    const aws = await startLocalAws({ engine });
    await aws.createTables([USERS]);
    const { dynamodb, destroy } = createClients(aws.endpoints);
    const writers = Array.from({ length: 50 }, (_unused, n) =>
      failure(
        dynamodb.send(
          new PutItemCommand({
            TableName: "Users",
            Item: { sub: { S: "ann" }, by: { N: String(n) } },
            ConditionExpression: "attribute_not_exists(#sub)",
            ExpressionAttributeNames: { "#sub": "sub" },
          }),
        ),
      ),
    );
    const outcomes = await Promise.all(writers);
    destroy();
    await aws.close();
    expect(outcomes.filter((outcome) => outcome === "no error")).toHaveLength(1);
    expect(
      outcomes.filter((outcome) => outcome === "ConditionalCheckFailedException 400"),
    ).toHaveLength(49);
  });

  test("tables with an index are made once, survive a restart, and are refused once their keys differ", async () => {
    const table = {
      TableName: "Sessions",
      KeySchema: [{ AttributeName: "tokenHash", KeyType: "HASH" }],
      AttributeDefinitions: [
        { AttributeName: "tokenHash", AttributeType: "S" },
        { AttributeName: "sub", AttributeType: "S" },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: "bySub",
          KeySchema: [{ AttributeName: "sub", KeyType: "HASH" }],
          Projection: { ProjectionType: "ALL" },
        },
      ],
      BillingMode: "PAY_PER_REQUEST",
      TimeToLiveSpecification: { AttributeName: "ttl", Enabled: true },
    } satisfies TableDefinition & Record<string, unknown>;
    const first = await startLocalAws({ engine, dataFolder });
    const arns = await first.createTables([USERS, table]);
    expect(await first.createTables([USERS, table])).toEqual(arns);
    const writer = createClients(first.endpoints);
    const Item = { tokenHash: { S: "h" }, sub: { S: "ann" } };
    await writer.dynamodb.send(new PutItemCommand({ TableName: "Sessions", Item }));
    writer.destroy();
    await first.close();

    const second = await startLocalAws({ engine, dataFolder });
    expect(await second.createTables([USERS, table])).toEqual(arns);
    const reader = createClients(second.endpoints);
    const { Items } = await reader.dynamodb.send(
      new QueryCommand({
        TableName: "Sessions",
        IndexName: "bySub",
        KeyConditionExpression: "#s = :s",
        ExpressionAttributeNames: { "#s": "sub" },
        ExpressionAttributeValues: { ":s": { S: "ann" } },
      }),
    );
    const other = { ...table, GlobalSecondaryIndexes: [] };
    await expect(second.createTables([other])).rejects.toThrow("other keys than the template");
    reader.destroy();
    await second.close();
    expect(Items).toEqual([Item]);
    expect(second.calls().at(-1)!.resource).toBe(`${arns.get("Sessions")!}/index/bySub`);
  });

  test("kill -9 in the middle of writes loses nothing that was acknowledged", async () => {
    const child = await startChild(engine, dataFolder);
    const clients = createClients(child.endpoints);
    let items = 0;
    let rotations = 0;
    let secret = 0;
    const blobs: Uint8Array[] = [];
    const write = async (next: () => Promise<unknown>): Promise<void> => {
      while ((await failure(next())) === "no error") {
        // Until the process is gone.
      }
    };
    const TableName = "Users";
    const writers = [
      write(async () => {
        const UpdateExpression = "ADD n :one";
        const ExpressionAttributeValues = { ":one": { N: "1" } };
        const Key = { sub: { S: "ann" } };
        await clients.dynamodb.send(
          new UpdateItemCommand({ TableName, Key, UpdateExpression, ExpressionAttributeValues }),
        );
        items += 1;
      }),
      write(async () => {
        const SecretString = String(secret + 1);
        await clients.secrets.send(
          new PutSecretValueCommand({ SecretId: child.secret, SecretString }),
        );
        secret += 1;
      }),
      write(async () => {
        await clients.kms.send(new RotateKeyOnDemandCommand({ KeyId: child.key }));
        rotations += 1;
        const made = await clients.kms.send(
          new GenerateDataKeyCommand({ KeyId: child.key, KeySpec: "AES_256" }),
        );
        blobs.push(made.CiphertextBlob!);
      }),
    ];
    while (items < 20 || secret < 20 || blobs.length < 20) {
      await sleep(1);
    }
    child.process.kill("SIGKILL");
    await child.exited;
    await Promise.all(writers);
    clients.destroy();

    const aws = await startLocalAws({ engine, dataFolder });
    await aws.createTables([USERS]);
    expect(await aws.createKey({ logicalId: "GrantKey" })).toBe(child.key);
    const after = createClients(aws.endpoints);
    const Key = { sub: { S: "ann" } };
    const { Item } = await after.dynamodb.send(new GetItemCommand({ TableName, Key }));
    const value = new GetSecretValueCommand({ SecretId: child.secret });
    const { SecretString } = await after.secrets.send(value);
    for (const CiphertextBlob of blobs) {
      await after.kms.send(new DecryptCommand({ CiphertextBlob }));
    }
    after.destroy();
    await aws.close();
    // One write of each kind may have been under way: applied, and not acknowledged.
    expect([items, items + 1]).toContain(Number(Item!["n"]!.N));
    expect([secret, secret + 1]).toContain(Number(SecretString));
    expect(rotations).toBeGreaterThanOrEqual(20);
  }, 30_000);

  test("once closed nothing keeps the process alive", async () => {
    const child = await startChild(engine, dataFolder, "close");
    const late = sleep(2_000, "still there", { ref: false });
    const outcome = await Promise.race([child.exited, late]);
    expect(outcome).toBe(0);
  });
});

test("an engine in a process of its own ends with the process that started it, even if that is killed", async () => {
  const child = await startChild("dynoxide", dataFolder);
  const engines = (): string[] => processesWith("--db-path", dataFolder);
  expect(engines()).not.toEqual([]);
  child.process.kill("SIGKILL");
  await child.exited;
  const deadline = Date.now() + 2_000;
  while (engines().length > 0 && Date.now() < deadline) {
    await sleep(5);
  }
  expect(engines()).toEqual([]);
});

/** Ids of the processes whose command line holds all of these words. */
function processesWith(...words: string[]): string[] {
  return readdirSync("/proc").filter((id) => {
    try {
      const command = readFileSync(`/proc/${id}/cmdline`, "utf8");
      return words.every((word) => command.includes(word));
    } catch {
      return false;
    }
  });
}
