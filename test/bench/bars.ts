/** Bars side by side as an SVG of a few lines: readable on light and dark pages. */
import type { Row } from "./results";
import { at, niceAbove, STYLE } from "./scale/plot";

const WIDTH = 880;
const LEFT = 190;
const RIGHT = 70;
const TOP = 64;
const BAR = 13;
const GAP = 20;

const COLOURS: Readonly<Record<string, "blue" | "cyan" | "green" | "red" | "grey">> = {
  empty: "grey",
  "crypto.verify": "grey",
  floor: "green",
  ours: "blue",
  "code cache": "cyan",
  typical: "red",
};

export interface Bars {
  readonly title: string;
  /** The first figure of each row. */
  readonly figure: string;
  readonly rows: readonly Row[];
  readonly candidates: readonly string[];
}

/** A group for each name, a bar for each candidate, and a line for the interval of the median. */
export function bars({ title, figure, rows, candidates }: Bars): string {
  const names = [...new Set(rows.map(({ name }) => name))];
  const most = niceAbove(Math.max(1, ...rows.map(({ figures }) => figures[figure]?.high ?? 0)));
  const x = (value: number) => LEFT + (value / most) * (WIDTH - LEFT - RIGHT);
  const group = candidates.length * BAR + GAP;
  const height = TOP + names.length * group + 28;
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => part * most);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img">`,
    `<title>${title}</title><style>${STYLE}\n  .bar { stroke-width: 10 } .cyan { stroke: #54aeff }\n</style>`,
    `<rect class="page" width="${WIDTH}" height="${height}"/>`,
    `<text class="title" x="12" y="22">${title}</text>`,
    legend(candidates),
    ...ticks.map(
      (tick) =>
        `<line class="grid" x1="${at(x(tick))}" x2="${at(x(tick))}" y1="${TOP - 6}" y2="${height - 26}"/>` +
        `<text text-anchor="middle" x="${at(x(tick))}" y="${height - 8}">${tick.toLocaleString("en-US")}</text>`,
    ),
    ...names.flatMap((name, index) => {
      const top = TOP + index * group;
      const middle = top + (candidates.length * BAR) / 2;
      return [
        `<text text-anchor="end" x="${LEFT - 10}" y="${at(middle + 4)}">${name}</text>`,
        ...candidates.map((candidate, place) => {
          const row = rows.find((one) => one.name === name && one.candidate === candidate);
          return row === undefined ? "" : bar(row, { figure, x, y: top + place * BAR + BAR / 2 });
        }),
      ];
    }),
    "</svg>\n",
  ].join("\n");
}

function bar(
  { candidate, figures }: Row,
  { figure, x, y }: { figure: string; x: (value: number) => number; y: number },
): string {
  const { median, low, high } = figures[figure] ?? { median: 0, low: 0, high: 0 };
  const colour = COLOURS[candidate] ?? "grey";
  return (
    `<path class="bar ${colour}" d="M${LEFT} ${at(y)}H${at(x(median))}"/>` +
    `<line class="axis" x1="${at(x(low))}" x2="${at(x(high))}" y1="${at(y)}" y2="${at(y)}"/>` +
    `<text x="${at(x(high) + 6)}" y="${at(y + 4)}">${Math.round(median).toLocaleString("en-US")}</text>`
  );
}

function legend(candidates: readonly string[]): string {
  let x = LEFT;
  return candidates
    .map((candidate) => {
      const entry =
        `<path class="bar ${COLOURS[candidate] ?? "grey"}" d="M${x} 40h22"/>` +
        `<text x="${x + 28}" y="44">${candidate}</text>`;
      x += 48 + candidate.length * 7;
      return entry;
    })
    .join("");
}
