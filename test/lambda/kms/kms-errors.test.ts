import { CONTEXT, createKmsDouble } from "../../support/kms-double";

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
