/** A sequence diagram in SVG, and the same as a list for screen readers. */
import { h, s, show } from "../dom";
import type { Settings } from "../settings";
import { type Actor, ACTORS, type Step } from "./steps";

const [MARGIN, HEAD, ROW, TIME] = [10, 40, 26, 54];
/** Width of all columns together, if there are few. */
const COLUMNS = 366;
const SHORT: Partial<Record<Actor, string>> = { "Secrets Manager": "Secrets" };
/** Characters that a box of the diagram has room for. */
const MAX_TITLE = 11;
/** A diagram of more steps is not readable. */
const MAX_STEPS = 60;

type NameOf = (actor: Actor) => string;

/** @param provider its functions' requests are seen where it is a local one */
export function lastAction({ title: provider, faults }: Settings["provider"]): {
  readonly element: HTMLElement;
  readonly draw: (name: string, steps: readonly Step[]) => void;
} {
  const content = h(
    "div",
    {},
    h("p", { class: "empty" }, "Use the page, and see its requests here."),
  );
  const title = h("p", { class: "soft", id: "action-name" }, "");
  const nameOf: NameOf = (actor) => (actor === "Provider" ? provider : actor);
  return {
    element: h(
      "section",
      { class: "card panel", "aria-labelledby": "action-title" },
      h("h2", { id: "action-title" }, "What just happened"),
      title,
      content,
      faults === undefined &&
        h("p", { class: "soft" }, `What the API asks ${provider} is not seen from here.`),
    ),
    draw: (name, all) => {
      const steps = all.slice(0, MAX_STEPS);
      const left = all.length - steps.length;
      title.textContent = `${name}: ${summary(all, nameOf)}${left > 0 ? ` (${String(left)} more are not shown)` : ""}`;
      if (steps.length === 0) {
        show(content);
        return;
      }
      show(content, scrollable(name, steps, nameOf), asList(steps, nameOf));
    },
  };
}

function summary(steps: readonly Step[], nameOf: NameOf): string {
  const count = (actor: Actor) =>
    steps.filter(({ to, isAnswer }) => to === actor && !isAnswer).length;
  const parts = ACTORS.slice(1)
    .map((actor): [Actor, number] => [actor, count(actor)])
    .filter(([, calls]) => calls > 0)
    .map(([actor, calls]) => `${String(calls)} × ${nameOf(actor)}`);
  const end = Math.max(0, ...steps.map(({ at }) => at));
  return parts.length === 0
    ? "nothing was sent"
    : `${parts.join(", ")} in ${String(Math.round(end))} ms`;
}

function scrollable(name: string, steps: readonly Step[], nameOf: NameOf): HTMLElement {
  const attributes = { class: "diagram", tabindex: 0, role: "region", "aria-label": "Diagram" };
  return h("div", attributes, draw(name, steps, nameOf));
}

function draw(name: string, steps: readonly Step[], nameOf: NameOf): SVGElement {
  const actors = ACTORS.filter((actor) =>
    steps.some(({ from, to }) => from === actor || to === actor),
  );
  const column = Math.min(122, Math.max(73, COLUMNS / actors.length));
  const x = (actor: Actor) => TIME + MARGIN + (actors.indexOf(actor) + 0.5) * column;
  const width = TIME + MARGIN + actors.length * column;
  const height = HEAD + steps.length * ROW + MARGIN;
  const label = `Sequence diagram of: ${name}. The list below says the same.`;
  return s(
    "svg",
    {
      width,
      height,
      viewBox: `0 0 ${String(width)} ${String(height)}`,
      role: "img",
      "aria-label": label,
    },
    ...actors.map((actor) => lifeline(shortOf(actor, nameOf), x(actor), height)),
    ...steps.map((step, index) => arrow(step, x, HEAD + (index + 0.8) * ROW)),
  );
}

function shortOf(actor: Actor, nameOf: NameOf): string {
  const name = SHORT[actor] ?? nameOf(actor);
  return name.length > MAX_TITLE ? actor : name;
}

function lifeline(name: string, x: number, height: number): SVGElement {
  return s(
    "g",
    { class: "lifeline" },
    s("line", { x1: x, x2: x, y1: HEAD - 8, y2: height - 4 }),
    s("rect", { x: x - 36, y: 6, width: 72, height: 24, rx: 6 }),
    s("text", { x, y: 22, "text-anchor": "middle" }, name),
  );
}

function arrow(
  { at, from, to, what, isAnswer, isBad }: Step,
  x: (actor: Actor) => number,
  y: number,
): SVGElement {
  const [start, end] = [x(from), x(to)];
  const way = Math.sign(end - start);
  const head = `${String(end)},${String(y)} ${String(end - way * 7)},${String(y - 4)} ${String(end - way * 7)},${String(y + 4)}`;
  return s(
    "g",
    { class: `arrow${isAnswer ? " back" : ""}${isBad ? " bad" : ""}` },
    s(
      "text",
      { class: "time", x: TIME - 4, y: y + 3, "text-anchor": "end" },
      `${String(Math.round(at))} ms`,
    ),
    s("line", { x1: start, x2: end - way * 6, y1: y, y2: y }),
    s("polygon", { points: head }),
    s(
      "text",
      { class: "what", x: start + way * 8, y: y - 5, "text-anchor": way > 0 ? "start" : "end" },
      what,
    ),
  );
}

function asList(steps: readonly Step[], nameOf: NameOf): HTMLElement {
  const lines = steps.map(({ at, from, to, what, isAnswer }) =>
    h(
      "li",
      {},
      `${String(Math.round(at))} ms: ${nameOf(from)} ${isAnswer ? "answers" : "asks"} ${nameOf(to)}: ${what}`,
    ),
  );
  return h(
    "details",
    {},
    h("summary", {}, "The same as a list"),
    h("ol", { class: "steps" }, ...lines),
  );
}
