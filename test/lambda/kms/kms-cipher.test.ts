import { createCipheriv, createHash, randomBytes } from "node:crypto";
import type { KMSClient } from "@aws-sdk/client-kms";
import { createKmsOpener } from "../../../lambda/kms/kms-opener";
import { createKmsSealer } from "../../../lambda/kms/kms-sealer";
import type { SealContext } from "../../../lambda/ports";
import { ALICE, CLIENT_ID, ISSUER } from "../../support/tokens";

const CONTEXT: SealContext = { sub: ALICE, grantId: "grant-1", gen: 1, purpose: "access_token" };
const deployment = { issuer: ISSUER, clientId: CLIENT_ID };

interface Sent {
  readonly name: string;
  readonly input: Record<string, unknown> & { EncryptionContext: Record<string, string> };
}

/** Keeps data keys by a handle and shows what was asked; the wire KMS is in the contract suite. */
function createKmsDouble(error?: () => Error | undefined) {
  const sent: Sent[] = [];
  const keys = new Map<string, Uint8Array>();
  const client = {
    send: (command: { constructor: { name: string }; input: Sent["input"] }) => {
      const { input } = command;
      const name = command.constructor.name;
      sent.push({ name, input });
      const failure = error?.();
      if (failure !== undefined) {
        return Promise.reject(failure);
      }
      if (name === "GenerateDataKeyCommand") {
        const [Plaintext, CiphertextBlob] = [randomBytes(32), randomBytes(40)];
        keys.set(CiphertextBlob.toString("hex"), Plaintext);
        return Promise.resolve({ Plaintext, CiphertextBlob });
      }
      const blob = Buffer.from(input["CiphertextBlob"] as Uint8Array).toString("hex");
      return Promise.resolve({ Plaintext: keys.get(blob) });
    },
  } as unknown as KMSClient;
  const options = { keyArn: "arn:key", deployment, client };
  return { sent, keys, sealer: createKmsSealer(options), open: createKmsOpener(options).open };
}

describe("the sealer", () => {
  test("S38: asks for one fresh AES-256 data key per write, at the pinned key", async () => {
    const { sealer, sent, keys } = createKmsDouble();
    await sealer.newKey(CONTEXT);
    await sealer.newKey(CONTEXT);
    expect(sent.map(({ name }) => name)).toEqual([
      "GenerateDataKeyCommand",
      "GenerateDataKeyCommand",
    ]);
    expect(sent[0]?.input).toMatchObject({ KeyId: "arn:key", KeySpec: "AES_256" });
    expect(keys.size).toBe(2);
  });

  test("S38: the two secrets of one write have a key of their own each: the data key itself opens neither", async () => {
    const { sealer, keys } = createKmsDouble();
    const key = await sealer.newKey(CONTEXT);
    const sealed = Buffer.from(key.seal("secret", "access_token"));
    const [dataKey = Buffer.alloc(32)] = keys.values();
    const nonce = sealed.subarray(3 + 40, 3 + 40 + 12);
    const direct = createCipheriv("aes-256-gcm", dataKey, nonce).update("secret");
    expect(sealed.subarray(-6).equals(direct)).toBe(false);
  });

  test("S39: the encryption context holds constants, random ids and a hash, and neither subject nor issuer", async () => {
    const { sealer, sent } = createKmsDouble();
    await sealer.newKey(CONTEXT);
    const context = sent[0]?.input.EncryptionContext ?? {};
    const owner = createHash("sha256")
      .update(JSON.stringify([ISSUER, CLIENT_ID, ALICE]))
      .digest("hex");
    expect(context).toEqual({
      app: "rollup-vault",
      purpose: "grant",
      owner,
      grant: "grant-1",
      gen: "1",
    });
  });
});

