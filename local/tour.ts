/** `npm run tour`: shows the main job on the stack that `npm start` runs. */
import { describeBug, explain, LocalRunError } from "./local-run-error";
import { readOutputs } from "./outputs";
import { createScreen } from "./progress";
import { runTour } from "./tour-steps";

const open = process.argv.includes("--open");

readOutputs()
  .then((outputs) => runTour(outputs, createScreen(), { open }))
  .catch((error: unknown) => {
    const text = error instanceof LocalRunError ? explain(error) : describeBug(error);
    process.stderr.write(`\n${text}\n`);
    process.exitCode = 1;
  });
