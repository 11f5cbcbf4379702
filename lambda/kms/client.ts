import { KMSClient } from "@aws-sdk/client-kms";
import { counted } from "../platform/meter";
import { type AwsAccess, sdkDefaults, withoutTrace } from "../platform/sdk";

/** @param access @default region, credentials and endpoint of the environment */
export function createKmsClient(access?: AwsAccess): KMSClient {
  const client = withoutTrace(new KMSClient(sdkDefaults(access)));
  client.middlewareStack.add(counted("kms"), { step: "finalizeRequest" });
  return client;
}
