import type { Node } from "constructs";
import type { StageConfig } from "./stage";
import { dev } from "./stages/dev";
import { localStage } from "./stages/local";

/**
 * The stage named by the context `stage` (`npx cdk deploy -c stage=…`). Add new stage files here.
 * @default dev
 */
export function chooseStage(node: Pick<Node, "tryGetContext">): StageConfig {
  const name = (node.tryGetContext("stage") as string | undefined) ?? "dev";
  switch (name) {
    case "dev":
      return dev;
    case "local":
      return localStage(node);
    default:
      throw new Error(
        `there is no stage "${name}": add its file to lib/stages and name it in lib/stages.ts`,
      );
  }
}
