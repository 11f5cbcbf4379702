import { join } from "node:path";
import type { IdpSettings } from "../../lambda/env";
import { assertStage } from "../../lib/stage";
import { chooseStage } from "../../lib/stages";
import { readTarget } from "../admin/target";

const LOCAL_OUTPUTS = join(__dirname, "..", "..", ".local", "outputs.json");

/**
 * What a stage resolves to: of its file, or of the local run, which has its values while it serves.
 * @throws Error with one sentence
 */
export function settingsOfStage(name: string): IdpSettings {
  if (name === "local") {
    return readTarget(LOCAL_OUTPUTS).idpSettings;
  }
  const context = { tryGetContext: (key: string) => (key === "stage" ? name : undefined) };
  return assertStage(chooseStage(context)).idp;
}
