import type { Measured } from "../kills/results";
import type { Storm } from "./storm";

export type StormResult = Measured & { readonly storms: readonly Storm[] };

/** The section of docs/reliability.md on the crowd. */
export function section({ storms, machine, node, date }: StormResult): string {
  return [
    "## A crowd at once",
    "",
    `All callers ask at the same moment for one user whose access token has expired, over the HTTP API and real function processes (${machine}, Node ${node}, ${date.slice(0, 10)}).`,
    "",
    "| provider | callers | processes | token requests at the provider | answered 200 | of these after a retry | different access tokens | slowest answer | family revoked |",
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ...storms.map(
      (storm) =>
        `| ${storm.provider === "none" ? "Rollup ID" : storm.provider} | ${storm.callers} | ${storm.processes} | ${storm.exchanges} | ${storm.served} | ${storm.retried} | ${storm.tokens} | ${(storm.slowestMs / 1_000).toFixed(1)} s | ${storm.isRevoked ? "yes" : "no"} |`,
    ),
    "",
  ].join("\n");
}
