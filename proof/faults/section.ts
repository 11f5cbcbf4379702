/** What docs/reliability.md says about faulty neighbours: pure, from what was measured. */
import type { Measured } from "../kills/results";
import type { FaultProvider } from "./fault-case";
import type { FaultAnswer, FaultResult } from "./result";

export interface FaultsResult extends Measured {
  readonly results: readonly FaultResult[];
}

const TITLES: Readonly<Record<FaultProvider, string>> = {
  none: "does not rotate (Rollup ID)",
  grace: "rotates with grace",
  strict: "rotates strictly",
};

export function section({ results, ...measured }: FaultsResult): string {
  const wrong = results.filter(({ violations }) => violations.length > 0);
  return [
    "## Faulty neighbours",
    "",
    `Each fault meets one user of the synthesized functions. The provider's ledger and the opened refresh token are compared before and after. ${results.length} cases took`,
    `${measured.durationSeconds} s on ${measured.machine}, Node ${measured.node}, ${measured.date.slice(0, 10)}. The caller waits as long as \`Retry-After\` says, then asks again. "Works again after" counts from the end of the`,
    "fault and includes that wait.",
    "",
    "| neighbour | fault | provider | caller gets | what is stored | works again after |",
    "| --- | --- | --- | --- | --- | --- |",
    ...results.map(row),
    "",
    ...(wrong.length === 0 ? ["Every case came out as required."] : wrong.map(violation)),
    "",
  ].join("\n");
}

function row(result: FaultResult): string {
  const { neighbour, fault, provider, caller } = result;
  const cells = [neighbour, fault, TITLES[provider], answer(caller), stored(result), again(result)];
  return `| ${cells.join(" | ")} |`;
}

function answer({ status, code, action, retryAfterSeconds }: FaultAnswer): string {
  if (status === 200) {
    return "200, an access token";
  }
  const wait = retryAfterSeconds === undefined ? "" : `, retry after ${retryAfterSeconds} s`;
  return `${status} \`${code ?? ""}\`, \`${action ?? ""}\`${wait}`;
}

function stored({ status, hasToken, isNewest, afterwards, processed }: FaultResult): string {
  if (!hasToken) {
    return `\`${status}\`, no refresh token`;
  }
  if (status === "needs_sign_in") {
    return `\`${status}\`; the refresh token stays sealed, out of use`;
  }
  const unasked = processed === 0 ? "; the provider had processed nothing" : "";
  return isNewest && afterwards.status === 200
    ? `\`${status}\`, the newest refresh token${unasked}`
    : `\`${status}\`, a spent refresh token: its successor went down with the answer`;
}

function again({ afterwards, secondsUntilThen }: FaultResult): string {
  return afterwards.status === 200
    ? `${secondsUntilThen.toFixed(1)} s`
    : `another sign-in (\`${afterwards.code ?? ""}\` after ${secondsUntilThen.toFixed(1)} s)`;
}

function violation({ neighbour, fault, provider, violations }: FaultResult): string {
  return `- NOT AS REQUIRED: ${neighbour}, ${fault}, ${TITLES[provider]}: ${violations.join("; ")}`;
}
