/** The page Operations: the dashboard of the template, as the local run's own metrics fill it. */
import { button, h, show } from "@rollup-vault/page/dom";
import { frame } from "../frame";
import { type AlarmsView, createAlarms } from "./alarms";
import { breaking } from "./breaking";
import type { OperationsDocument, Widget } from "./document";
import { createGraph, type GraphView } from "./graph";
import { clock } from "./numbers";
import { readOperations } from "./wire";

const POLL_MS = 2_000;
const WINDOWS = [
  [15, "15 minutes"],
  [60, "hour"],
  [480, "8 hours"],
] as const;

function start(): void {
  const board = h("div", { id: "board" });
  const state = h("p", { class: "soft small" });
  const trouble = h("p", { class: "problem", role: "alert" });
  const graphs = new Map<string, GraphView>();
  const alarms = new Map<string, AlarmsView>();
  let isPaused = false;
  let shape = "";

  function draw(answer: OperationsDocument): void {
    const next = answer.widgets.map(titleOf).join("\n");
    if (next !== shape) {
      shape = next;
      show(board, ...layOut(answer.widgets, graphs, alarms));
    }
    for (const widget of answer.widgets) {
      if (widget.kind === "graph") {
        graphs.get(widget.title)?.draw(widget, answer);
      } else if (widget.kind === "alarms") {
        alarms.get(widget.title)?.draw(widget.alarms);
      }
    }
    state.textContent = isPaused ? `As of ${clock(answer.at)}.` : `Live; ${clock(answer.at)}.`;
  }

  const period = h(
    "select",
    { id: "period", change: () => void look() },
    ...WINDOWS.map(([minutes, text]) => h("option", { value: minutes }, text)),
  );
  const pause = button("Pause", () => {
    isPaused = !isPaused;
    pause.setAttribute("aria-pressed", String(isPaused));
    void look();
  });
  pause.setAttribute("aria-pressed", "false");

  async function look(): Promise<void> {
    try {
      draw(await readOperations(Number(period.value)));
      trouble.textContent = "";
    } catch {
      trouble.textContent = "The local run does not answer. This page tries again.";
    }
  }

  frame({
    title: "Operations",
    name: "local",
    lead: h(
      "div",
      { class: "bar" },
      h("div", { class: "row" }, h("label", { for: "period" }, "The last"), period, pause),
      state,
    ),
    links: [h("a", { href: "/" }, "The app")],
    content: [trouble, breaking(), board],
  });
  void look();
  setInterval(() => {
    if (!isPaused && document.visibilityState === "visible") {
      void look();
    }
  }, POLL_MS);
}

function titleOf(widget: Widget): string {
  return `${widget.kind} ${widget.kind === "heading" ? widget.text : widget.title}`;
}

/** As the dashboard has them: a heading, then its widgets. */
function layOut(
  widgets: readonly Widget[],
  graphs: Map<string, GraphView>,
  alarms: Map<string, AlarmsView>,
): readonly HTMLElement[] {
  const parts: HTMLElement[] = [];
  let grid = h("div", { class: "graphs" });
  for (const widget of widgets) {
    if (widget.kind === "graph") {
      const view = graphs.get(widget.title) ?? createGraph(widget.title);
      graphs.set(widget.title, view);
      grid.append(view.element);
      continue;
    }
    if (widget.kind === "heading") {
      grid = h("div", { class: "graphs" });
      parts.push(h("h2", {}, widget.text), grid);
      continue;
    }
    const view = alarms.get(widget.title) ?? createAlarms(widget.title);
    alarms.set(widget.title, view);
    grid = h("div", { class: "graphs" });
    parts.push(view.element, grid);
  }
  return parts.filter((part) => part.className !== "graphs" || part.childElementCount > 0);
}

start();
