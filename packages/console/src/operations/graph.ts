/**
 * One graph of the dashboard as an inline SVG: lines by colour and dash, a legend with values, and
 * a cursor in time for mouse and keyboard.
 */
import { h, s, show } from "@rollup-vault/page/dom";
import type { Graph, Series } from "./document";
import { clock, roundUp, shown } from "./numbers";

export interface GraphView {
  readonly element: HTMLElement;
  readonly draw: (graph: Graph, time: Time) => void;
}

/** Epoch milliseconds of the first step, and how long a step is. */
interface Time {
  readonly from: number;
  readonly stepMs: number;
}

/** In the SVG's own units: it is stretched to its place, and its lines are not. */
const WIDTH = 600;
const HEIGHT = 150;

export function createGraph(title: string): GraphView {
  const id = `graph-${title.toLowerCase().replace(/\W+/g, "-")}`;
  const lines = s("g", {});
  const mark = s("line", { class: "cursor", y1: 0, y2: HEIGHT, visibility: "hidden" });
  const svg = s(
    "svg",
    {
      viewBox: `0 0 ${String(WIDTH)} ${String(HEIGHT)}`,
      preserveAspectRatio: "none",
      "aria-hidden": "true",
    },
    ...[0, 0.5, 1].map((part) =>
      s("line", { class: "rule", x1: 0, x2: WIDTH, y1: part * HEIGHT, y2: part * HEIGHT }),
    ),
    lines,
    mark,
  );
  const [top, bottom] = [h("span", {}), h("span", {}, "0")];
  const [first, last] = [h("span", {}), h("span", {})];
  const legend = h("ul", { class: "legend" });
  const notes = h("p", { class: "soft small" });
  const plot = h("div", { class: "plot", role: "slider", tabindex: 0, "aria-valuemin": 0 }, svg);
  plot.setAttribute("aria-label", `Time in ${title}`);
  let drawn: { readonly graph: Graph; readonly time: Time } | undefined;
  /** Undefined: the newest step. */
  let cursor: number | undefined;

  function drawCursor(): void {
    if (drawn === undefined) {
      return;
    }
    const { graph, time } = drawn;
    const count = graph.series[0]?.points.length ?? 1;
    const step = Math.min(cursor ?? count - 1, count - 1);
    const at = clock(time.from + step * time.stepMs);
    const known = graph.series.map((series, index) => ({ series, index })).filter(isSeen);
    mark.setAttribute("visibility", cursor === undefined ? "hidden" : "visible");
    mark.setAttribute("x1", String(xOf(step, count)));
    mark.setAttribute("x2", String(xOf(step, count)));
    const valueOf = (series: Series) =>
      cursor === undefined ? inAll(series) : series.points[step];
    const words = known.map(({ series }) => `${series.label} ${shown(valueOf(series))}`);
    plot.setAttribute("aria-valuemax", String(count - 1));
    plot.setAttribute("aria-valuenow", String(step));
    plot.setAttribute(
      "aria-valuetext",
      `${cursor === undefined ? "all" : at}: ${words.join(", ") || "no values"}`,
    );
    last.textContent = cursor === undefined ? "now" : at;
    show(
      legend,
      ...known.map(({ series, index }) =>
        h(
          "li",
          {},
          s(
            "svg",
            { class: "swatch", viewBox: "0 0 24 8", "aria-hidden": "true" },
            s("line", { class: `line s${String(index % 10)}`, x1: 1, x2: 23, y1: 4, y2: 4 }),
          ),
          h("span", {}, series.label),
          h("b", {}, shown(valueOf(series))),
        ),
      ),
    );
  }

  plot.addEventListener("pointermove", ({ clientX }) => {
    const { left, width } = plot.getBoundingClientRect();
    const count = drawn?.graph.series[0]?.points.length ?? 1;
    cursor = Math.round(Math.min(1, Math.max(0, (clientX - left) / width)) * (count - 1));
    drawCursor();
  });
  const release = () => {
    cursor = undefined;
    drawCursor();
  };
  plot.addEventListener("pointerleave", release);
  plot.addEventListener("blur", release);
  plot.addEventListener("keydown", (event) => {
    const count = drawn?.graph.series[0]?.points.length ?? 1;
    const next = moved(event.key, cursor ?? count - 1, count);
    if (next !== undefined) {
      event.preventDefault();
      cursor = next;
      drawCursor();
    }
  });

  const element = h(
    "section",
    { class: "card graph", "aria-labelledby": id },
    h("h3", { id }, title),
    h("div", { class: "axes" }, h("div", { class: "ends small soft" }, top, bottom), plot),
    h("div", { class: "times small soft" }, first, last),
    legend,
    notes,
  );
  return {
    element,
    draw: (graph, time) => {
      drawn = { graph, time };
      const values = graph.series.flatMap(({ points }) => points.filter((each) => each !== null));
      const max = roundUp(Math.max(1, ...values));
      top.textContent = shown(max);
      first.textContent = clock(time.from);
      lines.replaceChildren(
        ...graph.series
          .map((series, index) => ({ series, index }))
          .filter(isSeen)
          .map(({ series: { points }, index }) =>
            s("path", { class: `line s${String(index % 10)}`, d: pathOf(points, max) }),
          ),
      );
      element.classList.toggle("empty", lines.childElementCount === 0);
      show(notes, noteOf(graph.series));
      drawCursor();
    },
  };
}

/** Without a cursor: the sum, or the newest value of what cannot be added up. */
function inAll({ points, isCount }: Series): number | null | undefined {
  return isCount
    ? points.reduce<number>((sum, value) => sum + (value ?? 0), 0)
    : points.findLast((value) => value !== null);
}

/** A line at zero all along says no more than its name does. */
function isSeen({ series }: { readonly series: Series }): boolean {
  return series.points.some((value) => value !== null && value !== 0);
}

function moved(key: string, step: number, count: number): number | undefined {
  switch (key) {
    case "ArrowLeft":
    case "ArrowDown":
      return Math.max(0, step - 1);
    case "ArrowRight":
    case "ArrowUp":
      return Math.min(count - 1, step + 1);
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return undefined;
  }
}

function xOf(step: number, count: number): number {
  return (step / Math.max(1, count - 1)) * WIDTH;
}

/** A point without neighbours is a line of no length, which its round ends make a dot. */
function pathOf(points: readonly (number | null)[], max: number): string {
  return points
    .map((value, step) => {
      if (value === null) {
        return "";
      }
      const x = xOf(step, points.length).toFixed(1);
      const y = (HEIGHT - (value / max) * HEIGHT).toFixed(1);
      const isNew = (points[step - 1] ?? null) === null;
      return isNew ? `M${x} ${y}L${x} ${y}` : `L${x} ${y}`;
    })
    .join("");
}

/** What the legend leaves out. */
function noteOf(all: readonly Series[]): string {
  const names = (of: readonly Series[], name: (one: Series) => string) =>
    [...new Set(of.map(name))].join(", ");
  const elsewhere = all.filter(({ isHere }) => !isHere);
  const silent = all.filter((series) => series.isHere && !isSeen({ series }));
  return [
    silent.length === 0 ? "" : `None: ${names(silent, ({ label }) => label)}.`,
    elsewhere.length === 0
      ? ""
      : `Only AWS counts: ${names(elsewhere, ({ label }) => label.split(" ")[0] ?? label)}.`,
  ]
    .join(" ")
    .trim();
}
