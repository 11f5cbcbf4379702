/** Breaks the local Rollup ID, to see what a user would see. Not part of an app. */
import { button, h, show } from "../dom";

interface Fault {
  readonly name: string;
  readonly says: string;
  readonly programme: Readonly<Record<string, unknown>>;
}

const next = (fault: object) => ({ token: [fault] });
const REFUSED = { code: "UNAUTHORIZED", message: "invalid token", name: "RollupError" };

const FAULTS: readonly Fault[] = [
  { name: "Down", says: "nothing answers", programme: { down: true } },
  { name: "500", says: "the next token answer", programme: next({ kind: "status", status: 500 }) },
  {
    name: "Slow",
    says: "the next token answer takes 3 s",
    programme: next({ kind: "slow", delay_ms: 3_000 }),
  },
  { name: "HTML", says: "the next token answer", programme: next({ kind: "html" }) },
  {
    name: "Dead grant",
    says: "the next token answer is 401",
    programme: next({ kind: "status", status: 401, body: REFUSED }),
  },
  { name: "Cut off", says: "half of the next token answer", programme: next({ kind: "cut_off" }) },
  { name: "New keys", says: "a new signing key now", programme: { keys: "rotate" } },
];

const CHOICES = [
  {
    id: "lifetime",
    label: "Access tokens live for",
    member: "access_token_lifetime_seconds",
    options: { "3600": "1 hour", "90": "90 seconds", "20": "20 seconds" },
  },
  {
    id: "rotation",
    label: "Refresh tokens rotate",
    member: "rotation",
    options: { none: "never (Rollup ID)", grace: "with grace", strict: "strictly" },
  },
] as const;

type Programme = Readonly<Record<string, unknown>>;

export function faultsPanel(issuer: string): HTMLElement {
  const state = h("p", { class: "soft", role: "status" }, "");
  const buttons = new Map<Fault, HTMLButtonElement>();
  const selects = CHOICES.map(createSelect);
  const draw = (programme: Programme) => {
    for (const [fault, element] of buttons) {
      element.setAttribute("aria-pressed", String(isOn(fault, programme)));
    }
    for (const { select, member } of selects) {
      select.value = String(programme[member]);
    }
    show(state, describe(programme));
  };
  const send = async (programme?: Programme) => {
    try {
      const method = programme === undefined ? "GET" : "POST";
      const body = programme && JSON.stringify(programme);
      draw((await (await fetch(`${issuer}/faults`, { method, body })).json()) as Programme);
    } catch {
      show(state, "The local Rollup ID cannot be reached.");
    }
  };
  for (const fault of FAULTS) {
    const toggle = () =>
      send(
        buttons.get(fault)?.getAttribute("aria-pressed") === "true"
          ? { reset: true }
          : fault.programme,
      );
    buttons.set(
      fault,
      button(fault.name, toggle, {
        id: `fault-${fault.name.toLowerCase().replace(" ", "-")}`,
        label: `${fault.name}: ${fault.says}`,
      }),
    );
  }
  for (const { select, member } of selects) {
    select.addEventListener("change", () => {
      const { value } = select;
      void send({ [member]: /^\d+$/.test(value) ? Number(value) : value });
    });
  }
  void send();
  return h(
    "section",
    { class: "card panel", "aria-labelledby": "faults-title" },
    h("h2", { id: "faults-title" }, "Break Rollup ID"),
    h("p", { class: "soft" }, "Only on this machine: see what your users would see."),
    h("div", { class: "chips", role: "group", "aria-label": "Faults" }, ...buttons.values()),
    ...selects.map(({ field }) => field),
    state,
    h(
      "div",
      { class: "row" },
      button("Back to normal", () => send({ reset: true }), { id: "faults-reset" }),
    ),
  );
}

function createSelect({ id, label, member, options }: (typeof CHOICES)[number]) {
  const select = h(
    "select",
    { id },
    ...Object.entries(options).map(([value, text]) => h("option", { value }, text)),
  );
  return {
    select,
    member,
    field: h("div", { class: "field" }, h("label", { for: id }, label), select),
  };
}

function queued(
  programme: Programme,
): readonly { readonly kind: string; readonly status?: number }[] {
  return (programme["token"] ?? []) as readonly {
    readonly kind: string;
    readonly status?: number;
  }[];
}

function isOn({ programme: wanted }: Fault, programme: Programme): boolean {
  const [fault] = queued(wanted);
  return fault === undefined
    ? wanted["down"] === true && programme["down"] === true
    : queued(programme).some(({ kind, status }) => kind === fault.kind && status === fault.status);
}

function describe(programme: Programme): string {
  if (programme["down"] === true) {
    return "Rollup ID is down until you bring it back.";
  }
  const count = queued(programme).length;
  return count === 0
    ? "Rollup ID works as usual."
    : `The next token answer is broken${count > 1 ? `, ${String(count)} in all` : ""}.`;
}
