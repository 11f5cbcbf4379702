import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  GenerateDataKeyCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
} from "@aws-sdk/client-kms";
import { type LocalAws, startLocalAws } from "../../src/aws/start";
import { type Clients, createClients, failure } from "./clients";

const context = { app: "rollup-vault", purpose: "grant" };
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

async function dataKey(kms = clients.kms, KeyId = key) {
  const input = { KeyId, KeySpec: "AES_256", EncryptionContext: context } as const;
  const { Plaintext, CiphertextBlob } = await kms.send(new GenerateDataKeyCommand(input));
  return { plaintext: Plaintext!, blob: CiphertextBlob! };
}

function decrypt(CiphertextBlob: Uint8Array, kms = clients.kms) {
  return kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: context }));
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

  test("of another account are not found, even with the same id", async () => {
    const KeyId = key.replace("000000000000", "111111111111");
    const command = new DescribeKeyCommand({ KeyId });
    expect(await failure(clients.kms.send(command))).toBe("NotFoundException 400");
  });

  test("once disabled neither seal nor open, until enabled again", async () => {
    const { plaintext, blob } = await dataKey();
    await clients.kms.send(new DisableKeyCommand({ KeyId: key }));
    expect(await failure(dataKey())).toBe("DisabledException 400");
    expect(await failure(decrypt(blob))).toBe("DisabledException 400");
    await clients.kms.send(new EnableKeyCommand({ KeyId: key }));
    expect((await decrypt(blob)).Plaintext).toEqual(plaintext);
  });

  test("pending deletion do nothing, and cannot be enabled", async () => {
    const { blob } = await dataKey();
    const schedule = new ScheduleKeyDeletionCommand({ KeyId: key, PendingWindowInDays: 7 });
    const { KeyState, DeletionDate } = await clients.kms.send(schedule);
    expect(KeyState).toBe("PendingDeletion");
    expect(DeletionDate!.getTime()).toBeGreaterThan(Date.now() + 6 * 86_400_000);
    expect(await failure(decrypt(blob))).toBe("KMSInvalidStateException 400");
    expect(await failure(aws.enableKey(key))).toBe("KMSInvalidStateException 400");
  });

  test("are not deleted in less than seven days", async () => {
    const command = new ScheduleKeyDeletionCommand({ KeyId: key, PendingWindowInDays: 6 });
    expect(await failure(clients.kms.send(command))).toBe("ValidationException 400");
  });

  test("rotate: what was sealed before still opens, what is sealed after has new material", async () => {
    const before = await dataKey();
    await clients.kms.send(new RotateKeyOnDemandCommand({ KeyId: key }));
    const after = await dataKey();
    const [old, current] = [await decrypt(before.blob), await decrypt(after.blob)];
    expect(old.Plaintext).toEqual(before.plaintext);
    expect(current.Plaintext).toEqual(after.plaintext);
    expect(old.KeyMaterialId).not.toBe(current.KeyMaterialId);
  });

  test("are made once per logical id", async () => {
    expect(await aws.createKey({ logicalId: "GrantKey" })).toBe(key);
    expect(await aws.createKey({ logicalId: "Other" })).not.toBe(key);
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
  const { plaintext, blob } = await dataKey(first.sdk.kms, first.arn);
  await first.world.rotateKey(first.arn);
  await first.close();
  const second = await open();
  expect(second.arn).toBe(first.arn);
  const opened = await decrypt(blob, second.sdk.kms);
  await second.close();
  expect(opened.Plaintext).toEqual(plaintext);
  expect(statSync(join(dataFolder, "kms.json")).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(dataFolder, "kms.json"), "utf8")).not.toContain(
    Buffer.from(plaintext).toString("base64"),
  );
  rmSync(dataFolder, { recursive: true });
});
