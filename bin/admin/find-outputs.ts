/** Which outputs a command means: one file for each stage, `outputs-<stage>.json`. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { AdminError } from "./admin-error";

const LOCAL_OUTPUTS = join(__dirname, "..", "..", ".local", "outputs.json");
/** `outputs.json` is of before there was one for each stage. */
const OF_A_STAGE = /^outputs(?:-[a-z][a-z0-9-]*)?\.json$/;

export interface Wanted {
  readonly outputs?: string;
  readonly stage?: string;
}

/**
 * @returns the file that is named, that of the named stage, the only one here, or the local run's
 * @throws AdminError where several could be meant
 */
export function findOutputs({ outputs, stage }: Wanted, folder = process.cwd()): string {
  if (outputs !== undefined && stage !== undefined) {
    throw new AdminError("name the deployment by --outputs or by --stage, not by both");
  }
  if (outputs !== undefined) {
    return outputs;
  }
  if (stage === "local") {
    return LOCAL_OUTPUTS;
  }
  if (stage !== undefined) {
    return join(folder, `outputs-${stage}.json`);
  }
  const found = existsSync(folder)
    ? readdirSync(folder).filter((name) => OF_A_STAGE.test(name))
    : [];
  const [only] = found;
  if (found.length > 1) {
    throw new AdminError(
      `several deployments are here (${found.sort().join(", ")}): name one by --stage or --outputs`,
    );
  }
  return only === undefined ? LOCAL_OUTPUTS : join(folder, only);
}
