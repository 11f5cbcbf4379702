/**
 * From what a stage says of its provider to the settings that are deployed. Pure, and offline: what
 * a provider says of itself was recorded before, by the owner's own command (recorded.ts).
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { clientCredentialOf } from "../../lambda/client-authentication";
import type { IdpSettings } from "../../lambda/env";
import { type Endpoint, type Preset, PRESET_NAMES, type PresetName } from "./preset";
import type { RecordedProvider, RecordedProviders } from "./recorded";

/**
 * A provider by its preset. Each other member is an override: it wins over what was recorded, which
 * wins over the preset.
 */
export interface PresetIdp extends Partial<Omit<IdpSettings, "profile">> {
  /** @default `rollup` for Rollup ID's issuer, else `oidc` */
  readonly preset?: PresetName;
  readonly issuer: string;
  readonly clientId: string;
}

/** `idp` of a stage file. With `profile` it is the whole block, and nothing is added to it. */
export type StageIdp = IdpSettings | PresetIdp;

const ENDPOINTS: readonly Endpoint[] = [
  "jwksUri",
  "tokenEndpoint",
  "userinfoEndpoint",
  "revocationEndpoint",
];
const REQUIRED: readonly Endpoint[] = ["jwksUri", "tokenEndpoint"];

const ROLLUP_ISSUER = "https://passport.rollup.id";

/** @throws Error with one sentence where there is no such preset */
export function presetOf(name: PresetName): Preset {
  if (!PRESET_NAMES.includes(name)) {
    throw new Error(
      `stage file: "idp.preset" must be one of ${PRESET_NAMES.join(", ")}, or left out`,
    );
  }
  const file = join(__dirname, "presets", `${name}.json`);
  return JSON.parse(readFileSync(file, "utf8")) as Preset;
}

/** The preset that a block means, also where it names none. */
export function presetNameOf({
  preset,
  issuer,
}: {
  readonly preset?: PresetName | undefined;
  readonly issuer: string;
}): PresetName {
  return preset ?? (issuer === ROLLUP_ISSUER ? "rollup" : "oidc");
}

function isWhole(idp: StageIdp): idp is IdpSettings {
  const { profile, preset } = idp as { readonly profile?: unknown; readonly preset?: unknown };
  return profile !== undefined && preset === undefined;
}

/**
 * @returns settings that the stage's schema has still to check
 * @throws Error with one sentence: the issuer is not the preset's, an endpoint is not known, or
 *   something is missing that only the owner knows
 */
export function resolveIdp(idp: StageIdp, recorded: RecordedProviders): IdpSettings {
  if (isWhole(idp)) {
    return idp;
  }
  const { preset: name, issuer, clientId, ...overrides } = idp;
  const preset = presetOf(presetNameOf({ preset: name, issuer }));
  refuseProfile(overrides);
  if (typeof issuer !== "string") {
    throw new Error(`stage file: "idp.issuer" must be like ${preset.issuer.example}`);
  }
  const groups = matchIssuer(preset, issuer);
  const found = Object.hasOwn(recorded, issuer) ? recorded[issuer] : undefined;
  const { profile, idTokenSigningAlgs, ...habits } = preset.settings;
  const merged = {
    profile,
    issuer,
    clientId,
    ...endpointsOf(preset, issuer, { groups, found }),
    idTokenSigningAlgs,
    ...habits,
    ...(profile === "oidc" && found !== undefined && habitsFound(found)),
    ...(profile === "oidc" && refreshTokenParametersOf(preset)),
    ...present(overrides),
  };
  refuseIncomplete(preset, merged);
  return merged as IdpSettings;
}

/** The values in the braces of a template. */
export type IssuerParts = readonly string[];

/** @throws Error with one sentence that shows how the issuer is written */
export function matchIssuer({ title, issuer: rule }: Preset, issuer: string): IssuerParts {
  const mistake = rule.mistakes?.find(({ pattern }) => whole(pattern).test(issuer));
  const match = mistake === undefined ? whole(rule.pattern).exec(issuer) : null;
  if (match !== null) {
    return match.map((part: string | undefined) => part ?? "");
  }
  const why = mistake === undefined ? "" : `: ${mistake.why}`;
  throw new Error(
    `stage file: "idp.issuer" is no issuer of ${title}${why}; write it like ${rule.example}`,
  );
}

/** `{issuer}`, `{1}`, `{2}` filled in. */
export function fillTemplate(template: string, issuer: string, parts: IssuerParts): string {
  return template
    .replaceAll("{issuer}", issuer)
    .replaceAll(/\{([1-9])\}/g, (_, digit: string) => parts[Number(digit)] ?? "");
}

function whole(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`, "u");
}

/** What was recorded stands for all of them: an endpoint that it lacks does not exist. */
function endpointsOf(
  preset: Preset,
  issuer: string,
  known: { readonly groups: IssuerParts; readonly found: RecordedProvider | undefined },
): Partial<Record<Endpoint, string>> {
  const { groups, found } = known;
  const endpoints = ENDPOINTS.map((name) => {
    const template = preset.endpoints?.[name];
    const filled = template === undefined ? undefined : fillTemplate(template, issuer, groups);
    return [name, found === undefined ? filled : found.settings[name]] as const;
  });
  return present(Object.fromEntries(endpoints));
}

function habitsFound({ settings }: RecordedProvider): Partial<IdpSettings> {
  const { idTokenSigningAlgs, clientAuthentication } = settings;
  return present({ idTokenSigningAlgs, clientAuthentication });
}

function refreshTokenParametersOf({ authorization, plays }: Preset): Partial<IdpSettings> {
  const { refreshTokenScope: scope } = authorization;
  const byScope = scope === undefined ? undefined : { scope };
  return present({ refreshTokenParameters: plays.refreshTokenParameters ?? byScope });
}

/** A member that is undefined counts as left out. */
function present<T extends object>(members: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined),
  ) as Partial<T>;
}

/** `cdk synth` runs the stage file without a type check. */
function refuseProfile(overrides: object): void {
  if ("profile" in overrides && overrides.profile !== undefined) {
    throw new Error('stage file: "idp.profile" comes from the preset: remove one of the two');
  }
}

function hasKey({ profile = "oidc", ...settings }: Partial<IdpSettings>): boolean {
  return clientCredentialOf({ profile, ...settings }) === "key";
}

function refuseIncomplete(preset: Preset, merged: Partial<IdpSettings> & { issuer: string }): void {
  const missing = REQUIRED.find((name) => merged[name] === undefined);
  if (missing !== undefined) {
    throw new Error(
      `stage file: "idp.${missing}" of ${merged.issuer} is not known yet: run ` +
        `npx rollup-vault provider ${merged.issuer} --write, and commit lib/stages/providers.json`,
    );
  }
  for (const name of ["trustedAudiences", "clientSigning"] as const) {
    const needed = preset.needs?.[name];
    const isNeeded = name !== "clientSigning" || hasKey(merged);
    if (needed !== undefined && isNeeded && merged[name] === undefined) {
      throw new Error(
        `stage file: "idp.${name}" is missing for ${preset.title}, ` +
          `such as ${JSON.stringify(needed.example)}: ${needed.where}`,
      );
    }
  }
}
