import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
} from "@aws-sdk/client-secrets-manager";
import { type LocalAws, startLocalAws } from "../../src/aws/start";
import { type Clients, createClients, failure } from "./clients";

let aws: LocalAws;
let clients: Clients;

beforeEach(async () => {
  aws = await startLocalAws();
  clients = createClients(aws.endpoints);
});

afterEach(async () => {
  clients.destroy();
  await aws.close();
});

function get(SecretId: string, version: { VersionId?: string; VersionStage?: string } = {}) {
  return clients.secrets.send(new GetSecretValueCommand({ SecretId, ...version }));
}

function put(SecretId: string, SecretString: string, ClientRequestToken = randomUUID()) {
  const input = { SecretId, SecretString, ClientRequestToken };
  return clients.secrets.send(new PutSecretValueCommand(input));
}

test("a secret is found by name, by ARN and by ARN without its random ending", async () => {
  const arn = await aws.createSecret({ name: "vault/client-secret", value: "one" });
  for (const id of ["vault/client-secret", arn, arn.slice(0, -7)]) {
    expect(await get(id)).toMatchObject({ ARN: arn, SecretString: "one" });
  }
});

test("a secret without a value is ResourceNotFoundException, as is one that is not there", async () => {
  const arn = await aws.createSecret({ name: "empty" });
  expect(await failure(get(arn))).toBe("ResourceNotFoundException 400");
  expect(await failure(get("none"))).toBe("ResourceNotFoundException 400");
  expect(await failure(put("none", "x"))).toBe("ResourceNotFoundException 400");
  await put(arn, "filled");
  expect((await get(arn)).SecretString).toBe("filled");
});

test("a new value becomes AWSCURRENT and the one before AWSPREVIOUS; older ones are gone", async () => {
  const arn = await aws.createSecret({ name: "rotated", value: "one" });
  const first = (await get(arn)).VersionId!;
  const second = (await put(arn, "two")).VersionId!;
  expect(await get(arn)).toMatchObject({ SecretString: "two", VersionStages: ["AWSCURRENT"] });
  const previous = await get(arn, { VersionStage: "AWSPREVIOUS" });
  expect(previous).toMatchObject({ SecretString: "one", VersionId: first });
  const third = (await put(arn, "three")).VersionId!;
  expect((await get(arn, { VersionId: second })).SecretString).toBe("two");
  expect(await failure(get(arn, { VersionId: first }))).toBe("ResourceNotFoundException 400");
  const described = await clients.secrets.send(new DescribeSecretCommand({ SecretId: arn }));
  expect(described.VersionIdsToStages).toEqual({
    [second]: ["AWSPREVIOUS"],
    [third]: ["AWSCURRENT"],
  });
});

test("the same request token with the same value is one version, with another value refused", async () => {
  const arn = await aws.createSecret({ name: "repeated" });
  const token = randomUUID();
  await put(arn, "one", token);
  await put(arn, "one", token);
  expect(await failure(put(arn, "two", token))).toBe("ResourceExistsException 400");
  expect((await get(arn)).SecretString).toBe("one");
});

test("a binary value comes back as it went in", async () => {
  const SecretBinary = Buffer.from([0, 255, 1]);
  await clients.secrets.send(new CreateSecretCommand({ Name: "binary", SecretBinary }));
  expect(Buffer.from((await get("binary")).SecretBinary!)).toEqual(SecretBinary);
});

test("a value is text or bytes, never both and never neither", async () => {
  await aws.createSecret({ name: "either" });
  const values = [{}, { SecretString: "a", SecretBinary: Buffer.from("a") }];
  for (const value of values) {
    const command = new PutSecretValueCommand({ SecretId: "either", ...value });
    expect(await failure(clients.secrets.send(command))).toBe("InvalidParameterException 400");
  }
});

test("a second secret of the same name is refused on the wire; the administrator's keeps its value", async () => {
  const arn = await aws.createSecret({ name: "once", value: "one" });
  const again = new CreateSecretCommand({ Name: "once", SecretString: "two" });
  expect(await failure(clients.secrets.send(again))).toBe("ResourceExistsException 400");
  expect(await aws.createSecret({ name: "once", value: "two" })).toBe(arn);
  expect((await get(arn)).SecretString).toBe("one");
  await aws.putSecretValue("once", "three");
  expect((await get(arn)).SecretString).toBe("three");
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
