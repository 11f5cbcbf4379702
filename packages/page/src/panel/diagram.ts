/** What just happened: a sequence diagram to scale, its requests in detail, and a list of it. */
import { button, h, show } from "../dom";
import type { Settings } from "../settings";
import { chartOf } from "./chart";
import { detailsOf } from "./details";
import { type Actor, ACTORS, type Call, type NameOf, type Step, stepsOf } from "./steps";

/** A diagram of more requests is not readable. */
const MAX_CALLS = 60;

/** @param provider its functions' requests are seen where it is a local one */
export function lastAction({ title: provider, faults }: Settings["provider"]): {
  readonly element: HTMLElement;
  readonly draw: (name: string, calls: readonly Call[]) => void;
} {
  const content = h(
    "div",
    {},
    h("p", { class: "empty" }, "Use the page, and see its requests here."),
  );
  const title = h("p", { class: "soft", id: "action-name" }, "");
  const nameOf: NameOf = (actor) => (actor === "Provider" ? provider : actor);
  let replay: (() => void) | undefined;
  const again = button("Replay", () => replay?.(), { id: "replay" });
  again.hidden = true;
  return {
    element: h(
      "section",
      { class: "card panel happened", "aria-labelledby": "action-title" },
      h(
        "div",
        { class: "happened-head" },
        h("div", {}, h("h2", { id: "action-title" }, "What just happened"), title),
        again,
      ),
      content,
      faults === undefined &&
        h("p", { class: "soft" }, `What the API asks ${provider} is not seen from here.`),
    ),
    draw: (name, all) => {
      const calls = all.slice(0, MAX_CALLS);
      const left = all.length - calls.length;
      title.textContent = `${name}: ${summary(all, nameOf)}${left > 0 ? ` (${String(left)} more are not shown)` : ""}`;
      again.hidden = calls.length === 0;
      replay = undefined;
      if (calls.length === 0) {
        show(content);
        return;
      }
      const details = detailsOf(calls, nameOf);
      const chart = chartOf(calls, nameOf, details.show);
      replay = chart.replay;
      show(content, chart.element, details.element, asList(stepsOf(calls), nameOf));
    },
  };
}

function summary(calls: readonly Call[], nameOf: NameOf): string {
  const parts = ACTORS.slice(1)
    .map((actor): [Actor, number] => [actor, calls.filter(({ to }) => to === actor).length])
    .filter(([, count]) => count > 0)
    .map(([actor, count]) => `${String(count)} × ${nameOf(actor)}`);
  const end = Math.max(0, ...calls.map(({ at, durationMs = 0 }) => at + durationMs));
  return parts.length === 0
    ? "nothing was sent"
    : `${parts.join(", ")} in ${String(Math.round(end))} ms`;
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
