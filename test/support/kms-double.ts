import { randomBytes } from "node:crypto";
import type { KMSClient } from "@aws-sdk/client-kms";
import { createKmsOpener } from "../../lambda/kms/kms-opener";
import { createKmsSealer } from "../../lambda/kms/kms-sealer";
import type { SealContext } from "../../lambda/ports";
import { ALICE, CLIENT_ID, ISSUER } from "./tokens";

export const CONTEXT: SealContext = {
  sub: ALICE,
  grantId: "grant-1",
  gen: 1,
  purpose: "access_token",
};
export const DEPLOYMENT = { issuer: ISSUER, clientId: CLIENT_ID };

export interface Sent {
  readonly name: string;
  readonly input: Record<string, unknown> & { EncryptionContext: Record<string, string> };
}

export interface Answer {
  Plaintext?: Uint8Array | undefined;
  CiphertextBlob?: Uint8Array;
}

/**
 * Keeps data keys by a handle and shows what was asked and answered; the wire KMS is in
 * kms-cipher.integration.ts.
 */
export function createKmsDouble(error?: () => Error | undefined) {
  const sent: Sent[] = [];
  const answers: Answer[] = [];
  const answer = (members: Answer) => {
    answers.push(members);
    return Promise.resolve(members);
  };
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
        keys.set(CiphertextBlob.toString("hex"), Uint8Array.from(Plaintext));
        return answer({ Plaintext, CiphertextBlob });
      }
      const blob = Buffer.from(input["CiphertextBlob"] as Uint8Array).toString("hex");
      const key = keys.get(blob);
      return answer({ Plaintext: key && Uint8Array.from(key) });
    },
  } as unknown as KMSClient;
  const options = { keyArn: "arn:key", deployment: DEPLOYMENT, client };
  const { open } = createKmsOpener(options);
  return { client, sent, answers, keys, sealer: createKmsSealer(options), open };
}
