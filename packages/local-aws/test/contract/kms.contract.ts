/** What KMS promises of key pairs that sign, as far as the product relies on it. */
import {
  constants,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  verify,
} from "node:crypto";
import {
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  GenerateDataKeyCommand,
  GetPublicKeyCommand,
  KMSClient,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  SignCommand,
  type SignCommandInput,
} from "@aws-sdk/client-kms";
import { importPair, importParameters } from "../import-pair";
import { type Closable, refusal, type Statement } from "./contract";

export type KmsDriver = ReturnType<typeof createKmsDriver>;

const MESSAGE = Buffer.from("header.payload");
const SIGNING_KEY = { KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" } as const;
const RSA_KEY = { KeySpec: "RSA_2048", KeyUsage: "SIGN_VERIFY" } as const;
const IMPORTED_KEY = { ...SIGNING_KEY, Origin: "EXTERNAL" } as const;

/** The real client. */
export function createKmsDriver({ endpoint, close }: Closable & { endpoint: string }) {
  const client = new KMSClient({
    region: "us-east-1",
    endpoint,
    maxAttempts: 1,
    credentials: { accessKeyId: "TESTER", secretAccessKey: "made up" },
  });
  return {
    client,
    create: async (input: CreateKeyCommandInput) =>
      (await client.send(new CreateKeyCommand(input))).KeyMetadata?.Arn ?? "",
    describe: async (KeyId: string) =>
      (await client.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata,
    sign: async (KeyId: string, input: Partial<SignCommandInput> = {}) =>
      await client.send(
        new SignCommand({
          KeyId,
          Message: MESSAGE,
          MessageType: "RAW",
          SigningAlgorithm: "ECDSA_SHA_256",
          ...input,
        }),
      ),
    publicKey: async (KeyId: string) => await client.send(new GetPublicKeyCommand({ KeyId })),
    importPair: async (
      KeyId: string,
      options: { privateKey: KeyObject; token?: Uint8Array } = newPair(),
    ) => {
      await importPair(client, KeyId, options);
    },
    close: async () => {
      client.destroy();
      await close();
    },
  };
}

const newPair = (namedCurve = "P-256") => generateKeyPairSync("ec", { namedCurve });

export const KMS_CONTRACT: readonly Statement<KmsDriver>[] = [
  {
    says: "a key on P-256 signs in DER, and its public key verifies that",
    observe: async (kms) => {
      const key = await kms.create(SIGNING_KEY);
      const { Signature, SigningAlgorithm, KeyId } = await kms.sign(key);
      const { PublicKey, ...described } = await kms.publicKey(key);
      const spki = { key: Buffer.from(PublicKey ?? []), format: "der", type: "spki" } as const;
      const publicKey = createPublicKey(spki);
      return [
        verify("sha256", MESSAGE, { key: publicKey, dsaEncoding: "der" }, Signature!),
        [SigningAlgorithm, KeyId === key],
        [described.KeySpec, described.KeyUsage, described.SigningAlgorithms],
      ];
    },
    expected: [true, ["ECDSA_SHA_256", true], ["ECC_NIST_P256", "SIGN_VERIFY", ["ECDSA_SHA_256"]]],
  },
  {
    says: "an RSA key signs with PSS, whose salt is as long as the hash, and with PKCS #1",
    observe: async (kms) => {
      const key = await kms.create(RSA_KEY);
      const { PublicKey } = await kms.publicKey(key);
      const spki = { key: Buffer.from(PublicKey ?? []), format: "der", type: "spki" } as const;
      const publicKey = createPublicKey(spki);
      const pss = await kms.sign(key, { SigningAlgorithm: "RSASSA_PSS_SHA_256" });
      const pkcs = await kms.sign(key, { SigningAlgorithm: "RSASSA_PKCS1_V1_5_SHA_256" });
      const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
      return [
        verify("sha256", MESSAGE, { key: publicKey, ...padding }, pss.Signature!),
        verify("sha256", MESSAGE, publicKey, pkcs.Signature!),
      ];
    },
    expected: [true, true],
  },
  {
    says: "a key is for its own algorithms and uses alone",
    observe: async (kms) => {
      const signing = await kms.create(SIGNING_KEY);
      const wrapping = await kms.create({});
      const { CiphertextBlob } = await kms.client.send(
        new GenerateDataKeyCommand({ KeyId: wrapping, KeySpec: "AES_256" }),
      );
      const dataKey = new GenerateDataKeyCommand({ KeyId: signing, KeySpec: "AES_256" });
      return [
        await refusal(kms.sign(signing, { SigningAlgorithm: "RSASSA_PSS_SHA_256" })),
        await refusal(kms.sign(wrapping)),
        await refusal(kms.publicKey(wrapping)),
        await refusal(kms.client.send(dataKey)),
        await refusal(kms.client.send(new DecryptCommand({ CiphertextBlob, KeyId: signing }))),
        await refusal(kms.client.send(new RotateKeyOnDemandCommand({ KeyId: signing }))),
      ];
    },
    expected: [
      "InvalidKeyUsageException",
      "InvalidKeyUsageException",
      "UnsupportedOperationException",
      "InvalidKeyUsageException",
      "InvalidKeyUsageException",
      "UnsupportedOperationException",
    ],
  },
  {
    says: "a message has 4,096 bytes at most, and an algorithm is one that there is",
    observe: async (kms) => {
      const key = await kms.create(SIGNING_KEY);
      return [
        await refusal(kms.sign(key, { Message: Buffer.alloc(4_096) })),
        await refusal(kms.sign(key, { Message: Buffer.alloc(4_097) })),
        await refusal(kms.sign(key, { SigningAlgorithm: "ES256" as never })),
      ];
    },
    expected: ["none", "ValidationException", "ValidationException"],
  },
  {
    says: "a disabled key and one that is to be deleted neither sign nor show their public key",
    observe: async (kms) => {
      const KeyId = await kms.create(SIGNING_KEY);
      await kms.client.send(new DisableKeyCommand({ KeyId }));
      const disabled = [await refusal(kms.sign(KeyId)), await refusal(kms.publicKey(KeyId))];
      await kms.client.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 30 }));
      return [...disabled, await refusal(kms.sign(KeyId))];
    },
    expected: ["DisabledException", "DisabledException", "KMSInvalidStateException"],
  },
  {
    says: "a key pair must be made for signing",
    observe: async (kms) => [
      await refusal(kms.create({ KeySpec: "ECC_NIST_P256" })),
      await refusal(kms.create({ KeyUsage: "SIGN_VERIFY" })),
    ],
    expected: ["ValidationException", "ValidationException"],
  },
  {
    says: "a key of origin EXTERNAL signs once its pair was imported, and with that pair",
    observe: async (kms) => {
      const key = await kms.create(IMPORTED_KEY);
      const before = [(await kms.describe(key))?.KeyState, await refusal(kms.sign(key))];
      const pair = newPair();
      await kms.importPair(key, pair);
      const { Signature } = await kms.sign(key);
      const verified = { key: pair.publicKey, dsaEncoding: "der" } as const;
      return [
        ...before,
        (await kms.describe(key))?.KeyState,
        verify("sha256", MESSAGE, verified, Signature!),
      ];
    },
    expected: ["PendingImport", "KMSInvalidStateException", "Enabled", true],
  },
  {
    says: "a pair can be imported again, and no other one, and none that does not fit",
    observe: async (kms) => {
      const key = await kms.create(IMPORTED_KEY);
      const pair = newPair();
      const misfit = await refusal(kms.importPair(key, newPair("P-384")));
      await kms.importPair(key, pair);
      return [misfit, await refusal(kms.importPair(key, pair)), await refusal(kms.importPair(key))];
    },
    expected: ["IncorrectKeyMaterialException", "none", "IncorrectKeyMaterialException"],
  },
  {
    says: "an import token is for its own key, and a key that KMS has made takes no import",
    observe: async (kms) => {
      const [one, other] = [await kms.create(IMPORTED_KEY), await kms.create(IMPORTED_KEY)];
      const { ImportToken: token } = await importParameters(kms.client, other);
      return [
        await refusal(kms.importPair(one, { ...newPair(), token: token! })),
        await refusal(kms.importPair(await kms.create(SIGNING_KEY))),
      ];
    },
    expected: ["InvalidImportTokenException", "UnsupportedOperationException"],
  },
];
