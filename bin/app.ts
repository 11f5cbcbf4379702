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
import { type CodeOf, withBundles } from "../lib/bundling";
import { findDeployedNode } from "../lib/code-cache";
import { DataStack } from "../lib/data-stack";
import { needsOf } from "../lib/provider-needs";
import { assertStage, isRetained, type Stage } from "../lib/stage";
import { assertDeployable } from "../lib/stage-rules";
import { chooseStage } from "../lib/stages";

const app = new App();
const stage = orSentence(readStage);
const node = orSentence(() => findDeployedNode(stage));

// The CDK synthesizes when the process has nothing more to do.
void withBundles(app, { credential: needsOf(stage.idp).credential, node }, addStacks);

function addStacks(codeOf: CodeOf): void {
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
  new ApiStack(app, apiStackName, { ...props, terminationProtection: false, stage, data, codeOf });

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
}

function readStage(): Stage {
  const chosen = assertStage(chooseStage(app.node));
  if (chosen.name !== "local") {
    assertDeployable(chosen, process.env["CDK_DEFAULT_ACCOUNT"]);
  }
  return chosen;
}

/** What is wrong in a stage file is one sentence; only a bug has a stack. */
function orSentence<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && error.constructor === Error) {
      process.stderr.write(`${error.message}\n`);
      process.exit(1);
    }
    throw error;
  }
}
