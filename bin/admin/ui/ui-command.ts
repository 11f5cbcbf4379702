/** `rollup-vault admin ui`. */
import { type Command, InvalidArgumentError } from "commander";
import type { Act } from "../act";
import type { Report } from "../show";
import type { Target } from "../target";
import { serveOperatorScreen } from "./serve";

export interface UiCommandOptions {
  readonly act: Act;
  readonly targetOf: () => Target;
}

interface UiOptions {
  readonly port: number;
}

const MAX_PORT = 65_535;

export function addUiCommand(admin: Command, { act, targetOf }: UiCommandOptions): void {
  admin
    .command("ui")
    .description("serves the operator's screen on this machine until Ctrl-C")
    .option("--port <n>", "0: any free one", portOf, 0)
    .option("--yes", "do not ask")
    .action(
      act(async (operator, { port }: UiOptions): Promise<Report> => {
        const { place } = targetOf();
        const screen = { place, operator: async () => await Promise.resolve(operator) };
        const { address } = await serveOperatorScreen(screen, port);
        return {
          json: { address },
          lines: [
            `The operator's screen: ${address}`,
            "Only this machine reaches it. The address works once, in one tab; Ctrl-C ends it.",
          ],
        };
      }, "asks"),
    );
}

function portOf(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > MAX_PORT) {
    throw new InvalidArgumentError(`a whole number from 0 to ${String(MAX_PORT)}`);
  }
  return port;
}
