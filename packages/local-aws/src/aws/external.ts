/**
 * Services that are elsewhere: described as the local ones are, so that their calls can be judged
 * and counted.
 */
import { createForward } from "./forward";
import { describeKmsCall } from "./kms";
import { describeSecretCall } from "./secrets-manager";
import { describeQueueCall, SQS_WIRE } from "./sqs";
import type { Service } from "./wire";

export function externalKms(endpoint: string): Service {
  return {
    name: "kms",
    target: "TrentService",
    json: "1.1",
    describe: (action, input) => [describeKmsCall(action, input)],
    handle: createForward(endpoint, false),
  };
}

export function externalSecretsManager(endpoint: string): Service {
  return {
    name: "secretsmanager",
    target: "secretsmanager",
    json: "1.1",
    describe: (action, input) => [describeSecretCall(action, input)],
    handle: createForward(endpoint, false),
  };
}

export function externalSqs(endpoint: string): Service {
  return {
    ...SQS_WIRE,
    describe: (action, input) => [describeQueueCall(action, input)],
    handle: createForward(endpoint, false),
  };
}
