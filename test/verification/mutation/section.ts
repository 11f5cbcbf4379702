/** What the mutation tests measured, as a section of `docs/reliability.md`. */
import type { Machine } from "../explore/machine";
import type { Room } from "./report";

export interface MutationResult extends Machine {
  readonly seconds: number;
  readonly stryker: string;
  /** In percent: below it the command fails. */
  readonly threshold: number;
  readonly rooms: readonly Room[];
}

export function section(result: MutationResult): string {
  const { rooms, date, seconds, cpu, node, stryker, threshold } = result;
  const scores = rooms.map(({ name, score }) => `${score.toFixed(2)} % (${name})`).join(", ");
  return [
    "## The tests, tested",
    "",
    `\`npm run proof:mutation\` breaks the verifier and the refresh protocol at one place at a time and checks whether a unit test fails. Score: ${scores}.`,
    `The command fails below ${threshold} % and for a survivor without a stated reason. Stryker ${stryker}. ${date}, Node ${node}, ${cpu}, ${seconds.toLocaleString("en-US")} s.`,
    "",
    "| file | mutants | killed | timed out | survived | not reached | do not load |",
    "| --- | --: | --: | --: | --: | --: | --: |",
    ...rooms.flatMap(({ files }) =>
      files.map(({ file, killed, timeout, survived, noCoverage, ignored, errors }) => {
        const all = killed + timeout + survived + noCoverage + ignored + errors;
        return `| \`${file}\` | ${all} | ${killed} | ${timeout} | ${survived} | ${noCoverage} | ${errors} |`;
      }),
    ),
    "",
    ...survivorsOf(rooms),
  ].join("\n");
}

function survivorsOf(rooms: readonly Room[]): readonly string[] {
  const survivors = rooms.flatMap((room) => room.survivors);
  return survivors.length === 0
    ? ["Nothing survived.", ""]
    : [
        "These mutants survived; the reason says why that is no gap:",
        "",
        "| where | original | mutant | reason |",
        "| --- | --- | --- | --- |",
        ...survivors.map(
          ({ file, line, original, replacement, reason }) =>
            `| \`${file}:${line}\` | ${code(original)} | ${code(replacement)} | ${reason ?? "NO REASON GIVEN"} |`,
        ),
        "",
      ];
}

const MAX_CODE = 80;

function code(text: string): string {
  const short = text.length > MAX_CODE ? `${text.slice(0, MAX_CODE)} …` : text;
  return short === "" ? "nothing" : `\`\` ${short.replaceAll("|", "\\|")} \`\``;
}
