import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CancelKeyDeletionCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GetKeyRotationStatusCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
} from "@aws-sdk/client-kms";
import { type LocalAws, startLocalAws } from "../../src/aws/start";
import { type Clients, createClients, failure } from "./clients";

const context = { app: "rollup-vault", purpose: "grant" };
const secret = Buffer.from("a refresh token");
let aws: LocalAws;
let clients: Clients;
let key: string;

beforeEach(async () => {
  aws = await startLocalAws();
  clients = createClients(aws.endpoints);
  key = await aws.createKey({ logicalId: "GrantKey" });
});

afterEach(async () => {
  clients.destroy();
  await aws.close();
});

async function encrypt(EncryptionContext: Record<string, string> = context): Promise<Uint8Array> {
  const command = new EncryptCommand({ KeyId: key, Plaintext: secret, EncryptionContext });
  return (await clients.kms.send(command)).CiphertextBlob!;
}

function decrypt(CiphertextBlob: Uint8Array, EncryptionContext?: Record<string, string>) {
  return clients.kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }));
}

describe("keys", () => {
  test("are described as AWS does", async () => {
    const { KeyMetadata } = await clients.kms.send(new DescribeKeyCommand({ KeyId: key }));
    expect(KeyMetadata).toMatchObject({ Arn: key, Enabled: true, KeyState: "Enabled" });
    expect(KeyMetadata!.CreationDate!.getTime()).toBeGreaterThan(Date.now() - 60_000);
    const byId = new DescribeKeyCommand({ KeyId: KeyMetadata!.KeyId });
    expect((await clients.kms.send(byId)).KeyMetadata).toEqual(KeyMetadata);
  });

  test.each(["alias/none", "11111111-2222-3333-4444-555555555555", "__proto__"])(
    "that are not there are NotFoundException: %s",
    async (KeyId) => {
      const command = new DescribeKeyCommand({ KeyId });
      expect(await failure(clients.kms.send(command))).toBe("NotFoundException 400");
    },
  );

  test("of another account are not ours, whatever their id", async () => {
    const KeyId = key.replace("000000000000", "111111111111");
    const command = new DescribeKeyCommand({ KeyId });
    expect(await failure(clients.kms.send(command))).toBe("NotFoundException 400");
  });

  test("once disabled neither seal nor open, until enabled again", async () => {
    const blob = await encrypt();
    await clients.kms.send(new DisableKeyCommand({ KeyId: key }));
    expect(await failure(encrypt())).toBe("DisabledException 400");
    expect(await failure(decrypt(blob, context))).toBe("DisabledException 400");
    await clients.kms.send(new EnableKeyCommand({ KeyId: key }));
    expect(Buffer.from((await decrypt(blob, context)).Plaintext!)).toEqual(secret);
  });

  test("pending deletion do nothing, and are disabled once that is cancelled", async () => {
    const blob = await encrypt();
    const schedule = new ScheduleKeyDeletionCommand({ KeyId: key, PendingWindowInDays: 7 });
    const { KeyState, DeletionDate } = await clients.kms.send(schedule);
    expect(KeyState).toBe("PendingDeletion");
    expect(DeletionDate!.getTime()).toBeGreaterThan(Date.now() + 6 * 86_400_000);
    expect(await failure(decrypt(blob, context))).toBe("KMSInvalidStateException 400");
    expect(await failure(aws.enableKey(key))).toBe("KMSInvalidStateException 400");
    await clients.kms.send(new CancelKeyDeletionCommand({ KeyId: key }));
    expect(await failure(decrypt(blob, context))).toBe("DisabledException 400");
    await aws.enableKey(key);
    expect(Buffer.from((await decrypt(blob, context)).Plaintext!)).toEqual(secret);
  });

  test("are not deleted in less than seven days", async () => {
    const command = new ScheduleKeyDeletionCommand({ KeyId: key, PendingWindowInDays: 6 });
    expect(await failure(clients.kms.send(command))).toBe("ValidationException 400");
  });

  test("rotate: what was sealed before still opens, what is sealed after has new material", async () => {
    const before = await encrypt();
    await clients.kms.send(new RotateKeyOnDemandCommand({ KeyId: key }));
    const after = await encrypt();
    const [old, current] = [await decrypt(before, context), await decrypt(after, context)];
    expect(Buffer.from(old.Plaintext!)).toEqual(secret);
    expect(Buffer.from(current.Plaintext!)).toEqual(secret);
    expect(old.KeyMaterialId).not.toBe(current.KeyMaterialId);
  });

  test("say whether they rotate by themselves", async () => {
    const status = () => clients.kms.send(new GetKeyRotationStatusCommand({ KeyId: key }));
    expect(await status()).toMatchObject({ KeyRotationEnabled: false });
    await clients.kms.send(new EnableKeyRotationCommand({ KeyId: key }));
    expect(await status()).toMatchObject({ KeyRotationEnabled: true, RotationPeriodInDays: 365 });
  });

  test("are made once per logical id", async () => {
    expect(await aws.createKey({ logicalId: "GrantKey" })).toBe(key);
    expect(await aws.createKey({ logicalId: "Other", rotation: true })).not.toBe(key);
  });
});

test("keys outlive a restart, in a file that only its owner can read and that shows no secret", async () => {
  const dataFolder = mkdtempSync(join(tmpdir(), "local-kms-"));
  const open = async () => {
    const world = await startLocalAws({ dataFolder });
    const sdk = createClients(world.endpoints);
    const arn = await world.createKey({ logicalId: "GrantKey" });
    const close = async () => {
      sdk.destroy();
      await world.close();
    };
    return { world, sdk, arn, close };
  };
  const first = await open();
  const sealing = new EncryptCommand({ KeyId: first.arn, Plaintext: secret });
  const { CiphertextBlob } = await first.sdk.kms.send(sealing);
  await first.world.rotateKey(first.arn);
  await first.close();
  const second = await open();
  expect(second.arn).toBe(first.arn);
  const opened = await second.sdk.kms.send(new DecryptCommand({ CiphertextBlob }));
  await second.close();
  expect(Buffer.from(opened.Plaintext!)).toEqual(secret);
  expect(statSync(join(dataFolder, "kms.json")).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(dataFolder, "kms.json"), "utf8")).not.toContain(secret.toString());
  rmSync(dataFolder, { recursive: true });
});
