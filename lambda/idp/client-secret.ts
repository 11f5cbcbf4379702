/** The client secret from Secrets Manager, cached for at most five minutes (S42). */
import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { InternalError, type ServiceError, UnavailableError } from "../errors";
import type { EpochMs } from "../model";
import { type AwsAccess, isTransient, sdkDefaults, withoutTrace } from "../platform/sdk";
import type { Clock } from "../ports/runtime";
import { readClientSecret } from "./client-secret-text";

const MAX_AGE_MS = 5 * 60_000;

/**
 * @throws UnavailableError `client_secret_unavailable`; InternalError `client_secret_missing`,
 * `client_secret_malformed`, `client_secret_denied`
 */
export interface ClientSecretSource {
  /** At most five minutes old (S42). */
  current(): Promise<string>;
  /** Read now, past the cache. */
  reread(): Promise<string>;
}

export interface ClientSecretOptions {
  readonly arn: string;
  readonly client: Pick<SecretsManagerClient, "send">;
  readonly clock: Clock;
}

/** @param access @default region, credentials and endpoint of the environment */
export function createSecretsManagerClient(access?: AwsAccess): SecretsManagerClient {
  return withoutTrace(new SecretsManagerClient(sdkDefaults(access)));
}

export function createClientSecretSource(options: ClientSecretOptions): ClientSecretSource {
  const { arn, client, clock } = options;
  let kept: { readonly value: string; readonly readAt: EpochMs } | undefined;
  let reading: Promise<string> | undefined;

  /** A failed read leaves the cached secret, which is still no older than it says. */
  async function read(): Promise<string> {
    const readAt = clock.now();
    const { SecretString, SecretBinary } = await client
      .send(new GetSecretValueCommand({ SecretId: arn }))
      .catch((error: unknown) => {
        throw secretError(error);
      });
    const value = readClientSecret(SecretString ?? textOf(SecretBinary));
    kept = { value, readAt };
    return value;
  }

  /** Concurrent callers share one read. */
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

/** `aws secretsmanager put-secret-value --secret-binary fileb://…` */
function textOf(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes);
}

function secretError(error: unknown): ServiceError {
  // A secret without a value has no current version.
  if (error instanceof ResourceNotFoundException) {
    return new InternalError("client_secret_missing", { cause: error });
  }
  return isTransient(error)
    ? new UnavailableError("client_secret_unavailable", { cause: error })
    : new InternalError("client_secret_denied", { cause: error });
}
