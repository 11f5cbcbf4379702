/**
 * A provider that the developer already has, found by its own documents when the run begins. The
 * stage then has what `npx rollup-vault provider` would print.
 */
import { createHttpClient } from "../../lambda/platform/http-client";
import type { HttpClient } from "../../lambda/ports/http-client";
import { discover } from "../../lib/provider/discovery";
import { judgeProvider } from "../../lib/provider/judge";
import type { Preset, PresetName } from "../../lib/provider/preset";
import { guessPreset } from "../../lib/provider/propose";
import { matchIssuer, presetOf, resolveIdp } from "../../lib/provider/resolve";
import { LocalRunError } from "../local-run-error";
import type { OutsideProvider } from "../stack-options";
import { titleAt } from "./titles";

export interface OutsideChoice {
  readonly issuer: string;
  readonly clientId: string;
  /** Absent: guessed. */
  readonly preset?: PresetName;
  readonly trustedAudiences?: readonly string[];
}

interface Found {
  readonly provider: Required<Omit<OutsideProvider, "clientSecret">>;
  readonly preset: Preset;
}

/** @throws LocalRunError with one sentence; nothing is written or started by then */
export async function findProvider(
  choice: OutsideChoice,
  http: HttpClient = createHttpClient(),
): Promise<Found> {
  try {
    return await find(choice, http);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new LocalRunError(inFlags(message));
  }
}

async function find(choice: OutsideChoice, http: HttpClient): Promise<Found> {
  const { issuer, clientId, preset: named, trustedAudiences } = choice;
  if (named !== undefined) {
    // Before anything is read: the preset knows how its issuers are written.
    matchIssuer(presetOf(named), issuer);
  }
  const found = await discover(issuer, { http });
  const preset = presetOf(named ?? guessPreset(found));
  const judgement = judgeProvider(found, preset);
  const { authorizationEndpoint, scope, parameters, pkce, nonce } = judgement.frontend;
  const stage = { preset: preset.name, issuer, clientId };
  const idp = resolveIdp(
    { ...stage, ...(trustedAudiences !== undefined && { trustedAudiences }) },
    { [issuer]: { ...judgement.recorded, read: "" } },
  );
  const title = titleAt(preset, issuer);
  const frontend = { scope, parameters, pkce, nonce, iss: found.sendsIssuer };
  return {
    provider: { preset: preset.name, idp, title, authorizationEndpoint, frontend },
    preset,
  };
}

/** The same words for a stage file and for the command line. */
function inFlags(sentence: string): string {
  if (sentence.includes('"idp.clientSigning"')) {
    return "this provider takes a signature by a key of its own, which the local run does not have";
  }
  return sentence
    .replace(/^stage file: /, "")
    .replace('"idp.issuer"', "--issuer")
    .replace('"idp.trustedAudiences"', "--trusted-audience");
}
