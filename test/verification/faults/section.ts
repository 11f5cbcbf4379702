/** The section of docs/reliability.md on faulty neighbours. */
import type { Measured } from "../kills/results";
import type { FaultProvider } from "./fault-case";
import type { FaultAnswer, FaultResult } from "./result";

export interface FaultsResult extends Measured {
  readonly results: readonly FaultResult[];
}

const TITLES: Readonly<Record<FaultProvider, string>> = {
  none: "no rotation (Rollup ID)",
  grace: "grace",
  strict: "strict",
};
const PROVIDERS = Object.keys(TITLES) as FaultProvider[];

export function section({ results, ...measured }: FaultsResult): string {
  const wrong = results.filter(({ violations }) => violations.length > 0);
  const neighbours = [...new Set(results.map(({ neighbour }) => neighbour))];
  return [
    "## Faulty neighbours",
    "",
    `Each fault meets one user of the synthesized functions. The provider's ledger and the opened refresh token are compared before and after. ${results.length} cases took`,
    `${measured.durationSeconds} s on ${measured.machine}, Node ${measured.node}, ${measured.date.slice(0, 10)}.`,
    "",
    "Each cell says what the caller gets, what is stored then, and after which time the grant works again. That time counts from the end of the fault and includes the wait for `Retry-After`.",
    "",
    "- **200:** an access token, **409:** `needs_sign_in`, **500:** `server_error`",
    "- **503 (2 s):** `temporarily_unavailable`, with its `Retry-After`",
    "- **newest:** the newest refresh token",
    "- **unspent:** the newest refresh token, and the provider had processed nothing",
    "- **spent:** a spent refresh token, whose successor was lost with the answer",
    "- **sealed:** a refresh token that is out of use",
    "- **sign-in:** the user has to sign in again, and is told so (409) after that time",
    "",
    ...neighbours.flatMap((neighbour) => tableOf(neighbour, results)),
    ...(wrong.length === 0 ? ["Every case came out as required."] : wrong.map(violation)),
    "",
  ].join("\n");
}

function tableOf(neighbour: string, results: readonly FaultResult[]): readonly string[] {
  const own = results.filter((result) => result.neighbour === neighbour);
  const faults = [...new Set(own.map(({ fault }) => fault))];
  return [
    `### ${neighbour}`,
    "",
    `| fault | ${PROVIDERS.map((provider) => TITLES[provider]).join(" | ")} |`,
    `| --- |${" --- |".repeat(PROVIDERS.length)}`,
    ...faults.map((fault) => {
      const cells = PROVIDERS.map((provider) =>
        cell(own.find((result) => result.fault === fault && result.provider === provider)),
      );
      return `| ${fault} | ${cells.join(" | ")} |`;
    }),
    "",
  ];
}

function cell(result: FaultResult | undefined): string {
  return result === undefined
    ? "–"
    : [answer(result.caller), stored(result), again(result)].join(" · ");
}

function answer({ status, retryAfterSeconds }: FaultAnswer): string {
  return retryAfterSeconds === undefined ? `${status}` : `${status} (${retryAfterSeconds} s)`;
}

function stored({ status, hasToken, isNewest, afterwards, processed }: FaultResult): string {
  if (!hasToken) {
    return "none";
  }
  if (status === "needs_sign_in") {
    return "sealed";
  }
  const held = processed === 0 ? "unspent" : "newest";
  return isNewest && afterwards.status === 200 ? held : "spent";
}

function again({ afterwards, secondsUntilThen }: FaultResult): string {
  const seconds = `${secondsUntilThen.toFixed(1)} s`;
  return afterwards.status === 200 ? seconds : `sign-in, ${seconds}`;
}

function violation({ neighbour, fault, provider, violations }: FaultResult): string {
  return `- NOT AS REQUIRED: ${neighbour}, ${fault}, ${TITLES[provider]}: ${violations.join("; ")}`;
}
