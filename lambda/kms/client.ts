import { KMSClient } from "@aws-sdk/client-kms";
import { sdkDefaults } from "../platform/sdk";

/** Region, credentials and endpoint come from the environment, as everywhere in Lambda. */
export function createKmsClient(): KMSClient {
  return new KMSClient(sdkDefaults());
}
