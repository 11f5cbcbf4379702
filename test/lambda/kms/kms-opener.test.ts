import fc from "fast-check";
import { InternalError } from "../../../lambda/errors";
import { createKmsOpener } from "../../../lambda/kms/kms-opener";
import { CONTEXT, createKmsDouble, DEPLOYMENT } from "../../support/kms-double";

describe("the opener", () => {
  test("S37: an envelope cut anywhere does not open, and KMS is not asked about what is none", async () => {
    const { sealer, open, sent } = createKmsDouble();
    const sealed = (await sealer.newKey(CONTEXT)).seal("secret", "access_token");
    for (let length = 0; length < sealed.length; length += 1) {
      await expect(open(sealed.subarray(0, length), CONTEXT)).rejects.toMatchObject({
        reason: "ciphertext_rejected",
      });
    }
    expect(sent.filter(({ name }) => name === "DecryptCommand")).toHaveLength("secret".length);
  });

  test("S37: any bytes at all are refused, and never by anything but our error", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.boolean(), async (bytes, isOurs) => {
        const { open } = createKmsDouble();
        if (isOurs && bytes.length > 0) {
          bytes[0] = 1;
        }
        await expect(open(bytes, CONTEXT)).rejects.toBeInstanceOf(InternalError);
      }),
    );
  });

  test("a data key is overwritten once it has opened its one secret, and when it could not", async () => {
    const { sealer, open, answers } = createKmsDouble();
    const sealed = (await sealer.newKey(CONTEXT)).seal("secret", "access_token");
    const changed = Uint8Array.from(sealed);
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    await open(sealed, CONTEXT);
    await expect(open(changed, CONTEXT)).rejects.toThrow();
    const opened = answers.slice(1).map(({ Plaintext }) => [...(Plaintext ?? [1])]);
    expect(opened).toEqual([Array(32).fill(0), Array(32).fill(0)]);
  });

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
        deployment: { ...DEPLOYMENT, [member]: "other" },
        client: { send: () => Promise.resolve({ Plaintext }) },
      });
      await expect(elsewhere.open(sealed, CONTEXT)).rejects.toMatchObject({
        reason: "ciphertext_rejected",
      });
    },
  );
});
