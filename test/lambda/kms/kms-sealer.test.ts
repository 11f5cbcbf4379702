import { createCipheriv, createHash, randomBytes } from "node:crypto";
import type { KMSClient } from "@aws-sdk/client-kms";
import fc from "fast-check";
import { createKmsOpener } from "../../../lambda/kms/kms-opener";
import { createKmsSealer } from "../../../lambda/kms/kms-sealer";
import { CONTEXT, createKmsDouble, DEPLOYMENT } from "../../support/kms-double";
import { ALICE, CLIENT_ID, ISSUER } from "../../support/tokens";

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

  test("S38: any number of seals, of the same secret too, share no key, no nonce and no ciphertext", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.integer({ min: 2, max: 8 }), async (secret, count) => {
        const { sealer, open, keys } = createKmsDouble();
        const writes = await Promise.all(
          Array.from({ length: count }, () => sealer.newKey(CONTEXT)),
        );
        const sealed = writes.flatMap((key) => [
          Buffer.from(key.seal(secret, "access_token")),
          Buffer.from(key.seal(secret, "access_token")),
        ]);
        const parts = (from: number, to?: number) =>
          new Set(sealed.map((bytes) => bytes.subarray(from, to).toString("hex"))).size;
        expect(keys.size).toBe(count);
        expect(parts(3, 3 + 40)).toBe(count);
        expect(parts(3 + 40, 3 + 40 + 12)).toBe(2 * count);
        expect(parts(3 + 40 + 12)).toBe(2 * count);
        expect(await open(sealed[0] ?? Buffer.alloc(0), CONTEXT)).toBe(secret);
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    ["none", undefined],
    ["an empty one", new Uint8Array(0)],
    ["a short one", randomBytes(16)],
  ])(
    "a data key that is not 256 bits seals nothing and opens nothing: %s",
    async (_, Plaintext) => {
      const { sealer, open } = createKmsDouble();
      const sealed = (await sealer.newKey(CONTEXT)).seal("secret", "access_token");
      expect(await open(sealed, CONTEXT)).toBe("secret");
      const client = {
        send: () => Promise.resolve({ Plaintext, CiphertextBlob: randomBytes(40) }),
      } as unknown as KMSClient;
      const options = { keyArn: "arn:key", deployment: DEPLOYMENT, client };
      const denied = { reason: "cipher_denied" };
      await expect(createKmsSealer(options).newKey(CONTEXT)).rejects.toMatchObject(denied);
      await expect(createKmsOpener(options).open(sealed, CONTEXT)).rejects.toMatchObject(denied);
    },
  );

  test("S39: whoever the user and whatever the deployment, no value contains subject, issuer or client", async () => {
    const name = fc.string({ minLength: 8 });
    await fc.assert(
      fc.asyncProperty(name, name, name, async (sub, issuer, clientId) => {
        const { client, sent } = createKmsDouble();
        await createKmsSealer({
          keyArn: "arn:key",
          deployment: { issuer, clientId },
          client,
        }).newKey({ ...CONTEXT, sub });
        const values = Object.values(sent[0]?.input.EncryptionContext ?? {});
        expect(values).toHaveLength(5);
        for (const secret of [sub, issuer, clientId]) {
          expect(values.some((value) => value.includes(secret))).toBe(false);
        }
      }),
    );
  });

  test("S39: two owners never share a context, however their parts are cut", async () => {
    const owners = [
      { issuer: "a", clientId: "bc", sub: "d" },
      { issuer: "ab", clientId: "c", sub: "d" },
      { issuer: "a", clientId: "b", sub: "cd" },
      { issuer: 'a","b', clientId: "c", sub: "d" },
    ];
    const { client, sent } = createKmsDouble();
    for (const { sub, ...owner } of owners) {
      const options = { keyArn: "arn:key", deployment: owner, client };
      await createKmsSealer(options).newKey({ ...CONTEXT, sub });
    }
    const hashes = sent.map(({ input }) => input.EncryptionContext["owner"]);
    expect(new Set(hashes).size).toBe(owners.length);
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
