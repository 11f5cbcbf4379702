/** The diagram in SVG. One Tab leads into it, arrow keys from request to request. */
import { h, s, show } from "../dom";
import { sentenceOf } from "./details";
import { type Actor, answerText, type Call, isBad, type NameOf } from "./steps";
import { type Bar, type Lane, type Layout, layoutOf } from "./timeline";

const NAMES = 124;
const NARROWEST = 620;
const BAR = 14;
/** Characters that the names of lanes have room for. */
const MAX_NAME = 14;
/** Pixels of its longest text. */
const TICK_TEXT = 52;
const REPLAY_MS = 4_000;

interface Chart {
  readonly element: HTMLElement;
  readonly replay: () => void;
}

interface Drawn {
  readonly layout: Layout;
  readonly groups: readonly SVGElement[];
  readonly hand: SVGElement;
}

export function chartOf(
  calls: readonly Call[],
  nameOf: NameOf,
  onSelect: (call: Call) => void,
): Chart {
  const names = h("div", { class: "lanes" });
  const scroller = h("div", { class: "scroller" });
  const hint = h("p", { class: "soft hint", "aria-hidden": "true" }, "Scroll sideways for more →");
  const element = h("div", { class: "chart" }, names, scroller, hint);
  let drawn: Drawn | undefined;
  let selected = mostTelling(calls);
  let frame = 0;
  const select = (index: number) => {
    const call = calls[index];
    if (call !== undefined) {
      selected = index;
      onSelect(call);
    }
    drawn?.groups.forEach((group, each) => {
      group.classList.toggle("on", each === selected);
      group.setAttribute("tabindex", each === selected ? "0" : "-1");
    });
  };
  const draw = () => {
    cancelAnimationFrame(frame);
    element.classList.remove("replaying");
    const width = Math.max(NARROWEST, element.clientWidth - NAMES);
    drawn = drawAll(calls, width, { nameOf, select });
    show(names, laneNames(drawn.layout, nameOf));
    show(scroller, svgOf(drawn, width));
    hint.hidden = element.clientWidth - NAMES >= NARROWEST;
    select(selected);
  };
  // At once it has no width yet; from then on with each change of its width.
  let before = 0;
  new ResizeObserver(([entry]) => {
    const width = Math.round(entry?.contentRect.width ?? 0);
    if (width !== before) {
      before = width;
      draw();
    }
  }).observe(element);
  element.addEventListener("keydown", (event) => {
    const next = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (next !== undefined) {
      event.preventDefault();
      select(Math.min(calls.length - 1, Math.max(0, selected + next)));
      drawn?.groups[selected]?.focus();
    }
  });
  const replay = () => {
    if (drawn !== undefined) {
      cancelAnimationFrame(frame);
      run(element, drawn, { select, calls, next: (id) => (frame = id) });
    }
  };
  return { element, replay };
}

/** The first that failed, else the first of which there is more to be seen. */
function mostTelling(calls: readonly Call[]): number {
  const bad = calls.findIndex(isBad);
  return Math.max(0, bad === -1 ? calls.findIndex(({ request }) => request !== undefined) : bad);
}

interface Run {
  readonly calls: readonly Call[];
  readonly select: (index: number) => void;
  readonly next: (frame: number) => void;
}

/** Again, from left to right: what has not happened yet is pale. */
function run(element: HTMLElement, { groups, layout, hand }: Drawn, { calls, select, next }: Run) {
  const xs = calls.map(({ at }) => layout.x(at));
  const end = Math.max(...layout.bars.map(({ x, width }) => x + width));
  const startedAt = performance.now();
  let shown = -1;
  groups.forEach((group) => {
    group.classList.remove("done");
  });
  element.classList.add("replaying");
  const step = (now: number) => {
    const x = Math.max(0, ((now - startedAt) / REPLAY_MS) * end);
    hand.setAttribute("transform", `translate(${String(Math.min(x, end))} 0)`);
    while (shown + 1 < xs.length && (xs[shown + 1] ?? 0) <= x) {
      shown += 1;
      groups[shown]?.classList.add("done");
      select(shown);
    }
    if (x < end && element.isConnected) {
      next(requestAnimationFrame(step));
    } else {
      element.classList.remove("replaying");
    }
  };
  next(requestAnimationFrame(step));
}

const shortLabel = (call: Call) => (isBad(call) ? `${call.what} · ${answerText(call)}` : call.what);

