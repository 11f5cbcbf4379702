import {
  DecryptCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  ReEncryptCommand,
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
