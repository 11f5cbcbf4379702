/** The terminal that a command was started at. */
import { createInterface } from "node:readline/promises";

/** All of standard input. */
export async function readStandardInput(): Promise<string> {
  const { stdin } = process;
  stdin.setEncoding("utf8");
  let text = "";
  for await (const chunk of stdin) {
    text += String(chunk);
  }
  return text;
}

/** Asks the person at the terminal, on standard error; undefined where there is none. */
export function personToAsk(): ((question: string) => Promise<string>) | undefined {
  const { stdin, stderr } = process;
  if (!stdin.isTTY) {
    return undefined;
  }
  return async (question) => {
    const reader = createInterface({ input: stdin, output: stderr });
    const answer = await reader.question(question);
    reader.close();
    return answer;
  };
}