function drawAll(
  calls: readonly Call[],
  width: number,
  { nameOf, select }: { readonly nameOf: NameOf; readonly select: (index: number) => void },
): Drawn {
  const layout = layoutOf(calls, width, shortLabel);
  const lanes = new Map(layout.lanes.map((lane): [Actor, Lane] => [lane.actor, lane]));
  const groups = calls.map((call, index) => {
    const bar = layout.bars.find((each) => each.call === call);
    const chosen = () => {
      select(index);
    };
    return s(
      "g",
      {
        class: `call ${classOf(call.to)}${isBad(call) ? " bad" : ""}`,
        role: "button",
        "aria-label": sentenceOf(call, nameOf),
        pointerenter: chosen,
        focus: chosen,
        click: chosen,
      },
      ...(bar === undefined ? [] : shapes(bar, lanes)),
    );
  });
  const hand = s("line", { class: "hand", y1: 20, y2: layout.height });
  return { layout, groups, hand };
}

function shapes({ call, x, y, width, label }: Bar, lanes: ReadonlyMap<Actor, Lane>) {
  const from = lanes.get(call.from);
  const middle = (from?.y ?? 0) + (from?.height ?? 0) / 2;
  const isBelow = middle < y;
  const [start, end] = [middle, isBelow ? y : y + BAR];
  const [left, right] = [x + 0.5, x + width - 0.5];
  const tip = isBelow ? -5 : 5;
  return [
    s("line", { class: "ask", x1: left, x2: left, y1: start, y2: end }),
    s("path", {
      class: "tip",
      d: `M${String(left)} ${String(end)}l-3.5 ${String(tip)}h7z`,
    }),
    call.durationMs !== undefined &&
      s("line", { class: "reply", x1: right, x2: right, y1: end, y2: start }),
    s("rect", { x, y, width, height: BAR, rx: 3 }),
    label !== undefined &&
      s("text", { x: label.x, y: y + BAR - 3, "text-anchor": label.anchor }, shortLabel(call)),
  ];
}

function svgOf({ layout, groups, hand }: Drawn, width: number): SVGElement {
  const { height, ticks, cuts, lanes } = layout;
  const size = { width, height, viewBox: `0 0 ${String(width)} ${String(height)}` };
  return s(
    "svg",
    { ...size, role: "group", "aria-label": "Sequence diagram; arrow keys move in it" },
    ...lanes.map(({ actor, y, height: tall }) =>
      s("rect", {
        class: `lane ${classOf(actor)}`,
        x: 0,
        y: y - 4,
        width,
        height: tall + 2,
        rx: 4,
      }),
    ),
    ...ticks
      .filter(({ x }) => x + TICK_TEXT < width)
      .map(({ x, ms }) =>
        s(
          "g",
          { class: "tick", "aria-hidden": "true" },
          s("line", { x1: x + 0.5, x2: x + 0.5, y1: 20, y2: height }),
          s("text", { x: x + 3, y: 14 }, `${String(ms)} ms`),
        ),
      ),
    ...cuts.map(({ x, width: wide, ms }) =>
      s(
        "g",
        { class: "cut", "aria-hidden": "true" },
        s("rect", { x: x + 6, y: 0, width: wide - 12, height }),
        s("text", { x: x + wide / 2, y: 14, "text-anchor": "middle" }, silence(ms)),
      ),
    ),
    ...groups,
    hand,
  );
}

function silence(ms: number): string {
  return ms < 10_000 ? `${(ms / 1_000).toFixed(1)} s` : `${String(Math.round(ms / 1_000))} s`;
}

function laneNames({ lanes, height }: Layout, nameOf: NameOf): SVGElement {
  const size = { width: NAMES, height, viewBox: `0 0 ${String(NAMES)} ${String(height)}` };
  return s(
    "svg",
    { ...size, "aria-hidden": "true" },
    ...lanes.flatMap(({ actor, y }) => [
      s("rect", { class: `dot ${classOf(actor)}`, x: 0, y: y + 2, width: 8, height: 8, rx: 2 }),
      s("text", { x: 14, y: y + 11 }, shortName(actor, nameOf)),
    ]),
  );
}

function shortName(actor: Actor, nameOf: NameOf): string {
  const name = nameOf(actor);
  return name.length > MAX_NAME ? actor.slice(0, MAX_NAME + 1) : name;
}

function classOf(actor: Actor): string {
  return `of-${actor.toLowerCase().replace(" ", "-")}`;
}
