/** What every view has: where it is, and a way to change something that asks first. */
import type { Question } from "./question";
import type { Place } from "./wire";

interface Change extends Omit<Question, "place"> {
  /** What is said afterwards. */
  readonly done: string;
  /** @param typed what the operator has typed */
  readonly work: (typed: string) => Promise<void>;
}

export interface Desk {
  readonly place: Place;
  readonly change: (change: Change) => Promise<void>;
}

/** In view all the time. */
export function placeText({ place }: Place): string {
  return place === null
    ? "Local run on this machine"
    : `Stage ${place.stage} · account ${place.account} · region ${place.region}`;
}
