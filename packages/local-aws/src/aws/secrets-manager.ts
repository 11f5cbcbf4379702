/**
 * The local Secrets Manager (`secretsmanager`): create, put, get, describe; versions with their
 * staging labels.
 */
import { randomUUID } from "node:crypto";
import * as v from "valibot";
import { AwsError, type CallSubject, localArn } from "./call";
import { type JsonAction, jsonAction, runAction } from "./json-action";
import { type Input, jsonAnswer, type Service } from "./json-protocol";
import { createSecretStore, notFound, type Secret, type SecretStore, withVersion } from "./secrets";

const MAX_VALUE_CHARACTERS = 65_536;
const secretId = v.pipe(v.string(), v.nonEmpty(), v.maxLength(2048));
const token = v.optional(v.pipe(v.string(), v.minLength(32), v.maxLength(64)));
const value = {
  SecretString: v.optional(v.pipe(v.string(), v.maxLength(MAX_VALUE_CHARACTERS))),
  SecretBinary: v.optional(v.pipe(v.string(), v.base64(), v.maxLength(MAX_VALUE_CHARACTERS))),
};
type Value = v.InferOutput<ReturnType<typeof v.object<typeof value, undefined>>>;

const createSchema = v.object({
  Name: v.pipe(v.string(), v.regex(/^[\w/+=.@-]{1,512}$/)),
  Description: v.optional(v.string()),
  ClientRequestToken: token,
  ...value,
});

const putSchema = v.object({
  SecretId: secretId,
  ClientRequestToken: token,
  VersionStages: v.optional(
    v.pipe(v.array(v.pipe(v.string(), v.nonEmpty(), v.maxLength(256))), v.minLength(1)),
    ["AWSCURRENT"],
  ),
  ...value,
});

const getSchema = v.object({
  SecretId: secretId,
  VersionId: v.optional(v.string()),
  VersionStage: v.optional(v.string()),
});

/** @param path of the file with the secrets; undefined: in memory only */
export function createSecretsManager(path: string | undefined): Service {
  const store = createSecretStore(path);
  const actions = secretActions(store);
  return {
    name: "secretsmanager",
    target: "secretsmanager",
    json: "1.1",
    describe: (action, input) => [describeSecretCall(action, input, (id) => store.find(id)?.arn)],
    handle: async ({ action, input }) =>
      await Promise.resolve(jsonAnswer({ json: "1.1" }, runAction(actions, action, input))),
  };
}

/** @param resolve name or partial ARN → ARN, where known */
export function describeSecretCall(
  action: string,
  input: Input,
  resolve: (secretId: string) => string | undefined = () => undefined,
): CallSubject {
  const id = input["SecretId"] ?? input["Name"];
  const guess = (name: string): string =>
    name.startsWith("arn:") ? name : localArn("secretsmanager", `secret:${name}`);
  const resource = typeof id === "string" ? (resolve(id) ?? guess(id)) : undefined;
  return { action, resource, context: {}, contextLists: {} };
}

function secretActions(store: SecretStore): Record<string, JsonAction> {
  return {
    CreateSecret: jsonAction(createSchema, (input) => {
      if (store.find(input.Name) !== undefined) {
        throw new AwsError("ResourceExistsException", "A secret with this name already exists.");
      }
      const secret = store.create(input.Name, input.Description);
      return input.SecretString === undefined && input.SecretBinary === undefined
        ? { ARN: secret.arn, Name: secret.name }
        : putValue(store, secret, { ...input, VersionStages: ["AWSCURRENT"] });
    }),
    PutSecretValue: jsonAction(putSchema, (input) =>
      putValue(store, store.get(input.SecretId), input),
    ),
    GetSecretValue: jsonAction(getSchema, (input) => getValue(store.get(input.SecretId), input)),
    DescribeSecret: jsonAction(v.object({ SecretId: secretId }), (input) => {
      const { arn, name, description, createdAt, changedAt, versions } = store.get(input.SecretId);
      return {
        ARN: arn,
        Name: name,
        Description: description,
        CreatedDate: createdAt / 1000,
        LastChangedDate: changedAt / 1000,
        VersionIdsToStages: Object.fromEntries(versions.map(({ id, stages }) => [id, stages])),
      };
    }),
  };
}

function putValue(
  store: SecretStore,
  secret: Secret,
  input: Value & { ClientRequestToken?: string; VersionStages: string[] },
): Record<string, unknown> {
  if ((input.SecretString === undefined) === (input.SecretBinary === undefined)) {
    throw new AwsError("InvalidParameterException", "Give either SecretString or SecretBinary.");
  }
  const id = input.ClientRequestToken ?? randomUUID();
  const { SecretString: string, SecretBinary: binary, VersionStages: stages } = input;
  const known = secret.versions.find((version) => version.id === id);
  if (known !== undefined && (known.string !== string || known.binary !== binary)) {
    throw new AwsError(
      "ResourceExistsException",
      "A version with this ClientRequestToken already exists and has another value.",
    );
  }
  if (known === undefined) {
    store.put(withVersion(secret, { id, createdAt: Date.now(), stages, string, binary }));
  }
  const { arn: ARN, name: Name } = secret;
  return { ARN, Name, VersionId: id, VersionStages: known?.stages ?? stages };
}

function getValue(
  secret: Secret,
  { VersionId, VersionStage }: v.InferOutput<typeof getSchema>,
): Record<string, unknown> {
  const stage = VersionStage ?? (VersionId === undefined ? "AWSCURRENT" : undefined);
  const found = secret.versions.find(
    ({ id, stages }) =>
      (VersionId === undefined || id === VersionId) &&
      (stage === undefined || stages.includes(stage)),
  );
  if (found === undefined) {
    const sought = stage === undefined ? "VersionId" : `staging label: ${stage}`;
    throw notFound(`Secrets Manager can't find the specified secret value for ${sought}`);
  }
  return {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: found.id,
    VersionStages: found.stages,
    CreatedDate: found.createdAt / 1000,
    SecretString: found.string,
    SecretBinary: found.binary,
  };
}
