import { delimiter, dirname } from "node:path";
import type { AwsCredentials, AwsEndpoints, FunctionHooks, FunctionSpec } from "./function-spec";

export interface InstanceWorld {
  readonly region: string;
  readonly credentials: AwsCredentials;
  readonly endpoints: AwsEndpoints;
  readonly hooks: FunctionHooks;
}

/**
 * Everything that the process of an instance finds in its environment: the template's variables
 * and what Lambda sets (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html).
 * Of the shell that started the run it gets PATH and nothing else, so that no developer's
 * credentials or settings can leak into a function.
 */
export function instanceEnvironment(
  spec: FunctionSpec,
  world: InstanceWorld,
  runtimeApi: string,
): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? ["/usr/bin", dirname(process.execPath)].join(delimiter),
    LANG: "en_US.UTF-8",
    TZ: ":UTC",
    ...reserved(spec, world, runtimeApi),
    AWS_ACCESS_KEY_ID: world.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: world.credentials.secretAccessKey,
    AWS_SESSION_TOKEN: world.credentials.sessionToken,
    AWS_ENDPOINT_URL_DYNAMODB: world.endpoints.dynamodb,
    AWS_ENDPOINT_URL_KMS: world.endpoints.kms,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: world.endpoints.secretsmanager,
    ...(world.endpoints.sqs && { AWS_ENDPOINT_URL_SQS: world.endpoints.sqs }),
    ...spec.environment,
    ...world.hooks.environment,
  };
}

function reserved(spec: FunctionSpec, world: InstanceWorld, runtimeApi: string) {
  return {
    _HANDLER: spec.handler,
    LAMBDA_TASK_ROOT: spec.codeFolder,
    AWS_REGION: world.region,
    AWS_DEFAULT_REGION: world.region,
    AWS_LAMBDA_FUNCTION_NAME: spec.name,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${spec.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: "local",
    AWS_LAMBDA_RUNTIME_API: runtimeApi,
  };
}
