import type { Node } from "constructs";
import type { StageConfig } from "./stage";
import { dev } from "./stages/dev";
import { localStage } from "./stages/local";
import { prod } from "./stages/prod";

/** Add new stage files here. */
const STAGES: readonly StageConfig[] = [dev, prod];

type Context = Pick<Node, "tryGetContext">;

/**
 * The stage named by the context `stage` (`npx cdk deploy -c stage=…`). The context `clientId`
 * stands for the file's client id.
 * @default dev
 */
export function chooseStage(node: Context): StageConfig {
  const name = (node.tryGetContext("stage") as string | undefined) ?? "dev";
  if (name === "local") {
    return localStage(node);
  }
  const stage = STAGES.find((each) => each.name === name);
  if (stage === undefined) {
    throw new Error(
      `there is no stage "${name}": add its file to lib/stages and name it in lib/stages.ts`,
    );
  }
  const clientId = node.tryGetContext("clientId") as string | undefined;
  return clientId === undefined ? stage : { ...stage, idp: { ...stage.idp, clientId } };
}
