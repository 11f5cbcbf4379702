/**
 * Steps with their time; on a terminal the running one is shown, else one plain line per step when
 * it is done.
 */
import { styleText } from "node:util";
import type { Step } from "./stack-options";

export interface Screen {
  readonly step: Step;
  line(text?: string): void;
  /** Styles text where the output is a terminal that wants it. */
  style(format: Parameters<typeof styleText>[0], text: string): string;
}

export function createScreen(output: NodeJS.WriteStream = process.stdout): Screen {
  const isTerminal = output.isTTY && process.env["TERM"] !== "dumb";
  const wantsColour = isTerminal && !process.env["NO_COLOR"];
  const style: Screen["style"] = (format, text) => (wantsColour ? styleText(format, text) : text);
  const done = (mark: string, title: string, startedAt: number) => {
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(2);
    output.write(`${isTerminal ? "\r\u001b[2K" : ""}  ${mark} ${title.padEnd(34)}${seconds} s\n`);
  };
  return {
    style,
    line: (text = "") => {
      output.write(`${text}\n`);
    },
    step: async (title, work) => {
      const startedAt = performance.now();
      if (isTerminal) {
        output.write(`  ${style("dim", "…")} ${title}`);
      }
      try {
        const result = await work();
        done(style("green", "✓"), title, startedAt);
        return result;
      } catch (error) {
        done(style("red", "✗"), title, startedAt);
        throw error;
      }
    },
  };
}
