/** The client secret out of Secrets Manager, where the operator puts it: plain text, at most five minutes old here (S42). */
import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { InternalError, UnavailableError, type ServiceError } from "../errors";
import type { EpochMs } from "../model";
import type { Clock, ClientSecretSource } from "../ports";
import { isTransient, sdkDefaults } from "../sdk";

const MAX_AGE_MS = 5 * 60_000;

export interface ClientSecretOptions {
  readonly arn: string;
  readonly client: Pick<SecretsManagerClient, "send">;
  readonly clock: Clock;
}

export function createSecretsManagerClient(): SecretsManagerClient {
  return new SecretsManagerClient(sdkDefaults());
}

export function createClientSecretSource(options: ClientSecretOptions): ClientSecretSource {
  const { arn, client, clock } = options;
  let kept: { readonly value: string; readonly readAt: EpochMs } | undefined;
  let reading: Promise<string> | undefined;

  /** What was kept survives a read that fails: it is still no older than it says. */
  async function read(): Promise<string> {
    const readAt = clock.now();
    const { SecretString } = await client
      .send(new GetSecretValueCommand({ SecretId: arn }))
      .catch((error: unknown) => {
        throw secretError(error);
      });
    // People fill it from a file, and files end in a newline.
    const value = (SecretString ?? "").replace(/\r?\n$/, "");
    if (value.trim() === "") {
      throw new InternalError("client_secret_missing");
    }
    kept = { value, readAt };
    return value;
  }

  /** However many ask at once, one read is under way. */
  async function reread(): Promise<string> {
    reading ??= read().finally(() => {
      reading = undefined;
    });
    return await reading;
  }

  return {
    current: async () =>
      kept !== undefined && clock.now() - kept.readAt < MAX_AGE_MS ? kept.value : await reread(),
    reread,
  };
}

function secretError(error: unknown): ServiceError {
  // A secret that was created and never filled has no current version.
  if (error instanceof ResourceNotFoundException) {
    return new InternalError("client_secret_missing", { cause: error });
  }
  return isTransient(error)
    ? new UnavailableError("client_secret_unavailable", { cause: error })
    : new InternalError("client_secret_denied", { cause: error });
}
