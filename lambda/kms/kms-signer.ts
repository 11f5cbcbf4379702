/** Signs as this client, with `kms:Sign`: the private key never leaves KMS. */
import { SignCommand } from "@aws-sdk/client-kms";
import { KMS_SIGNING } from "../client-authentication";
import type { ClientSigner } from "../ports/crypto";
import { toJoseSignature } from "./jose-signature";
import { clientKeyError } from "./kms-errors";
import { type ClientKeyOptions, readPublicJwk } from "./public-key";

export function createKmsSigner(options: ClientKeyOptions): ClientSigner {
  const { keyArn, alg, client } = options;
  let kid: Promise<string> | undefined;

  return {
    /** A key pair never changes under its ARN, so it is read once for each instance. */
    async kid() {
      kid ??= readPublicJwk(options)
        .then((jwk) => jwk.kid)
        .catch((error: unknown) => {
          kid = undefined;
          throw error;
        });
      return await kid;
    },
    async sign(input) {
      try {
        const { Signature } = await client.send(
          new SignCommand({
            KeyId: keyArn,
            Message: Buffer.from(input),
            MessageType: "RAW",
            SigningAlgorithm: KMS_SIGNING[alg].algorithm,
          }),
        );
        const signature = Buffer.from(Signature ?? []);
        return (alg === "ES256" ? toJoseSignature(signature) : signature).toString("base64url");
      } catch (error) {
        throw clientKeyError(error);
      }
    },
  };
}
