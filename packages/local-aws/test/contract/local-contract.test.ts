import { testContract } from "./contract";
import { openLocalSecrets, openLocalSqs } from "./local-engines";
import { SECRETS_CONTRACT } from "./secrets-manager.contract";
import { SQS_CONTRACT } from "./sqs.contract";

describe("the local SQS", () => {
  testContract(SQS_CONTRACT, openLocalSqs);
});

describe("the local Secrets Manager", () => {
  testContract(SECRETS_CONTRACT, openLocalSecrets);
});
