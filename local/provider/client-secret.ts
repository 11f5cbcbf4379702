/** The client secret: from the environment, or typed at the terminal without being shown. */
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { LocalRunError } from "../local-run-error";

/** Standard input and output, or a test's own. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
}

const VARIABLE = "CLIENT_SECRET";

/**
 * Takes the variable out of the environment, so that no process that this one starts has it.
 * @throws LocalRunError where there is none, and nobody to ask
 */
export async function readClientSecret(
  title: string,
  terminal: Terminal = { input: process.stdin, output: process.stdout },
  environment: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const given = environment[VARIABLE];
  // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- of a constant name
  delete environment[VARIABLE];
  if (given !== undefined && given !== "") {
    return given;
  }
  if (terminal.input.isTTY !== true) {
    throw new LocalRunError(`set ${VARIABLE}: this is no terminal at which to ask for it`);
  }
  const typed = (await ask(`  client secret of this app at ${title}: `, terminal)).trim();
  if (typed === "") {
    throw new LocalRunError(`no client secret was given: set ${VARIABLE}, or type it`);
  }
  return typed;
}

async function ask(question: string, { input, output }: Terminal): Promise<string> {
  output.write(question);
  // Echoes into nothing.
  const silent = new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  const lines = createInterface({ input, output: silent, terminal: true });
  try {
    return await new Promise((resolve) => {
      lines.once("line", resolve);
      // Ctrl-C and Ctrl-D.
      lines.once("close", () => {
        resolve("");
      });
    });
  } finally {
    lines.close();
    output.write("\n");
  }
}
