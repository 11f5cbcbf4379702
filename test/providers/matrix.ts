/** The section of docs/providers.md on what real providers did. */
import type { Column, Results } from "./results";

export const MATRIX_TITLE = "Real providers";

const NONE =
  "No run is recorded yet: `npm run test:providers -- --long` records one in `docs/providers/`.";

export function matrix(results: Results | undefined): string {
  return [`## ${MATRIX_TITLE}`, results === undefined ? NONE : tablesOf(results)].join("\n\n");
}

function tablesOf({ date, node, columns, skipped }: Results): string {
  const journeys = columns.filter((column) => column.table === "journey");
  const titles = new Set(journeys.flatMap(({ steps }) => Object.keys(steps)));
  const changes = columns
    .filter((column) => column.table === "changes")
    .flatMap(({ steps }) => Object.keys(steps).map((title) => [title, cell(steps, title)]));
  return [
    `The whole stack, beside providers that nobody here wrote, used over HTTP as an app would use it: \`npm run test:providers -- --long\` on ${date}, Node ${node}. A proxy stands before each provider, counts what reaches it, and plays the failing network. The stage is what \`npx rollup-vault provider <issuer>\` prints ([decision 0042](decisions/0042-real-providers-as-judges.md)).`,
    table(
      ["", ...journeys.map(nameOf)],
      [...titles].map((title) => [title, ...journeys.map(({ steps }) => cell(steps, title))]),
    ),
    '"Strict" is Keycloak with Revoke Refresh Token, and a stage with `refreshTokenRotation: "strict"`. An answer that is lost after a strict rotation takes the only refresh token with it ([decision 0013](decisions/0013-recovery-of-rotating-tokens.md)).',
    "Keycloak, one setting changed at a time:",
    table(["change", "sign-in and refresh"], changes),
    "Not run:",
    Object.entries(skipped)
      .map(([title, reason]) => `- ${title}: ${reason}`)
      .join("\n"),
  ].join("\n\n");
}

function nameOf({ title, version }: Column): string {
  const [name = "", ...rest] = title.split(", ");
  return [`${name} ${version}`, ...rest].join(", ");
}

function cell(steps: Column["steps"], title: string): string {
  const step = steps[title];
  if (step === undefined) {
    return "not asked";
  }
  return step.result === "passed" ? step.seen : `**${step.result}**`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
