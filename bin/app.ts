/** stage → stacks, rule packs, tags. */
import { App, Tags, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks, ServerlessChecks } from "cdk-nag";
import { ApiStack } from "../lib/api-stack";
import { type CodeOf, withBundles } from "../lib/bundling";
import { DataStack } from "../lib/data-stack";
import { needsOf } from "../lib/provider-needs";
import { assertStage } from "../lib/stage";
import { chooseStage } from "../lib/stages";

const app = new App();
const stage = assertStage(chooseStage(app.node));

function addStacks(codeOf: CodeOf): void {
  const prefix = `RollupVault-${stage.name}`;
  const props = { ...(stage.env && { env: stage.env }), terminationProtection: true };
  const apiStackName = `${prefix}-Api`;
  const data = new DataStack(app, `${prefix}-Data`, { ...props, stage, apiStackName });
  new ApiStack(app, apiStackName, { ...props, terminationProtection: false, stage, data, codeOf });
  Tags.of(app).add("app", "rollup-vault");
  Tags.of(app).add("stage", stage.name);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
}

// The CDK synthesizes when the process has nothing more to do.
void withBundles(app, needsOf(stage.idp).credential, addStacks);
