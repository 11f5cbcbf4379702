/** The kills' section of docs/reliability.md. */
import { type Point, POINTS } from "./points";
import { PROVIDER_NAMES, type ProviderName } from "./providers/provider";
import type { KillCell, KillsResult } from "./results";

const TITLES: Readonly<Record<ProviderName, string>> = {
  none: "Rollup ID (does not rotate)",
  grace: "rotates with grace",
  strict: "rotates strictly",
  "oidc-provider": "oidc-provider",
};

export function section(result: KillsResult): string {
  const { cells, seed, graceSeconds } = result;
  const minutes = (result.durationSeconds / 60).toFixed(0);
  return [
    "## Real kills",
    "",
    "The synthesized functions run as processes from their unmodified bundles. Each case kills one of them with SIGKILL at a [kill point](security-requirements.md#kill-points)",
    "while 1, 2, 8 or 64 callers wait. Then one fresh caller asks for a new token, and the provider's ledger is compared with the opened item.",
    `${format(result.kills)} kills with seed ${seed} took ${minutes} minutes on ${result.machine}, Node ${result.node}, ${result.date.slice(0, 10)}.`,
    `Crowds of 64 ran last, one at a time. The stores were in memory. The grace time is ${graceSeconds} s. oidc-provider is version ${result.oidcProvider}; it is certified and revokes a token family on reuse.`,
    "",
    ...totals(cells),
    "",
    "Per kill point: cases · lost and marked · longest time until usable again.",
    "",
    ...pointTable(cells),
    "",
    ...callersTable(cells),
    "",
    ...lateList(result),
    ...(result.violations.length === 0
      ? ["Every outcome is one that the [kill points](security-requirements.md#kill-points) allow."]
      : [
          "Outcomes that the [kill points](security-requirements.md#kill-points) do not allow:",
          "",
          ...violationList(result),
        ]),
    "",
  ].join("\n");
}

function totals(cells: readonly KillCell[]): string[] {
  return [
    "| provider | kills | recovered | lost, marked in doubt | lost, unmarked | families revoked | longest until usable |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...PROVIDER_NAMES.map((name) => {
      const own = cells.filter(({ provider }) => provider === name);
      const numbers = [
        sum(own, "cases"),
        sum(own, "recovered"),
        sum(own, "marked"),
        sum(own, "lostUnmarked"),
        sum(own, "revoked"),
      ];
      return `| ${TITLES[name]} | ${numbers.map(format).join(" | ")} | ${longest(own)} |`;
    }),
  ];
}

function pointTable(cells: readonly KillCell[]): string[] {
  const cellText = (provider: ProviderName, point: Point) => {
    const own = cells.filter((cell) => cell.provider === provider && cell.point === point);
    return own.length === 0
      ? "—"
      : `${format(sum(own, "cases"))} · ${format(sum(own, "marked"))} · ${longest(own)}`;
  };
  return [
    `| killed | ${PROVIDER_NAMES.map((name) => TITLES[name]).join(" | ")} |`,
    `| --- |${" --- |".repeat(PROVIDER_NAMES.length)}`,
    ...POINTS.map(
      ({ name, says }) =>
        `| ${name} ${says} | ${PROVIDER_NAMES.map((provider) => cellText(provider, name)).join(" | ")} |`,
    ),
  ];
}

function callersTable(cells: readonly KillCell[]): string[] {
  const counts = [...new Set(cells.map(({ callers }) => callers))].sort((a, b) => a - b);
  return [
    "| callers at the kill | kills | answered 200 | sent away with Retry-After | died with the process |",
    "| --- | --- | --- | --- | --- |",
    ...counts.map((callers) => {
      const own = cells.filter((cell) => cell.callers === callers);
      const answered = (status: string) =>
        format(own.reduce((total, { answers }) => total + (answers[status] ?? 0), 0));
      const numbers = [answered("200"), answered("503"), answered("500")].join(" | ");
      return `| ${callers} | ${format(sum(own, "cases"))} | ${numbers} |`;
    }),
  ];
}

function lateList({ lateAmongOthers }: KillsResult): string[] {
  return lateAmongOthers.length === 0
    ? []
    : [
        "Usable too late while the machine was busy with other kills. Each was repeated alone, and the tables have the repeated time:",
        "",
        ...lateAmongOthers.map((one) => `- ${one.provider} ${one.case}: ${one.seconds} s`),
        "",
      ];
}

function violationList({ violations }: KillsResult): string[] {
  return violations.slice(0, 20).map((one) => `- ${one.provider} ${one.case}`);
}

type Countable = "cases" | "recovered" | "marked" | "lostUnmarked" | "revoked";

function sum(cells: readonly KillCell[], member: Countable): number {
  return cells.reduce((total, cell) => total + cell[member], 0);
}

function longest(cells: readonly KillCell[]): string {
  return `${Math.max(0, ...cells.map((cell) => cell.maxSecondsUntilUsable)).toFixed(1)} s`;
}

function format(count: number): string {
  return count.toLocaleString("en-US");
}
