/** From a provider that was found to the block that its owner pastes into a stage file. Pure. */
import { isDeepStrictEqual } from "node:util";
import type { IdpSettings } from "../../lambda/env";
import type { Discovery } from "./discovery";
import type { Judgement } from "./judge";
import { type Preset, PRESET_NAMES, type PresetName } from "./preset";
import {
  fillTemplate,
  matchIssuer,
  type PresetIdp,
  presetNameOf,
  presetOf,
  resolveIdp,
} from "./resolve";

/** Of a provider that was found, or of a stage. */
type Told = Pick<Discovery, "issuer" | (typeof TELLING)[number]>;

/**
 * The preset whose issuers and endpoints look like this provider's. A pattern of issuers alone
 * would tell few of them apart: many live at any host.
 * @returns `oidc` where none does
 */
export function guessPreset(found: Told): PresetName {
  const byIssuer = presetNameOf(found);
  const others = PRESET_NAMES.filter((name) => name !== "rollup" && name !== "oidc");
  return byIssuer === "oidc"
    ? (others.find((name) => isLike(presetOf(name), found)) ?? "oidc")
    : byIssuer;
}

const TELLING = ["jwksUri", "tokenEndpoint"] as const;

function isLike(preset: Preset, found: Told): boolean {
  const parts = partsOf(preset, found.issuer);
  return (
    parts !== undefined &&
    TELLING.every((name) => {
      const template = preset.endpoints?.[name];
      return template === undefined || fillTemplate(template, found.issuer, parts) === found[name];
    })
  );
}

function partsOf(preset: Preset, issuer: string) {
  try {
    return matchIssuer(preset, issuer);
  } catch {
    return undefined;
  }
}

/** What has to be in a stage file, with examples of what only the owner knows. */
export function stageIdpOf(preset: Preset, issuer: string, clientId: string): PresetIdp {
  const needed = Object.entries(preset.needs ?? {}).map(([name, { example }]) => [name, example]);
  const examples = Object.fromEntries(needed) as Partial<IdpSettings>;
  return { preset: preset.name, issuer, clientId, ...examples };
}

/** Whether the stage would resolve to something else without a record. */
export function needsRecord(idp: PresetIdp, { recorded }: Judgement): boolean {
  const record = { ...recorded, read: "" };
  const withRecord = resolveIdp(idp, { [idp.issuer]: record });
  try {
    return !isDeepStrictEqual(resolveIdp(idp, {}), withRecord);
  } catch {
    return true;
  }
}

const WIDTH = 100;

/** Four lines at most. */
export function stageBlock({ preset, issuer, clientId, ...needs }: PresetIdp): readonly string[] {
  const shortest = `preset: ${text(preset)}, issuer: ${text(issuer)}, clientId: ${text(clientId)}`;
  const needed = Object.entries(needs).map(([name, value]) => `${name}: ${text(value)}`);
  const line = `idp: { ${[shortest, ...needed].join(", ")} },`;
  if (line.length <= WIDTH - 2 && needed.length === 0) {
    return [line];
  }
  return needed.length === 0
    ? [
        "idp: {",
        `  preset: ${text(preset)}, clientId: ${text(clientId)},`,
        `  issuer: ${text(issuer)},`,
        "},",
      ]
    : ["idp: {", `  ${shortest},`, `  ${needed.join(", ")},`, "},"];
}

function text(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(text).join(", ")}]`;
  }
  const members = Object.entries(value instanceof Object ? value : {});
  return members.length === 0
    ? JSON.stringify(value)
    : `{ ${members.map(([name, member]) => `${name}: ${text(member)}`).join(", ")} }`;
}
