/**
 * A local AWS in a process of its own, to be killed: `child.ts ENGINE FOLDER [close]`. Prints its
 * endpoints as a line of JSON; with `close` it closes again at once and must then end by itself.
 */
import type { EngineName } from "../../src/aws/engines";
import { startLocalAws } from "../../src/aws/start";
import { USERS } from "./clients";

async function main([engine, dataFolder = "", close]: string[]): Promise<void> {
  const aws = await startLocalAws({ engine: engine as EngineName, dataFolder });
  await aws.createTables([USERS]);
  const key = await aws.createKey({ logicalId: "GrantKey" });
  const secret = await aws.createSecret({ name: "secret" });
  process.stdout.write(`${JSON.stringify({ endpoints: aws.endpoints, key, secret })}\n`);
  if (close !== undefined) {
    await aws.close();
  }
}

void main(process.argv.slice(2));
