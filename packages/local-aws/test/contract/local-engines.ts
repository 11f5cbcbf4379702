/** The services of this package for the contracts: behind their front door, in memory. */
import { createFrontDoor } from "../../src/aws/front-door";
import type { Service } from "../../src/aws/json-protocol";
import { createKms } from "../../src/aws/kms";
import { createSecretsManager } from "../../src/aws/secrets-manager";
import { createSqs } from "../../src/aws/sqs";
import { createKmsDriver, type KmsDriver } from "./kms.contract";
import { createSecretsDriver, type SecretsDriver } from "./secrets-manager.contract";
import { createSqsDriver, type SqsDriver } from "./sqs-driver";

const openDoor = async (service: Service) =>
  await createFrontDoor(service, { port: 0, adminAccessKeyId: "ADMIN" });

/** By virtual time: the real one and what the test has waited. */
export async function openLocalSqs(): Promise<SqsDriver> {
  let waited = 0;
  const sqs = createSqs(undefined, () => Date.now() + waited);
  const door = await openDoor(sqs);
  return createSqsDriver({
    endpoint: door.endpoint,
    wait: async (milliseconds) => {
      waited += milliseconds;
      await Promise.resolve();
    },
    close: async () => {
      sqs.close();
      await door.close();
    },
  });
}

export async function openLocalKms(): Promise<KmsDriver> {
  return createKmsDriver(await openDoor(createKms(undefined)));
}

export async function openLocalSecrets(): Promise<SecretsDriver> {
  return createSecretsDriver(await openDoor(createSecretsManager(undefined)));
}
