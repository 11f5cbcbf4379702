/**
 * Where everything of the diagram is: a lane for each service, the time from left to right, to
 * scale. Time in which nothing is under way, e.g. while a person types, is cut out.
 */
import { type Actor, ACTORS, type Call } from "./steps";

/** Milliseconds of silence that are cut out. */
const SILENCE = 400;
/** Pixels. */
const CUT = 44;
const ROW = 22;
const LANE_GAP = 10;
const FIRST_LANE = 30;
const SMALLEST_BAR = 7;
const CHARACTER = 6.4;
const TICK_DISTANCE = 84;
/** Rows of one lane; what has no room in them has no label. */
const MAX_ROWS = 5;

export interface Bar {
  readonly call: Call;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  /** Beside the bar; undefined: there is no room for it. */
  readonly label?: { readonly x: number; readonly anchor: "start" | "end" };
}

export interface Lane {
  readonly actor: Actor;
  readonly y: number;
  readonly height: number;
}

export interface Layout {
  readonly lanes: readonly Lane[];
  readonly bars: readonly Bar[];
  readonly ticks: readonly { readonly x: number; readonly ms: number }[];
  readonly cuts: readonly { readonly x: number; readonly width: number; readonly ms: number }[];
  readonly height: number;
  /** Pixels of a time. @param ms since the action began */
  readonly x: (ms: number) => number;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

const endOf = ({ at, durationMs = 0 }: Call) => at + durationMs;

/** @param labelOf the text beside a bar */
export function layoutOf(
  calls: readonly Call[],
  width: number,
  labelOf: (call: Call) => string,
): Layout {
  const busy = busySpans(calls);
  const { x, cuts, scale } = axis(busy, width);
  const lanes: Lane[] = [];
  const bars: Bar[] = [];
  let y = FIRST_LANE;
  for (const actor of ACTORS) {
    const own = calls.filter(({ to }) => to === actor);
    const isThere = own.length > 0 || calls.some(({ from }) => from === actor);
    if (isThere) {
      const { placed, rows } = place(own, { x, width, labelOf });
      bars.push(...placed.map(({ row, ...bar }) => ({ ...bar, y: y + row * ROW })));
      lanes.push({ actor, y, height: rows * ROW });
      y += rows * ROW + LANE_GAP;
    }
  }
  return { lanes, bars, cuts, ticks: ticksOf(busy, x, scale), height: y, x };
}

/** When something was under way, with short silences in between. */
function busySpans(calls: readonly Call[]): readonly Span[] {
  const spans: Span[] = [];
  for (const call of [...calls].sort((one, other) => one.at - other.at)) {
    const last = spans.at(-1);
    if (last !== undefined && call.at - last.to < SILENCE) {
      spans[spans.length - 1] = { from: last.from, to: Math.max(last.to, endOf(call)) };
    } else {
      spans.push({ from: call.at, to: endOf(call) });
    }
  }
  return spans;
}

function axis(spans: readonly Span[], width: number) {
  const time = spans.reduce((sum, { from, to }) => sum + to - from, 0);
  // A bar of the smallest size has room behind the last moment of each span.
  const room = Math.max(1, width - (spans.length - 1) * CUT - spans.length * SMALLEST_BAR);
  const scale = room / Math.max(1, time);
  const starts: number[] = [];
  let next = 0;
  for (const { from, to } of spans) {
    starts.push(next);
    next += (to - from) * scale + SMALLEST_BAR + CUT;
  }
  const x = (ms: number) => {
    const index = Math.max(
      0,
      spans.findLastIndex(({ from }) => from <= ms),
    );
    const { from = 0, to = 0 } = spans[index] ?? {};
    return (starts[index] ?? 0) + (Math.min(Math.max(ms, from), to) - from) * scale;
  };
  const cuts = spans.slice(1).map(({ from }, index) => ({
    x: (starts[index + 1] ?? 0) - CUT,
    width: CUT,
    ms: from - (spans[index]?.to ?? 0),
  }));
  return { x, cuts, scale };
}

interface Room {
  readonly x: (ms: number) => number;
  readonly width: number;
  readonly labelOf: (call: Call) => string;
}

type Placed = Omit<Bar, "y"> & { readonly row: number };

/**
 * Each in the first row in which neither bar nor label covers another one; bars that have no room
 * for a label share a last row.
 */
function place(calls: readonly Call[], { x, width, labelOf }: Room) {
  const ends: number[] = [];
  const placed = calls.map((call): Omit<Placed, "row"> & { readonly row?: number } => {
    const start = x(call.at);
    const bar = { call, x: start, width: Math.max(SMALLEST_BAR, x(endOf(call)) - start) };
    const end = bar.x + bar.width;
    const length = labelOf(call).length * CHARACTER + 10;
    const isRight = end + length <= width;
    const from = isRight ? bar.x : bar.x - length;
    const free = ends.findIndex((taken) => taken <= from);
    const row = free === -1 && ends.length < MAX_ROWS ? ends.length : free;
    if (from < 0 || row === -1) {
      return bar;
    }
    ends[row] = isRight ? end + length : end + 6;
    return isRight
      ? { ...bar, row, label: { x: end + 5, anchor: "start" } }
      : { ...bar, row, label: { x: bar.x - 5, anchor: "end" } };
  });
  const last = ends.length;
  const bars = placed.map((bar): Placed => ({ ...bar, row: bar.row ?? last }));
  const rows = placed.some(({ row }) => row === undefined) ? last + 1 : Math.max(1, last);
  return { placed: bars, rows };
}

/** Round times, as many as have room. */
function ticksOf(spans: readonly Span[], x: (ms: number) => number, scale: number) {
  const least = TICK_DISTANCE / scale;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= least) ?? 10);
  return spans.flatMap(({ from, to }) => {
    const first = Math.ceil(from / step);
    const count = Math.max(0, Math.floor(to / step) - first + 1);
    return Array.from({ length: count }, (_, index) => (first + index) * step).map((ms) => ({
      x: x(ms),
      ms,
    }));
  });
}