describe("the opener", () => {
  test("asks KMS with the pinned key and the same context", async () => {
    const { sealer, open, sent } = createKmsDouble();
    const sealed = (await sealer.newKey(CONTEXT)).seal("secret", "access_token");
    await open(sealed, CONTEXT);
    expect(sent[1]?.name).toBe("DecryptCommand");
    expect(sent[1]?.input).toMatchObject({
      KeyId: "arn:key",
      EncryptionContext: sent[0]?.input.EncryptionContext,
    });
  });

  test("remembers an access token by the very bytes of the row: no KMS for those, KMS for others", async () => {
    const { sealer, open, sent } = createKmsDouble();
    const key = await sealer.newKey(CONTEXT);
    const [first, second] = [key.seal("one", "access_token"), key.seal("two", "access_token")];
    expect(await open(first, CONTEXT)).toBe("one");
    expect(await open(first, CONTEXT)).toBe("one");
    expect(await open(second, CONTEXT)).toBe("two");
    expect(sent.filter(({ name }) => name === "DecryptCommand")).toHaveLength(2);
    await expect(open(first, { ...CONTEXT, sub: "other" })).rejects.toMatchObject({
      reason: "ciphertext_rejected",
    });
  });

  test("never remembers a refresh token, and no more than 32 access tokens", async () => {
    const { sealer, open, sent } = createKmsDouble();
    const context = { ...CONTEXT, purpose: "refresh_token" } as const;
    const key = await sealer.newKey(context);
    const sealed = key.seal("secret", "refresh_token");
    await open(sealed, context);
    await open(sealed, context);
    expect(sent.filter(({ name }) => name === "DecryptCommand")).toHaveLength(2);
    const tokens = Array.from({ length: 33 }, (_, at) => key.seal(String(at), "access_token"));
    for (const token of [...tokens, tokens[0] ?? sealed]) {
      await open(token, CONTEXT);
    }
    expect(sent.filter(({ name }) => name === "DecryptCommand")).toHaveLength(2 + 34);
  });

  test.each(["issuer", "clientId"] as const)(
    "S37: sealed for another %s it does not open",
    async (member) => {
      const { sealer, keys } = createKmsDouble();
      const sealed = (await sealer.newKey(CONTEXT)).seal("secret", "access_token");
      const [Plaintext] = keys.values();
      const elsewhere = createKmsOpener({
        keyArn: "arn:key",
        deployment: { ...deployment, [member]: "other" },
        client: { send: () => Promise.resolve({ Plaintext }) },
      });
      await expect(elsewhere.open(sealed, CONTEXT)).rejects.toMatchObject({
        reason: "ciphertext_rejected",
      });
    },
  );
});

describe("S41: what KMS says, told once", () => {
  test.each([
    ["ThrottlingException", 400, "cipher_unavailable"],
    ["KMSInternalException", 500, "cipher_unavailable"],
    ["DependencyTimeoutException", 503, "cipher_unavailable"],
    ["KeyUnavailableException", 500, "cipher_unavailable"],
    ["TimeoutError", undefined, "cipher_unavailable"],
    ["AccessDeniedException", 400, "cipher_denied"],
    ["DisabledException", 409, "cipher_denied"],
    ["KMSInvalidStateException", 400, "cipher_denied"],
    ["NotFoundException", 400, "cipher_denied"],
    ["InvalidCiphertextException", 400, "ciphertext_rejected"],
    ["IncorrectKeyException", 400, "ciphertext_rejected"],
  ])("%s", async (name, httpStatusCode, reason) => {
    let isArmed = false;
    const failure = Object.assign(new Error("arn:aws:kms:secret"), {
      name,
      $metadata: { httpStatusCode },
    });
    const { sealer, open } = createKmsDouble(() => (isArmed ? failure : undefined));
    const sealed = (await sealer.newKey(CONTEXT)).seal("secret", "access_token");
    isArmed = true;
    await expect(sealer.newKey(CONTEXT)).rejects.toMatchObject({ reason });
    await expect(open(sealed, CONTEXT)).rejects.toMatchObject({ reason });
  });
});
