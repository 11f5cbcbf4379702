/** The pictures of docs/scale.md. */
import { HOUR_MS } from "./demand";
import type { Minute } from "./meter";
import { type Days, type Panel, plot } from "./plot";

const perSecond = (of: (minute: Minute) => number) => (minute: Minute) => of(minute) / 60;
const refused = ({ refused: by }: Minute) =>
  Object.entries(by).reduce((sum, [name, count]) => (name === "provider" ? sum : sum + count), 0);

const CALLS: Panel = {
  title: "Calls of POST /me/access-token per second, mean of each minute",
  series: [
    { name: "all calls", colour: "grey", of: perSecond(({ requests }) => requests) },
    { name: "refused by a quota", colour: "red", of: perSecond(refused) },
    { name: "kept token", colour: "green", of: perSecond(({ kept }) => kept) },
    { name: "refreshed", colour: "blue", of: perSecond(({ exchanged }) => exchanged) },
  ],
};

const PROVIDER: Panel = {
  title: "Token requests that reach the provider per second, mean of each minute",
  series: [
    { name: "with the outage", colour: "blue", of: perSecond(({ provider }) => provider) },
    {
      name: "without",
      colour: "grey",
      of: perSecond(({ provider }) => provider),
      isUsual: true,
    },
  ],
};

const PEOPLE: Panel = {
  title: "People who have asked and have no token yet",
  series: [{ name: "people", colour: "red", of: ({ without }) => without }],
};

const EXECUTIONS: Panel = {
  title: "Lambda executions at once, most in each minute",
  series: [{ name: "executions", colour: "blue", of: ({ executions }) => executions }],
};

const USUAL: Panel = {
  title: "Calls of POST /me/access-token per second, mean of each minute",
  series: [
    { name: "kept token", colour: "green", of: perSecond(({ kept }) => kept) },
    { name: "refreshed", colour: "blue", of: perSecond(({ exchanged }) => exchanged) },
    { name: "refused by a quota", colour: "red", of: perSecond(refused) },
  ],
};

/** A day without an outage, and the time around the outage. */
export function figures(days: Days): Readonly<Record<"scale-day" | "scale-outage", string>> {
  const { disturbed, usual, outage } = days;
  const isAround = ({ at }: Minute) => {
    const hour = (at % (24 * HOUR_MS)) / HOUR_MS;
    return outage === undefined || (hour >= outage.from - 0.5 && hour < outage.until + 0.5);
  };
  const calm: Days = { disturbed: usual, usual, outage: undefined };
  const near: Days = {
    disturbed: disturbed.filter(isAround),
    usual: usual.filter(isAround),
    outage,
  };
  return {
    "scale-day": plot("A day without an outage", [USUAL, EXECUTIONS], calm),
    "scale-outage": plot("The outage and its end", [CALLS, PROVIDER, EXECUTIONS, PEOPLE], near),
  };
}
