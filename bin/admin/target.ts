/** The deployment of a command: outputs of `npx cdk deploy --outputs-file` or of a local run. */
import { readFileSync } from "node:fs";
import * as v from "valibot";
import type { AwsAccesses } from "../../lambda/composition";
import type { IdpSettings } from "../../lambda/env";
import { AdminError } from "./admin-error";

export interface Target {
  readonly tables: {
    readonly users: string;
    readonly refreshTokens: string;
    readonly sessions: string;
  };
  readonly grantKeyArn: string;
  /** Only where the client authenticates by a secret. */
  readonly clientSecretArn?: string;
  /** Only where it does so by a key. */
  readonly clientSigningKeyArn?: string;
  /** Only where refresh tokens rotate or lapse. */
  readonly recoveryQueueUrl?: string;
  readonly idpSettings: IdpSettings;
  /** Region, and in a local run endpoints and credentials; else the caller's own (AWS CLI). */
  readonly aws: AwsAccesses;
}

const idpSettings = v.custom<IdpSettings>((value) => typeof value === "object" && value !== null);

const localSchema = v.object({
  region: v.string(),
  tables: v.object({ users: v.string(), refreshTokens: v.string(), sessions: v.string() }),
  grantKeyArn: v.string(),
  clientSecretArn: v.optional(v.string()),
  clientSigningKeyArn: v.optional(v.string()),
  idpSettings,
  recoveryQueueUrl: v.optional(v.string()),
  endpoints: v.object({
    dynamodb: v.string(),
    kms: v.string(),
    secretsmanager: v.string(),
    sqs: v.optional(v.string()),
  }),
  credentials: v.object({
    accessKeyId: v.string(),
    secretAccessKey: v.string(),
    sessionToken: v.string(),
  }),
});

/** Outputs of all stacks of one deployment, merged: their names are distinct. */
const deployedSchema = v.object({
  UsersTableName: v.string(),
  RefreshTokensTableName: v.string(),
  SessionsTableName: v.string(),
  GrantKeyArn: v.pipe(v.string(), v.regex(/^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/.+$/)),
  ClientSecretArn: v.optional(v.string()),
  ClientSigningKeyArn: v.optional(v.string()),
  RecoveryQueueUrl: v.optional(v.string()),
  IdpSettings: v.pipe(v.string(), v.parseJson(), idpSettings),
});

/** @throws AdminError where the file is missing or is of neither kind */
export function readTarget(file: string): Target {
  const content = readJson(file);
  const local = v.safeParse(localSchema, content);
  if (local.success) {
    return localTarget(local.output);
  }
  const stacks = v.safeParse(v.record(v.string(), v.record(v.string(), v.string())), content);
  const merged = Object.fromEntries(
    Object.values(stacks.success ? stacks.output : {}).flatMap((outputs) =>
      Object.entries(outputs),
    ),
  );
  const deployed = v.safeParse(deployedSchema, merged);
  if (!deployed.success) {
    throw new AdminError(
      `${file} is neither of a local run nor of "npx cdk deploy --all --outputs-file ${file}"`,
    );
  }
  return deployedTarget(deployed.output);
}

function localTarget({
  region,
  endpoints,
  credentials,
  ...rest
}: v.InferOutput<typeof localSchema>): Target {
  const at = (endpoint: string) => ({ region, endpoint, credentials });
  return {
    ...rest,
    aws: {
      dynamodb: at(endpoints.dynamodb),
      kms: at(endpoints.kms),
      secretsmanager: at(endpoints.secretsmanager),
      ...(endpoints.sqs !== undefined && { sqs: at(endpoints.sqs) }),
    },
  };
}

function deployedTarget(outputs: v.InferOutput<typeof deployedSchema>): Target {
  const [, , , region = ""] = outputs.GrantKeyArn.split(":");
  return {
    tables: {
      users: outputs.UsersTableName,
      refreshTokens: outputs.RefreshTokensTableName,
      sessions: outputs.SessionsTableName,
    },
    grantKeyArn: outputs.GrantKeyArn,
    clientSecretArn: outputs.ClientSecretArn,
    clientSigningKeyArn: outputs.ClientSigningKeyArn,
    recoveryQueueUrl: outputs.RecoveryQueueUrl,
    idpSettings: outputs.IdpSettings,
    aws: {
      dynamodb: { region },
      kms: { region },
      secretsmanager: { region },
      sqs: { region },
    },
  };
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as unknown;
  } catch {
    throw new AdminError(
      `${file} cannot be read as JSON: name the file of ` +
        '"npx cdk deploy --all --outputs-file FILE" by --outputs, or run npm start',
    );
  }
}
