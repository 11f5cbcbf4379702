import { KMSClient } from "@aws-sdk/client-kms";
import { type AwsAccess, sdkDefaults } from "../platform/sdk";

/** @param access @default region, credentials and endpoint of the environment */
export function createKmsClient(access?: AwsAccess): KMSClient {
  return new KMSClient(sdkDefaults(access));
}
