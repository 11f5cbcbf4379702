/** What the command prints, as text or as JSON. */
import type { Difference } from "../../lib/provider/compare";
import type { Judgement, ProviderFact } from "../../lib/provider/judge";
import type { Preset } from "../../lib/provider/preset";
import { stageBlock } from "../../lib/provider/propose";
import type { PresetIdp } from "../../lib/provider/resolve";
import type { Finding, TokenReport } from "./judge-token";
import { duration } from "./mends";

/** One report, as JSON and as lines of text. */
export interface Report {
  readonly json: unknown;
  readonly lines: readonly string[];
}

export interface Proposal {
  readonly idp: PresetIdp;
  readonly preset: Preset;
  /** The preset was not named by the owner. */
  readonly isGuessed: boolean;
  readonly judgement: Judgement;
  /** `written`: just now. `needed`: without a record, the stage resolves to something else. */
  readonly record: "written" | "needed" | "not needed";
}

const RECORDS = "lib/stages/providers.json";

export function reportProposal({ idp, preset, isGuessed, judgement, record }: Proposal): Report {
  const { frontend, facts, cannot, unknown } = judgement;
  const block = stageBlock(idp);
  const { parameters, ...provider } = frontend;
  return {
    json: { stage: idp, block, frontend, facts, setup: preset.setup, cannot, unknown, record },
    lines: [
      `${preset.title}${isGuessed ? " (guessed: --preset names another)" : ""}`,
      "",
      "In the stage file:",
      "",
      ...indented(block),
      ...needsLines(preset),
      "",
      "In the frontend:",
      "",
      ...indented(frontendBlock(provider, idp.clientId)),
      ...(Object.keys(parameters).length === 0
        ? []
        : indented([`await vault.signIn({ parameters: ${JSON.stringify(parameters)} });`])),
      "",
      ...section("Each value, and where it is from", facts.map(factLine)),
      ...section("At the provider", preset.setup.map(bullet)),
      ...section("This product cannot", cannot.map(bullet)),
      ...section("Not established", unknown.map(bullet)),
      recordLine(record),
    ],
  };
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}

function bullet(text: string): string {
  return `  - ${text}`;
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`${title}:`, "", ...lines, ""];
}

function needsLines({ needs }: Preset): readonly string[] {
  return Object.entries(needs ?? {}).map(([name, { where }]) => `  Your own ${name}: ${where}.`);
}

function frontendBlock(
  { authorizationEndpoint, scope, pkce, nonce }: Omit<Judgement["frontend"], "parameters">,
  clientId: string,
): readonly string[] {
  return [
    "provider: {",
    `  clientId: ${JSON.stringify(clientId)},`,
    "  redirectUri: `${location.origin}/callback`,",
    `  authorizationEndpoint: ${JSON.stringify(authorizationEndpoint)},`,
    `  scope: ${JSON.stringify(scope)},`,
    ...(pkce ? ["  pkce: true,"] : []),
    ...(nonce ? ["  nonce: true,"] : []),
    "},",
  ];
}

const NAME_WIDTH = 26;

function factLine({ name, value, from, risk }: ProviderFact): string {
  const shown = typeof value === "string" ? value : JSON.stringify(value);
  const where = from === "provider" ? "found" : from;
  const warning = risk === undefined ? "" : `; if wrong: ${risk}`;
  return `  ${name.padEnd(NAME_WIDTH)}${where.padEnd(9)}${shown}${warning}`;
}

function recordLine(record: Proposal["record"]): string {
  return {
    written: `Recorded in ${RECORDS}: review and commit it.`,
    needed: `Run it again with --write, which records the endpoints in ${RECORDS}.`,
    "not needed": "The preset has the same values: nothing to record.",
  }[record];
}

export function reportDifferences(stage: string, differences: readonly Difference[]): Report {
  return {
    json: { stage, differences },
    lines:
      differences.length === 0
        ? [`${stage}: as the provider is now`]
        : differences.map(
            ({ breaks, what, todo }) => `${breaks ? "BREAKS" : "note  "}  ${what}: ${todo}`,
          ),
  };
}

/** Claim names and times, and nothing else of the token. */
export function reportToken(report: TokenReport, now: number): Report {
  const { findings, asBearer, byCode, claims, times } = report;
  return {
    json: { findings, as_bearer: asBearer, by_code: byCode, claims: claims ?? null, times },
    lines: [
      ...findings.flatMap(findingLines),
      "",
      ...Object.entries(times).map(([name, time]) => `${name.padEnd(STEP_WIDTH)}${ago(time, now)}`),
      ...(claims === undefined ? [] : [`${"claims".padEnd(STEP_WIDTH)}${claims.join(" ")}`]),
      "",
      `As a bearer:           ${verdict(asBearer)}`,
      `In a sign-in by code:  ${verdict(byCode)}`,
    ],
  };
}

const STEP_WIDTH = 11;

function findingLines(finding: Finding): readonly string[] {
  const { step, verdict: word, reason, because, setting, isBearerOnly } = finding;
  const why = [reason, because].filter((text) => text !== undefined).join(": ");
  const indent = " ".repeat(STEP_WIDTH);
  return [
    `${step.padEnd(STEP_WIDTH)}${word.padEnd(STEP_WIDTH)}${why}`.trimEnd(),
    ...(setting === undefined ? [] : [`${indent}${indent}the setting ${setting} would allow it`]),
    ...(isBearerOnly === true
      ? [`${indent}${indent}only where a request brings the token; by code it passes`]
      : []),
  ];
}

/** Epoch seconds. */
function ago(time: number, now: number): string {
  const date = new Date(time * 1000);
  const shown = Number.isNaN(date.getTime()) ? String(time) : date.toISOString();
  const seconds = Math.floor(now / 1000) - time;
  return `${shown} (${seconds < 0 ? `in ${duration(-seconds)}` : `${duration(seconds)} ago`})`;
}

function verdict(word: string): string {
  return word === "accepted" ? word : `refused (${word})`;
}
