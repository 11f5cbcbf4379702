/** stage → stacks, rule packs, tags. */
import { App, Tags, Validations } from "aws-cdk-lib";
import {
  AwsSolutionsChecks,
  HIPAASecurityChecks,
  NIST80053R5Checks,
  PCIDSS321Checks,
  ServerlessChecks,
} from "cdk-nag";
import { ApiStack } from "../lib/api-stack";
import { DataStack } from "../lib/data-stack";
import { assertStage, isRetained, type Stage } from "../lib/stage";
import { assertDeployable } from "../lib/stage-rules";
import { chooseStage } from "../lib/stages";

const app = new App();
const stage = readStage();
const prefix = `RollupVault-${stage.name}`;
const props = { ...(stage.env && { env: stage.env }) };
const { terminationProtection = isRetained(stage) } = stage;

const apiStackName = `${prefix}-Api`;
const data = new DataStack(app, `${prefix}-Data`, {
  ...props,
  terminationProtection,
  stage,
  apiStackName,
});
new ApiStack(app, apiStackName, { ...props, terminationProtection: false, stage, data });

for (const [key, value] of Object.entries(stage.tags ?? {})) {
  Tags.of(app).add(key, value);
}
Tags.of(app).add("app", "rollup-vault");
Tags.of(app).add("stage", stage.name);
Validations.of(app).addPlugins(
  new AwsSolutionsChecks(app),
  new ServerlessChecks(app),
  new NIST80053R5Checks(app),
  new HIPAASecurityChecks(app),
  new PCIDSS321Checks(app),
);

/** What is wrong in a stage file is one sentence; only a bug has a stack. */
function readStage(): Stage {
  try {
    const chosen = assertStage(chooseStage(app.node));
    if (chosen.name !== "local") {
      assertDeployable(chosen, process.env["CDK_DEFAULT_ACCOUNT"]);
    }
    return chosen;
  } catch (error) {
    if (error instanceof Error && error.constructor === Error) {
      process.stderr.write(`${error.message}\n`);
      process.exit(1);
    }
    throw error;
  }
}
