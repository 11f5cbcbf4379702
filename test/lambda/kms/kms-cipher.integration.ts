/** The sealer and the opener against a KMS on the wire, in every state that its key can be in. */
import { KMSClient, ScheduleKeyDeletionCommand } from "@aws-sdk/client-kms";
import { type LocalAws, startLocalAws } from "@rollup-vault/local-aws/aws/start";
import { createKmsOpener } from "../../../lambda/kms/kms-opener";
import { createKmsSealer } from "../../../lambda/kms/kms-sealer";
import type { SealContext } from "../../../lambda/ports/crypto";
import { startTestAws, type TestAws } from "../../support/test-aws";
import { ALICE, CLIENT_ID, ISSUER } from "../../support/tokens";

const CONTEXT: SealContext = { sub: ALICE, grantId: "grant-1", gen: 1, purpose: "refresh_token" };
const DEPLOYMENT = { issuer: ISSUER, clientId: CLIENT_ID };

let aws: TestAws;

beforeAll(async () => {
  aws = await startTestAws();
});

afterAll(async () => {
  await aws.close();
});

function cipherWith(keyArn: string, deployment = DEPLOYMENT) {
  const options = { keyArn, deployment, client: aws.kms };
  return { ...createKmsSealer(options), ...createKmsOpener(options) };
}

async function sealedUnder(keyArn: string): Promise<Uint8Array> {
  const key = await cipherWith(keyArn).newKey(CONTEXT);
  return key.seal("secret", "refresh_token");
}

/** Neither half works, for this reason. */
async function expectFailure(cipher: ReturnType<typeof cipherWith>, reason: string) {
  const sealed = await sealedUnder(aws.keyArn);
  await expect(cipher.newKey(CONTEXT)).rejects.toMatchObject({ reason });
  await expect(cipher.open(sealed, CONTEXT)).rejects.toMatchObject({ reason });
}

async function newKey(logicalId: string): Promise<string> {
  return await aws.aws.createKey({ logicalId });
}

test.each([
  ["issuer", { ...DEPLOYMENT, issuer: "https://other.example" }],
  ["client", { ...DEPLOYMENT, clientId: "other" }],
])("S37: sealed by a deployment of another %s it does not open", async (_, other) => {
  const sealed = await sealedUnder(aws.keyArn);
  await expect(cipherWith(aws.keyArn, other).open(sealed, CONTEXT)).rejects.toMatchObject({
    reason: "ciphertext_rejected",
  });
});

test("S37: sealed under another key it does not open, although that key is there and enabled", async () => {
  const sealed = await sealedUnder(await newKey("OtherKey"));
  await expect(cipherWith(aws.keyArn).open(sealed, CONTEXT)).rejects.toMatchObject({
    reason: "ciphertext_rejected",
  });
});

test("S41: a disabled key fails closed, and all is well once it is enabled again", async () => {
  const keyArn = await newKey("Disabled");
  const sealed = await sealedUnder(keyArn);
  const cipher = cipherWith(keyArn);
  await aws.aws.disableKey(keyArn);
  await expect(cipher.newKey(CONTEXT)).rejects.toMatchObject({ reason: "cipher_denied" });
  await expect(cipher.open(sealed, CONTEXT)).rejects.toMatchObject({ reason: "cipher_denied" });
  await aws.aws.enableKey(keyArn);
  expect(await cipher.open(sealed, CONTEXT)).toBe("secret");
});

test("S41: a key that waits for its deletion fails closed", async () => {
  const keyArn = await newKey("Doomed");
  const sealed = await sealedUnder(keyArn);
  const cipher = cipherWith(keyArn);
  await aws.kms.send(new ScheduleKeyDeletionCommand({ KeyId: keyArn }));
  await expect(cipher.newKey(CONTEXT)).rejects.toMatchObject({ reason: "cipher_denied" });
  await expect(cipher.open(sealed, CONTEXT)).rejects.toMatchObject({ reason: "cipher_denied" });
});

test("S41: no such key is the operator's to mend", async () => {
  const keyArn = `${aws.keyArn.slice(0, -12)}000000000000`;
  await expect(cipherWith(keyArn).newKey(CONTEXT)).rejects.toMatchObject({
    reason: "cipher_denied",
  });
});

test("what was sealed before a rotation still opens after it", async () => {
  const keyArn = await newKey("Rotated");
  const sealed = await sealedUnder(keyArn);
  await aws.aws.rotateKey(keyArn);
  expect(await cipherWith(keyArn).open(sealed, CONTEXT)).toBe("secret");
});

test("S41: no KMS there at all is an outage", async () => {
  const client = remoteClient("http://127.0.0.1:1");
  const options = { keyArn: aws.keyArn, deployment: DEPLOYMENT, client };
  const cipher = { ...createKmsSealer(options), ...createKmsOpener(options) };
  await expectFailure(cipher, "cipher_unavailable");
  client.destroy();
});

describe("with rights to seal only", () => {
  let guarded: LocalAws;

  beforeAll(async () => {
    guarded = await startLocalAws({
      authorize: ({ action }) => {
        return !action.endsWith("Decrypt");
      },
    });
  });

  afterAll(async () => {
    await guarded.close();
  });

  test("S40 S41: sealing works, opening is denied", async () => {
    const keyArn = await guarded.createKey({ logicalId: "GrantKey" });
    const client = remoteClient(guarded.endpoints.kms);
    const options = { keyArn, deployment: DEPLOYMENT, client };
    const key = await createKmsSealer(options).newKey(CONTEXT);
    const sealed = key.seal("secret", "refresh_token");
    await expect(createKmsOpener(options).open(sealed, CONTEXT)).rejects.toMatchObject({
      reason: "cipher_denied",
    });
    client.destroy();
  });
});

function remoteClient(endpoint: string): KMSClient {
  return new KMSClient({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "TESTACCESSKEY0000001", secretAccessKey: "made up" },
    maxAttempts: 1,
  });
}
