import { DecryptCommand, EncryptCommand, GenerateDataKeyCommand } from "@aws-sdk/client-kms";
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

async function dataKey(EncryptionContext: Record<string, string> = context) {
  const input = { KeyId: key, KeySpec: "AES_256", EncryptionContext } as const;
  const { Plaintext, CiphertextBlob } = await clients.kms.send(new GenerateDataKeyCommand(input));
  return { plaintext: Plaintext!, blob: CiphertextBlob! };
}

function decrypt(CiphertextBlob: Uint8Array, EncryptionContext?: Record<string, string>) {
  return clients.kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }));
}

describe("data keys", () => {
  test("GenerateDataKey answers 32 fresh bytes and their ciphertext", async () => {
    const one = await dataKey();
    const other = await dataKey();
    expect(one.plaintext).toHaveLength(32);
    expect(one.plaintext).not.toEqual(other.plaintext);
    expect((await decrypt(one.blob, context)).Plaintext).toEqual(one.plaintext);
  });

  test.each([
    {},
    { KeySpec: "AES_256" as const, NumberOfBytes: 32 },
    { KeySpec: "AES_128" as const },
    { NumberOfBytes: 64 },
  ])("refuses the size %j: AES_256 alone is offered", async (size) => {
    const command = new GenerateDataKeyCommand({ KeyId: key, ...size });
    expect(await failure(clients.kms.send(command))).toBe("ValidationException 400");
  });

  test("Encrypt, which envelope encryption does not need, is not offered", async () => {
    const command = new EncryptCommand({ KeyId: key, Plaintext: Buffer.from("text") });
    expect(await failure(clients.kms.send(command))).toBe("UnknownOperationException 400");
  });
});

describe("ciphertexts", () => {
  test("open under the very same encryption context, in any order of its members", async () => {
    const { plaintext, blob } = await dataKey();
    const answer = await decrypt(blob, { purpose: "grant", app: "rollup-vault" });
    expect(answer.Plaintext).toEqual(plaintext);
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
    const { blob } = await dataKey();
    expect(await failure(decrypt(blob, other))).toBe("InvalidCiphertextException 400");
  });

  test("do not open once any byte is changed", async () => {
    const blob = Buffer.from((await dataKey()).blob);
    for (let at = 0; at < blob.length; at++) {
      const forged = Buffer.from(blob);
      forged[at]! ^= 1;
      expect(await failure(decrypt(forged, context))).toMatch(
        /^(InvalidCiphertext|AccessDenied)Exception 400$/,
      );
    }
  });

  test.each([1, 2, 40])("do not open when cut off after %d bytes", async (length) => {
    const blob = (await dataKey()).blob.slice(0, length);
    expect(await failure(decrypt(blob, context))).toBe("InvalidCiphertextException 400");
  });

  test("name their key: Decrypt with another KeyId is IncorrectKeyException", async () => {
    const other = await aws.createKey({ logicalId: "Other" });
    const { blob: CiphertextBlob } = await dataKey({});
    const command = new DecryptCommand({ CiphertextBlob, KeyId: other });
    expect(await failure(clients.kms.send(command))).toBe("IncorrectKeyException 400");
  });

  test("of a key that is not here are AccessDeniedException", async () => {
    const elsewhere = await startLocalAws();
    const foreign = createClients(elsewhere.endpoints);
    const KeyId = await elsewhere.createKey({ logicalId: "GrantKey" });
    const { CiphertextBlob } = await foreign.kms.send(
      new GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256" }),
    );
    foreign.destroy();
    await elsewhere.close();
    expect(await failure(decrypt(CiphertextBlob!))).toBe("AccessDeniedException 400");
  });
});
