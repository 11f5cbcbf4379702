import { KMSClient } from "@aws-sdk/client-kms";
import { calls } from "../platform/meter";
import { type AwsAccess, sdkDefaults } from "../platform/sdk";

/** @param access @default region, credentials and endpoint of the environment */
export function createKmsClient(access?: AwsAccess): KMSClient {
  const client = new KMSClient(sdkDefaults(access));
  client.middlewareStack.add(
    (next) => async (attempt) => {
      calls.kms += 1;
      return await next(attempt);
    },
    { step: "finalizeRequest" },
  );
  return client;
}
