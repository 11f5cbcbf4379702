/**
 * The local Secrets Manager's secrets, their versions and staging labels, and where they are kept.
 */
import { randomBytes } from "node:crypto";
import * as v from "valibot";
import { AwsError, localArn } from "./call";
import { createDurableFile } from "./durable-file";

const versionSchema = v.object({
  id: v.string(),
  /** Epoch milliseconds. */
  createdAt: v.number(),
  stages: v.array(v.string()),
  string: v.optional(v.string()),
  /** Base64. */
  binary: v.optional(v.string()),
});

const secretSchema = v.object({
  name: v.string(),
  arn: v.string(),
  description: v.optional(v.string()),
  createdAt: v.number(),
  changedAt: v.number(),
  /** Only those with a stage; AWS too may forget the others at any time. */
  versions: v.array(versionSchema),
});

export type Secret = v.InferOutput<typeof secretSchema>;
export type SecretVersion = v.InferOutput<typeof versionSchema>;

export interface SecretStore {
  create(name: string, description: string | undefined): Secret;
  /** By name, ARN, or ARN without its six random characters. */
  find(secretId: string): Secret | undefined;
  /** @throws AwsError ResourceNotFoundException */
  get(secretId: string): Secret;
  /** Durable when it returns. */
  put(secret: Secret): Secret;
}

/** @param path of the file; undefined: in memory only */
export function createSecretStore(path: string | undefined): SecretStore {
  const file = createDurableFile<Record<string, Secret>>(
    path,
    v.record(v.string(), secretSchema),
    {},
  );
  const put = (secret: Secret): Secret => {
    file.write({ ...file.read(), [secret.name]: secret });
    return secret;
  };
  const find = (secretId: string): Secret | undefined =>
    Object.values(file.read()).find(({ name, arn }) =>
      [name, arn, arn.slice(0, -7)].includes(secretId),
    );
  return {
    create: (name, description) => put(newSecret(name, description)),
    find,
    get: (secretId) => {
      const secret = find(secretId);
      if (secret === undefined) {
        throw notFound("Secrets Manager can't find the specified secret.");
      }
      return secret;
    },
    put,
  };
}

export function notFound(message: string): AwsError {
  return new AwsError("ResourceNotFoundException", message);
}

/**
 * The new version takes its stages away from those before it; what was AWSCURRENT becomes
 * AWSPREVIOUS.
 */
export function withVersion(secret: Secret, version: SecretVersion): Secret {
  const moved = version.stages.includes("AWSCURRENT")
    ? ["AWSPREVIOUS", ...version.stages]
    : version.stages;
  const older = secret.versions.map((old) => {
    const kept = old.stages.filter((stage) => !moved.includes(stage));
    const steppedDown = moved.includes("AWSPREVIOUS") && old.stages.includes("AWSCURRENT");
    return { ...old, stages: steppedDown ? [...kept, "AWSPREVIOUS"] : kept };
  });
  const versions = [...older.filter(({ stages }) => stages.length > 0), version];
  return { ...secret, changedAt: version.createdAt, versions };
}

function newSecret(name: string, description: string | undefined): Secret {
  const suffix = randomBytes(3).toString("hex");
  const now = Date.now();
  return {
    name,
    arn: localArn("secretsmanager", `secret:${name}-${suffix}`),
    description,
    createdAt: now,
    changedAt: now,
    versions: [],
  };
}
