/** Services at other endpoints: their calls are described, judged and counted as local ones. */
import { createForward } from "./forward";
import type { Service } from "./json-protocol";
import { describeKmsCall } from "./kms";
import { describeSecretCall } from "./secrets-manager";
import { describeQueueCall, SQS_WIRE } from "./sqs";

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
