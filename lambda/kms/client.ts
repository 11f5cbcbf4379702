import { KMSClient } from "@aws-sdk/client-kms";
import { sdkDefaults, type AwsAccess } from "../platform/sdk";

/** @param access @default region, credentials and endpoint of the environment */
export function createKmsClient(access?: AwsAccess): KMSClient {
  return new KMSClient(sdkDefaults(access));
}
