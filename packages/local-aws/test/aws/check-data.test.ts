/** What is found before a run waits for anything else. */
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkData, startBackends } from "../../src/aws/backends";
import { DamagedData } from "../../src/aws/damaged-data";
import { startLocalAws } from "../../src/aws/start";

let dataFolder: string;

beforeEach(async () => {
  dataFolder = join(await mkdtemp(join(tmpdir(), "check-data-")), "aws");
});

afterEach(async () => {
  await rm(join(dataFolder, ".."), { recursive: true });
});

/** With a table, a key and a secret in it. */
async function fill(): Promise<void> {
  const aws = await startLocalAws({ dataFolder, queues: true });
  await aws.createTables([
    {
      TableName: "Users",
      KeySchema: [{ AttributeName: "sub", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "sub", AttributeType: "S" }],
    },
  ]);
  await aws.close();
}

test("nothing is made where there is nothing yet", async () => {
  await checkData({ dataFolder });
  expect(await readdir(join(dataFolder, ".."))).toEqual([]);
});

test("sound data is found sound, as often as one asks, and is left open for a start", async () => {
  await fill();
  await checkData({ dataFolder });
  await checkData({ dataFolder });
  await (await startBackends({ dataFolder }, new Map())).close();
});

test.each(["MANIFEST-*", "CURRENT"])("a damaged %s of the LevelDB is named", async (pattern) => {
  await fill();
  const folder = join(dataFolder, "dynamodb", "dynalite");
  const start = pattern.replace("*", "");
  for (const name of (await readdir(folder)).filter((each) => each.startsWith(start))) {
    await writeFile(join(folder, name), "damaged");
  }
  const checking = checkData({ dataFolder });
  await expect(checking).rejects.toThrow(DamagedData);
  await expect(checking).rejects.toThrow(`${folder} is damaged`);
});

test.each(["kms.json", "secrets.json"])("a damaged %s is named", async (name) => {
  await fill();
  await writeFile(join(dataFolder, name), '{"keys":');
  await expect(checkData({ dataFolder })).rejects.toThrow(`${join(dataFolder, name)} is damaged`);
});
