/** The tables of docs/performance.md and of the README. Pure. */
import { MAJORS } from "./nodes";
import type { PartName, PartResult, Results, Row } from "./results";
import { table } from "./scale/tables";
import type { Interval } from "./statistics";
import type { Judged, Verdict } from "./verdict";

const DEPLOYED = "24";
const NONE = "–";

const cell = (value: Interval | number | undefined): string => {
  const number = typeof value === "object" ? value.median : value;
  return number === undefined ? NONE : rounded(number);
};

/** Whole numbers as they are: most are counts. */
function rounded(value: number): string {
  const precise = Number.isInteger(value) ? value : Number(value.toPrecision(value >= 10 ? 3 : 2));
  return precise.toLocaleString("en-US");
}

/** With the interval of the median. */
const ranged = ({ median, low, high }: Interval): string =>
  low === high ? rounded(median) : `${rounded(median)} (${rounded(low)} to ${rounded(high)})`;

const namesOf = (rows: readonly Row[]): readonly string[] => [
  ...new Set(rows.map(({ name }) => name)),
];

function rowOf(
  rows: readonly Row[],
  { name, candidate, node }: Pick<Row, "name" | "candidate" | "node">,
): Row | undefined {
  return rows.find((row) => row.name === name && row.candidate === candidate && row.node === node);
}

export const TABLES: Readonly<Record<PartName, (rows: readonly Row[]) => string>> = {
  check: checkTable,
  cold: coldTable,
  warm: warmTable,
  token: tokenTable,
  growth: growthTable,
  start: startTable,
};

function coldTable(rows: readonly Row[]): string {
  const of = (name: string, node: string, candidate = "ours") =>
    rowOf(rows, { name, node, candidate });
  const ratios = (name: string, other: string) => {
    const all = MAJORS.map((node) => cell(of(name, node)?.ratios?.[other]));
    return all.every((one) => one === NONE) ? NONE : all.join(" · ");
  };
  const own = ["first answer of", "KB", "CPU ms", "of it loading", "× empty", "× floor"];
  return table(
    [...own, "of typical", "with a code cache: CPU ms", "× empty", "of typical"],
    namesOf(rows).map((name) => {
      const ours = of(name, DEPLOYED);
      const cached = of(name, DEPLOYED, "code cache");
      return [
        name,
        cell((ours?.counts?.["bundleBytes"] ?? NaN) / 1000),
        cell(ours?.figures["cpuMs"]),
        cell(ours?.figures["importMs"]),
        ratios(name, "empty"),
        ratios(name, "floor"),
        ratios(name, "typical"),
        cell(cached?.figures["cpuMs"]),
        cell(cached?.ratios?.["empty"]),
        cell(cached?.ratios?.["typical"]),
      ];
    }),
    [1, 2, 3, 4, 5, 6, 7, 8, 9],
  );
}

function checkTable(rows: readonly Row[]): string {
  const candidates = [...new Set(rows.map(({ candidate }) => candidate))];
  const others = namesOf(rows).filter((name) => name !== "valid");
  const us = (name: string, node: string, candidate: string) =>
    cell(rowOf(rows, { name, node, candidate })?.figures["cpuUs"]);
  return table(
    ["CPU µs", ...MAJORS.map((node) => `valid, ${node}`), "× bare", ...others],
    candidates.map((candidate) => [
      candidate,
      ...MAJORS.map((node) => us("valid", node, candidate)),
      cell(
        rowOf(rows, { name: "valid", node: DEPLOYED, candidate })?.ratios?.["crypto.verify"] ?? 1,
      ),
      ...others.map((name) =>
        candidate === "crypto.verify" ? NONE : us(name, DEPLOYED, candidate),
      ),
    ]),
    [1, 2, 3, 4, 5, 6, 7],
  );
}

function warmTable(rows: readonly Row[]): string {
  const of = (name: string, candidate: string) => rowOf(rows, { name, candidate, node: DEPLOYED });
  return table(
    ["route", "floor µs", "ours µs", "typical µs", "× floor", "of typical", "p50 · p99 ms"],
    namesOf(rows).map((name) => {
      const ours = of(name, "ours");
      return [
        name,
        cell(of(name, "floor")?.figures["cpuUs"]),
        cell(ours?.figures["cpuUs"]),
        cell(of(name, "typical")?.figures["cpuUs"]),
        cell(ours?.ratios?.["floor"]),
        cell(ours?.ratios?.["typical"]),
        `${cell(ours?.figures["p50Ms"])} · ${cell(ours?.figures["p99Ms"])}`,
      ];
    }),
    [1, 2, 3, 4, 5, 6],
  );
}

