import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { startLocalAws } from "../../src/aws/start";
import { createClients } from "./clients";

test("the administrator's secret is created once and keeps its value until it is given another", async () => {
  const aws = await startLocalAws();
  const { secrets, destroy } = createClients(aws.endpoints);
  const value = async (SecretId: string) =>
    (await secrets.send(new GetSecretValueCommand({ SecretId }))).SecretString;
  const arn = await aws.createSecret({ name: "once", value: "one" });
  const again = await aws.createSecret({ name: "once", value: "two" });
  const kept = await value(arn);
  await aws.putSecretValue("once", "three");
  const changed = await value(arn);
  destroy();
  await aws.close();
  expect([again, kept, changed]).toEqual([arn, "one", "three"]);
});

test("secrets outlive a restart, in a file that only its owner can read", async () => {
  const dataFolder = mkdtempSync(join(tmpdir(), "local-secrets-"));
  const first = await startLocalAws({ dataFolder });
  const arn = await first.createSecret({ name: "kept", value: "one" });
  await first.close();
  const second = await startLocalAws({ dataFolder });
  expect(await second.createSecret({ name: "kept" })).toBe(arn);
  const sdk = createClients(second.endpoints);
  const kept = await sdk.secrets.send(new GetSecretValueCommand({ SecretId: arn }));
  sdk.destroy();
  await second.close();
  expect(kept.SecretString).toBe("one");
  expect(statSync(join(dataFolder, "secrets.json")).mode & 0o777).toBe(0o600);
  rmSync(dataFolder, { recursive: true });
});
