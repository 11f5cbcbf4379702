/** Request and answer of the one that is pointed at, without what is secret. */
import { h, show } from "../dom";
import type { Message } from "./redact";
import { answerText, type Call, isBad, type NameOf } from "./steps";

/** Of one line and of all that is around, in `rem`. */
const [LINE, AROUND] = [1.25, 5.5];

/** @param calls all that may be shown */
export function detailsOf(
  calls: readonly Call[],
  nameOf: NameOf,
): {
  readonly element: HTMLElement;
  readonly show: (call: Call) => void;
} {
  const element = h("div", { class: "exchange" });
  // As high as the highest, so that nothing below moves from one to the next.
  const lines = calls.flatMap(({ request, answer }) => [linesOf(request), linesOf(answer)]);
  element.style.minHeight = `${String(AROUND + LINE * Math.max(1, ...lines))}rem`;
  return {
    element,
    show: (call) => {
      show(
        element,
        h("p", {}, h("strong", {}, sentenceOf(call, nameOf))),
        part("Request", [call.what], call.request),
        part("Answer", [outcomeOf(call)], call.answer, isBad(call)),
      );
    },
  };
}

function linesOf({ headers, body = "" }: Message = { headers: [] }): number {
  return 2 + headers.length + body.split("\n").length;
}

export function sentenceOf(call: Call, nameOf: NameOf): string {
  const { at, from, to, what, by } = call;
  const asker = by === undefined ? nameOf(from) : `${nameOf(from)} (${by})`;
  const answer = outcomeOf(call);
  return `${asker} asks ${nameOf(to)} at ${String(Math.round(at))} ms: ${what}. ${answer}`;
}

function outcomeOf(call: Call): string {
  const { durationMs, status } = call;
  const time = durationMs === undefined ? "" : ` after ${String(durationMs)} ms`;
  if (status === undefined) {
    return "Its answer is not recorded.";
  }
  return status === null ? `No answer${time}.` : `${answerText(call)}${time}.`;
}

function part(name: string, first: readonly string[], message?: Message, bad = false): HTMLElement {
  const { headers = [], body } = message ?? {};
  const lines = [...first, ...headers, ...(body === undefined ? [] : ["", body])];
  const hidden = message === undefined && "Its contents are never recorded.";
  return h(
    "div",
    {},
    h("h3", {}, name),
    h("pre", { class: bad ? "bad" : "" }, lines.join("\n")),
    hidden && h("p", { class: "soft" }, hidden),
  );
}
