/** The deployment of a command: outputs of `npx cdk deploy --outputs-file` or of a local run. */
import { readFileSync } from "node:fs";
import * as v from "valibot";
import type { AwsAccesses } from "../../lambda/composition";
import type { IdpSettings } from "../../lambda/env";
import { PRESET_NAMES, type PresetName } from "../../lib/provider/preset";
import { AdminError } from "./admin-error";

/** What an operator has to see before anything changes. */
export interface Place {
  readonly stage: string;
  readonly account: string;
  readonly region: string;
}

export interface Target {
  /** Undefined: a local run. */
  readonly place?: Place;
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
  /** Only of a local run; a deployment's is guessed from its settings. */
  readonly preset?: PresetName;
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
  preset: v.picklist(PRESET_NAMES),
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
  const local = localTargetOf(content);
  if (local !== undefined) {
    return local;
  }
  const stacks = v.safeParse(v.record(v.string(), v.record(v.string(), v.string())), content);
  const stage = stageOf(file, Object.keys(stacks.success ? stacks.output : {}));
  const merged = Object.fromEntries(
    Object.values(stacks.success ? stacks.output : {}).flatMap((outputs) =>
      Object.entries(outputs),
    ),
  );
  const deployed = v.safeParse(deployedSchema, merged);
  if (!deployed.success) {
    throw new AdminError(
      `${file} is neither of a local run nor of all stacks of a deployment (npm run deploy)`,
    );
  }
  return deployedTarget(stage, deployed.output);
}

/** @param content outputs of a local run; else undefined is returned */
export function localTargetOf(content: unknown): Target | undefined {
  const local = v.safeParse(localSchema, content);
  return local.success ? localTarget(local.output) : undefined;
}

/** @throws AdminError where a file has the outputs of several stages: which is meant? */
function stageOf(file: string, stacks: readonly string[]): string {
  const names = stacks.map((name) => /^RollupVault-(.+)-[A-Z][a-z]+$/.exec(name)?.[1] ?? name);
  const [stage = "", ...others] = new Set(names);
  if (others.length > 0) {
    throw new AdminError(
      `${file} has the outputs of several stages (${[stage, ...others].join(", ")}): ` +
        "keep those of one stage in a file (npm run deploy does)",
    );
  }
  return stage;
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

function deployedTarget(stage: string, outputs: v.InferOutput<typeof deployedSchema>): Target {
  const [, , , region = "", account = ""] = outputs.GrantKeyArn.split(":");
  return {
    place: { stage, account, region },
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
      `${file} cannot be read as JSON: name a deployment's outputs by --stage or --outputs ` +
        "(npm run deploy writes them), or run npm start",
    );
  }
}
