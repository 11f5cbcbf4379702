/** The alarms, first those that fire; each opens to its reason and its article. */
import { h, show } from "@rollup-vault/page/dom";
import type { Alarm } from "./document";
import { clock } from "./numbers";

export interface AlarmsView {
  readonly element: HTMLElement;
  readonly draw: (alarms: readonly Alarm[]) => void;
}

export function createAlarms(title: string): AlarmsView {
  const tiles = new Map<string, ReturnType<typeof createTile>>();
  const firing = h("ul", { class: "tiles" });
  const quiet = h("ul", { class: "tiles" });
  const count = h("summary", {});
  // On a small screen what is well is one line.
  const rest = h("details", { open: innerWidth >= 640 }, count, quiet);
  const said = h("p", { class: "hidden", role: "status" });
  const before = new Map<string, Alarm["state"]>();
  let order = "";
  return {
    element: h(
      "section",
      { class: "card", "aria-labelledby": "alarms" },
      h("h3", { id: "alarms" }, title),
      firing,
      rest,
      said,
    ),
    draw: (alarms) => {
      const fires = alarms.filter(({ state }) => state === "ALARM");
      const sorted = [...fires, ...alarms.filter(({ state }) => state === "OK")];
      for (const alarm of sorted) {
        const tile = tiles.get(alarm.name) ?? createTile(alarm);
        tiles.set(alarm.name, tile);
        tile.draw(alarm);
      }
      const changed = alarms.filter(({ name, state }) => (before.get(name) ?? "OK") !== state);
      alarms.forEach(({ name, state }) => before.set(name, state));
      if (changed.length > 0) {
        said.textContent = changed.map(({ name, state }) => `${name} is ${state}`).join(", ");
      }
      const next = sorted.map(({ name, state }) => `${name} ${state}`).join();
      if (next !== order) {
        order = next;
        const elements = sorted.map(({ name }) => tiles.get(name)?.element);
        show(firing, ...elements.slice(0, fires.length));
        show(quiet, ...elements.slice(fires.length));
      }
      const well = String(alarms.length - fires.length);
      count.textContent = fires.length === 0 ? `All ${well} are OK` : `${well} are OK`;
    },
  };
}

function createTile({ name, article, means }: Alarm) {
  const badge = h("span", {});
  const reason = h("p", { class: "small" });
  const since = h("p", { class: "small soft" });
  const id = `alarm-${name}`;
  const details = h(
    "details",
    {},
    h("summary", { id }, h("b", {}, shortOf(name)), " ", badge),
    h("p", { class: "small" }, means),
    reason,
    since,
    h("p", { class: "small" }, h("a", { href: article }, `What to do about ${shortOf(name)}`)),
  );
  const element = h("li", {}, details);
  let known: Alarm["state"] | undefined;
  return {
    element,
    draw: ({ state, reason: why, since: at }: Alarm) => {
      reason.textContent = `${why.charAt(0).toUpperCase()}${why.slice(1)}.`;
      since.textContent = `${state} since ${clock(at)}`;
      if (state !== known) {
        known = state;
        badge.textContent = state;
        badge.className = `badge ${state === "OK" ? "good" : "bad"}`;
        element.className = state === "OK" ? "" : "fires";
        details.open = state === "ALARM";
      }
    },
  };
}

/** The stage is the same for all: `RollupVault-local-ProviderDown` → `ProviderDown` */
function shortOf(name: string): string {
  return name.split("-").at(-1) ?? name;
}
