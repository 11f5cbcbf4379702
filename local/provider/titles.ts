/** How people call a provider. */
import type { Preset } from "../../lib/provider/preset";

/** Without what tells its kinds apart, and without a verb: `Sign in with …` goes before it. */
export function shortTitle({ title }: Pick<Preset, "title">): string {
  return title.replace(/^Sign in with /, "").replace(/ \(.*\)$/, "");
}

/** A provider of no preset is called by its host. */
export function titleAt(preset: Pick<Preset, "name" | "title">, issuer: string): string {
  return preset.name === "oidc" ? new URL(issuer).host : shortTitle(preset);
}
