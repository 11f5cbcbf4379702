/** From what the developer has named to what the stack is started with. */
import { clientCredentialOf } from "../../lambda/client-authentication";
import type { Preset } from "../../lib/provider/preset";
import { presetOf } from "../../lib/provider/resolve";
import type { StackOptions } from "../stack-options";
import type { ProviderChoice } from "../start-options";
import { readClientSecret } from "./client-secret";
import { findProvider } from "./outside";

export interface ChosenProvider {
  readonly options: Pick<StackOptions, "provider" | "preset">;
  /** What it is like; undefined: Rollup ID. */
  readonly preset: Preset | undefined;
}

/** @throws LocalRunError with one sentence; nothing is written or started by then */
export async function chooseProvider({
  outside,
  preset: name,
}: ProviderChoice): Promise<ChosenProvider> {
  if (outside !== undefined) {
    const { provider, preset } = await findProvider(outside);
    const hasSecret = clientCredentialOf(provider.idp) === "secret";
    const clientSecret = hasSecret ? await readClientSecret(provider.title) : "";
    return { options: { provider: { ...provider, clientSecret } }, preset };
  }
  const preset = name && presetOf(name);
  return { options: preset === undefined ? {} : { preset }, preset };
}
