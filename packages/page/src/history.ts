import type { Connection } from "./vault";
import { actorText, outcomeText } from "./words";

type Entry = Connection["history"][number];

/** What happened some times in a row, told once. */
export interface Told {
  readonly word: string;
  readonly tone: string;
  readonly times: number;
  /** Who did it, the latest first, each once. */
  readonly who: readonly string[];
  /** Of the latest. */
  readonly at: string;
}

/** The newest first. @param history the oldest first, as the API has it */
export function toldOf(history: readonly Entry[], provider: string): readonly Told[] {
  const told: Told[] = [];
  for (const entry of history.toReversed()) {
    const { at, by, outcome, gained = [], lost = [] } = entry;
    const scopes = [...gained.map((name) => ` +${name}`), ...lost.map((name) => ` −${name}`)];
    const [text, tone] = outcomeText(outcome, provider);
    const word = [text, ...scopes].join("");
    const last = told.at(-1);
    if (last?.word === word) {
      const who = [...new Set([...last.who, actorText(by)])];
      told[told.length - 1] = { ...last, who, times: last.times + 1 };
    } else {
      told.push({ word, tone, times: 1, who: [actorText(by)], at });
    }
  }
  return told;
}
