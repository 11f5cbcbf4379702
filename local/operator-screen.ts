/** The operator's screen of a run, with the run's own made-up credentials. */
import { createOperator } from "../bin/admin/operator";
import { localTargetOf } from "../bin/admin/target";
import { type OperatorScreen, serveOperatorScreen } from "../bin/admin/ui/serve";
import type { Outputs } from "./outputs";

export async function startOperatorScreen(outputs: Outputs): Promise<OperatorScreen> {
  const target = localTargetOf(outputs);
  if (target === undefined) {
    throw new Error("the outputs are none of a local run");
  }
  const operator = createOperator(target);
  const screen = { place: undefined, operator: async () => await Promise.resolve(operator) };
  return await serveOperatorScreen(screen, 0);
}