function tokenTable(rows: readonly Row[]): string {
  return table(
    ["", "", "answered", "retries", "token requests", "refused", "tokens", "lost", "p99 ms"],
    rows.map(({ name, candidate, counts = {} }) => [
      name,
      candidate,
      `${cell(counts["answered"])} of ${cell(counts["callers"])}`,
      cell(counts["retried"]),
      cell(counts["exchanges"]),
      cell(counts["refusedByProvider"]),
      cell(counts["tokens"]),
      `${cell(counts["lostGrants"])} of ${cell(counts["asked"])}`,
      cell(counts["p99Ms"]),
    ]),
    [2, 3, 4, 5, 6, 7, 8],
  );
}

/** One line for each route: what differs with the users is shown for each size. */
function growthTable(rows: readonly Row[]): string {
  const each = (name: string, count: string) => {
    const values = rows.filter((row) => row.name === name).map(({ counts }) => counts?.[count]);
    return [...new Set(values)].map(cell).join(" · ");
  };
  const sizes = [...new Set(rows.map(({ counts }) => counts?.["users"] ?? 0))];
  const text = table(
    ["route", "DynamoDB calls", "reads", "writes", "bytes", "KMS", "memory, MB"],
    namesOf(rows).map((name) => [
      name,
      ...["dynamoCalls", "reads", "writes", "bytes", "kmsCalls", "memoryMb"].map((count) =>
        each(name, count),
      ),
    ]),
    [1, 2, 3, 4, 5, 6],
  );
  const last = sizes.map((size) => size.toLocaleString("en-US"));
  return `${text}\n\nUsers: ${last.join(", ")}. One figure: the same for all of these.`;
}

function startTable(rows: readonly Row[]): string {
  return table(
    ["", "seconds", "CPU seconds"],
    rows.map(({ name, figures }) => [name, cell(figures["wallS"]), cell(figures["cpuS"])]),
    [1, 2],
  );
}

const SAID: Readonly<Record<Verdict, string>> = {
  held: "holds",
  unclear: "above, within the noise",
  known: "**missed**, known",
  missed: "**missed**",
  absent: "not measured",
};

export function budgetTable(judged: readonly Judged[]): string {
  return table(
    ["budget", "", "at most", "is", ""],
    judged.map(({ budget, row, value, verdict }) => [
      budget.title,
      row?.name ?? NONE,
      budget.most.toLocaleString("en-US"),
      value === undefined ? NONE : ranged(value),
      SAID[verdict],
    ]),
    [2, 3],
  );
}

/** Why a budget is missed, and where that was decided. */
export function knownList(judged: readonly Judged[]): string {
  const known = judged.flatMap(({ budget, verdict }) =>
    verdict === "known" && budget.known !== undefined
      ? [[budget.title, budget.known] as const]
      : [],
  );
  return [...new Map(known)]
    .map(([title, { reason, decision }]) => {
      const [number = decision] = decision.split("-");
      return `- ${title}: ${reason}\n  ([decision ${number}](decisions/${decision}))`;
    })
    .join("\n");
}

export function machineTable(results: Results): string {
  const parts = Object.entries(results) as [PartName, PartResult][];
  return table(
    ["part", "rounds", "date", "commit", "machine", "load", "Node"],
    parts.map(([part, { rounds, machine }]) => [
      part,
      rounds === 0 ? NONE : String(rounds),
      machine.date,
      `\`${machine.commit}\``,
      `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.system}`,
      String(machine.load),
      Object.values(machine.nodes).join(", "),
    ]),
    [1, 5],
  );
}

export function packageLine(results: Results): string {
  const [first] = Object.values(results);
  const packages = Object.entries(first?.machine.packages ?? {});
  return packages.map(([name, version]) => `\`${name}\` ${version}`).join(",\n");
}

/** The README's: what matters most, in a line each. */
export function readmeTable(results: Results): string {
  const warm = results.warm?.rows ?? [];
  const cold = (results.cold?.rows ?? []).filter(({ node }) => node === DEPLOYED);
  const check = results.check?.rows ?? [];
  const ours = (rows: readonly Row[], name: string) =>
    rowOf(rows, { name, candidate: "ours", node: DEPLOYED })?.ratios ?? {};
  const line = (title: string, ratios: Row["ratios"], floor: string, peer: string) => [
    title,
    cell(ratios?.[floor]),
    cell(ratios?.[peer]),
  ];
  return table(
    ["CPU on Node 24", "× floor", "× peer"],
    [
      ...namesOf(cold)
        .filter((name) => ours(cold, name)["typical"] !== undefined)
        .map((name) =>
          line(`cold start to the first answer, ${name}`, ours(cold, name), "floor", "typical"),
        ),
      ...namesOf(warm).map((name) => line(`warm, ${name}`, ours(warm, name), "floor", "typical")),
      line("check of an ID token", ours(check, "valid"), "crypto.verify", "aws-jwt-verify"),
    ],
    [1, 2],
  );
}
