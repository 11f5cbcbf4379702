import { testContract } from "./contract";
import { KMS_CONTRACT } from "./kms.contract";
import { openLocalKms, openLocalSecrets, openLocalSqs } from "./local-engines";
import { SECRETS_CONTRACT } from "./secrets-manager.contract";
import { SQS_CONTRACT } from "./sqs.contract";

describe("the local SQS", () => {
  testContract(SQS_CONTRACT, openLocalSqs);
});

describe("the local KMS", () => {
  testContract(KMS_CONTRACT, openLocalKms);
});

describe("the local Secrets Manager", () => {
  testContract(SECRETS_CONTRACT, openLocalSecrets);
});
