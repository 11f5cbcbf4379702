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
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  GetKeyRotationStatusCommand,
  ReEncryptCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
} from "@aws-sdk/client-kms";
import { startLocalAws, type LocalAws } from "../../../local/aws/start";
import { createClients, failure, type Clients } from "./clients";

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

describe("data keys", () => {
  test.each([
    [{ KeySpec: "AES_256" as const }, 32],
    [{ KeySpec: "AES_128" as const }, 16],
    [{ NumberOfBytes: 64 }, 64],
  ])("GenerateDataKey %j answers %d fresh bytes and their ciphertext", async (size, length) => {
    const command = () =>
      new GenerateDataKeyCommand({ KeyId: key, ...size, EncryptionContext: context });
    const one = await clients.kms.send(command());
    const other = await clients.kms.send(command());
    expect(one.Plaintext).toHaveLength(length);
    expect(one.Plaintext).not.toEqual(other.Plaintext);
    expect(one.KeyId).toBe(key);
    expect((await decrypt(one.CiphertextBlob!, context)).Plaintext).toEqual(one.Plaintext);
  });

  test("GenerateDataKeyWithoutPlaintext keeps the plaintext to itself", async () => {
    const answer = await clients.kms.send(
      new GenerateDataKeyWithoutPlaintextCommand({ KeyId: key, KeySpec: "AES_256" }),
    );
    expect(answer).not.toHaveProperty("Plaintext");
    expect((await decrypt(answer.CiphertextBlob!)).Plaintext).toHaveLength(32);
  });

  test.each([{}, { KeySpec: "AES_256" as const, NumberOfBytes: 32 }, { NumberOfBytes: 1025 }])(
    "refuses the size %j",
    async (size) => {
      const command = new GenerateDataKeyCommand({ KeyId: key, ...size });
      expect(await failure(clients.kms.send(command))).toBe("ValidationException 400");
    },
  );
});

describe("ciphertexts", () => {
  test("open under the very same encryption context, in whatever order it is written", async () => {
    const answer = await decrypt(await encrypt(), { purpose: "grant", app: "rollup-vault" });
    expect(Buffer.from(answer.Plaintext!)).toEqual(secret);
    expect(answer).toMatchObject({ KeyId: key, EncryptionAlgorithm: "SYMMETRIC_DEFAULT" });
  });

  test.each([
    ["none", undefined],
    ["a member less", { app: "rollup-vault" }],
    ["a member more", { ...context, gen: "1" }],
    ["another value", { ...context, purpose: "other" }],
    ["another case", { ...context, purpose: "Grant" }],
    ["the same characters split differently", { app: "rollup-vaultpurpose", grant: "" }],
  ])("do not open under another context: %s", async (_name, other) => {
    const blob = await encrypt();
    expect(await failure(decrypt(blob, other))).toBe("InvalidCiphertextException 400");
  });

  test("do not open once any byte is changed", async () => {
    const blob = Buffer.from(await encrypt());
    for (let at = 0; at < blob.length; at++) {
      const forged = Buffer.from(blob);
      forged[at]! ^= 1;
      expect(await failure(decrypt(forged, context))).toMatch(
        /^(InvalidCiphertext|AccessDenied)Exception 400$/,
      );
    }
  });

  test.each([1, 2, 40])("do not open when cut off after %d bytes", async (length) => {
    const blob = (await encrypt()).slice(0, length);
    expect(await failure(decrypt(blob, context))).toBe("InvalidCiphertextException 400");
  });

  test("name their key: Decrypt with another KeyId is IncorrectKeyException", async () => {
    const other = await aws.createKey({ logicalId: "Other" });
    const CiphertextBlob = await encrypt({});
    const command = new DecryptCommand({ CiphertextBlob, KeyId: other });
    expect(await failure(clients.kms.send(command))).toBe("IncorrectKeyException 400");
  });

  test("of a key that is not here are AccessDeniedException", async () => {
    const elsewhere = await startLocalAws();
    const foreign = createClients(elsewhere.endpoints);
    const KeyId = await elsewhere.createKey({ logicalId: "GrantKey" });
    const { CiphertextBlob } = await foreign.kms.send(
      new EncryptCommand({ KeyId, Plaintext: secret }),
    );
    foreign.destroy();
    await elsewhere.close();
    expect(await failure(decrypt(CiphertextBlob!))).toBe("AccessDeniedException 400");
  });

  test.each([0, 4097])("are not made of %d bytes", async (length) => {
    const command = new EncryptCommand({ KeyId: key, Plaintext: Buffer.alloc(length, 1) });
    expect(await failure(clients.kms.send(command))).toBe("ValidationException 400");
  });

  test("move to another key and context by ReEncrypt", async () => {
    const other = await aws.createKey({ logicalId: "Other" });
    const answer = await clients.kms.send(
      new ReEncryptCommand({
        CiphertextBlob: await encrypt(),
        SourceEncryptionContext: context,
        DestinationKeyId: other,
        DestinationEncryptionContext: { app: "moved" },
      }),
    );
    expect(answer).toMatchObject({ SourceKeyId: key, KeyId: other });
    const opened = await decrypt(answer.CiphertextBlob!, { app: "moved" });
    expect(Buffer.from(opened.Plaintext!)).toEqual(secret);
  });
});

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
