/** `rollup-vault create FOLDER`: an app of your own, wired to the local run. */
import { relative, resolve } from "node:path";
import { createApp, CreateError } from "./create-app";

const USAGE = "npx rollup-vault create FOLDER   writes a Vite + React app, wired to the local run";

/** Called by bin/rollup-vault.cjs. */
export async function main(): Promise<void> {
  const [name, ...more] = process.argv.slice(3);
  if (name === undefined || name.startsWith("-") || more.length > 0) {
    process.stderr.write(`${USAGE}\n`);
    process.exitCode = 2;
    return;
  }
  const folder = resolve(name);
  try {
    await createApp(folder);
  } catch (error) {
    process.stderr.write(`${error instanceof CreateError ? error.message : String(error)}\n`);
    process.exitCode = 1;
    return;
  }
  const there = relative(process.cwd(), folder);
  process.stdout.write(
    [
      `${folder} is written. Next, in two terminals:`,
      "",
      "  npm start                                    # here: the stack, on this machine",
      `  cd ${there} && npm install && npm run dev   # the app, at http://127.0.0.1:5173/`,
      "",
    ].join("\n"),
  );
}
