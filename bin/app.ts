/** stage → stacks, rule packs, tags. */
import { App, Tags, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks, ServerlessChecks } from "cdk-nag";
import { ApiStack } from "../lib/api-stack";
import { DataStack } from "../lib/data-stack";
import { assertStage } from "../lib/stage";
import { chooseStage } from "../lib/stages";

const app = new App();
const stage = assertStage(chooseStage(app.node));
const prefix = `RollupVault-${stage.name}`;
const props = { ...(stage.env && { env: stage.env }), terminationProtection: true };

const apiStackName = `${prefix}-Api`;
const data = new DataStack(app, `${prefix}-Data`, { ...props, stage, apiStackName });
new ApiStack(app, apiStackName, { ...props, terminationProtection: false, stage, data });

Tags.of(app).add("app", "rollup-vault");
Tags.of(app).add("stage", stage.name);
Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
