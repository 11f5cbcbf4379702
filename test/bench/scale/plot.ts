/** A day as an SVG of a few lines: readable on light and dark pages. */
import { hourOf } from "./analysis";
import type { Minute } from "./meter";

interface Series {
  readonly name: string;
  /** A class of {@link STYLE}. */
  readonly colour: "blue" | "green" | "red" | "grey";
  readonly of: (minute: Minute) => number;
  /** Of the day without an outage. */
  readonly isUsual?: boolean;
}

export interface Panel {
  readonly title: string;
  readonly series: readonly Series[];
}

export interface Days {
  readonly disturbed: readonly Minute[];
  readonly usual: readonly Minute[];
  /** Hours of the day. */
  readonly outage: { readonly from: number; readonly until: number } | undefined;
}

const WIDTH = 880;
const PANEL = { height: 150, top: 44, gap: 66 };
const LEFT = 64;
/** Half of a label of the axis fits in. */
const RIGHT = 24;

/** The background is the picture's own: a viewer need not say whether its page is dark. */
export const STYLE = `
  .page { fill: #ffffff } .axis { stroke: #8c959f } .grid { stroke: #d0d7de }
  text { fill: #1f2328; font: 12px system-ui, sans-serif } .title { font-weight: 600 }
  .outage { fill: #cf222e; opacity: .12 } path { fill: none; stroke-width: 1.6 }
  .blue { stroke: #0969da } .green { stroke: #1a7f37 } .red { stroke: #cf222e }
  .grey { stroke: #57606a; stroke-dasharray: 4 3 }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117 } .axis { stroke: #8b949e } .grid { stroke: #30363d }
    text { fill: #e6edf3 } .outage { fill: #ff7b72; opacity: .2 }
    .blue { stroke: #58a6ff } .green { stroke: #3fb950 } .red { stroke: #ff7b72 }
    .grey { stroke: #9da7b3 }
  }`;

/** @param title what a screen reader says */
export function plot(title: string, panels: readonly Panel[], days: Days): string {
  const height = PANEL.top + panels.length * (PANEL.height + PANEL.gap) - 16;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img">`,
    `<title>${title}</title><style>${STYLE}\n</style>`,
    `<rect class="page" width="${WIDTH}" height="${height}"/>`,
    ...panels.map((panel, at) => draw(panel, days, PANEL.top + at * (PANEL.height + PANEL.gap))),
    "</svg>\n",
  ].join("\n");
}

function draw({ title, series }: Panel, days: Days, top: number): string {
  const { disturbed, usual, outage } = days;
  const [first] = disturbed;
  const from = first === undefined ? 0 : hourOf(first);
  const hours = disturbed.length / 60;
  const most = Math.max(
    1,
    ...series.flatMap(({ of, isUsual }) => (isUsual === true ? usual : disturbed).map(of)),
  );
  const x = (hour: number) => LEFT + ((hour - from) / hours) * (WIDTH - LEFT - RIGHT);
  const y = (value: number) => top + PANEL.height * (1 - value / niceAbove(most));
  const bottom = top + PANEL.height;
  const ticks = [0, 0.5, 1].map((part) => part * niceAbove(most));
  const step = hours > 12 ? 3 : 0.5;
  const marks = Array.from({ length: Math.floor(hours / step) + 1 }, (_, at) => from + at * step);
  return [
    `<text class="title" x="${LEFT}" y="${top - 26}">${title}</text>`,
    legend(series, top - 9),
    outage === undefined
      ? ""
      : `<rect class="outage" x="${at(x(outage.from))}" y="${top}" width="${at(x(outage.until) - x(outage.from))}" height="${PANEL.height}"/>`,
    ...ticks.map(
      (tick) =>
        `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at(y(tick))}" y2="${at(y(tick))}"/>` +
        `<text text-anchor="end" x="${LEFT - 6}" y="${at(y(tick) + 4)}">${tick.toLocaleString("en-US")}</text>`,
    ),
    `<line class="axis" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${bottom}" y2="${bottom}"/>`,
    ...marks.map(
      (hour) =>
        `<text text-anchor="middle" x="${at(x(hour))}" y="${bottom + 16}">${clockOf(hour)}</text>`,
    ),
    ...series.map(({ colour, of, isUsual }) => {
      const minutes = isUsual === true ? usual : disturbed;
      const points = minutes.map(
        (minute, index) => `${at(x(from + index / 60))} ${at(y(of(minute)))}`,
      );
      return `<path class="${colour}" d="M${points.join("L")}"/>`;
    }),
  ].join("\n");
}

function legend(series: readonly Series[], y: number): string {
  let x = LEFT;
  return series
    .map(({ name, colour }) => {
      const entry =
        `<path class="${colour}" d="M${x} ${y - 4}h22"/>` +
        `<text x="${x + 28}" y="${y}">${name}</text>`;
      x += 44 + name.length * 6.6;
      return entry;
    })
    .join("");
}

/** A coordinate. */
export function at(value: number): string {
  return value.toFixed(1);
}

function clockOf(hour: number): string {
  const minutes = Math.round((hour % 1) * 60);
  return `${String(Math.floor(hour) % 24).padStart(2, "0")}:${String(minutes).padStart(2, "0")}`;
}

/** 1, 2 or 5 times a power of ten. */
export function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((times) => times * power >= value) ?? 10) * power;
}
