/** Breaks the local provider, to see what a user would see. Not part of an app. */
import { button, h, show } from "../dom";
import type { Faults } from "../settings";

interface Fault {
  readonly name: string;
  readonly says: string;
  readonly programme: Readonly<Record<string, unknown>>;
}

const next = (fault: object) => ({ token: [fault] });
const REFUSED = { code: "UNAUTHORIZED", message: "invalid token", name: "RollupError" };

const DOWN = { name: "Down", says: "nothing answers", programme: { down: true } };
const ANSWERS: readonly Fault[] = [
  { name: "500", says: "the next token answer", programme: next({ kind: "status", status: 500 }) },
  {
    name: "Slow",
    says: "the next token answer takes 3 s",
    programme: next({ kind: "slow", delay_ms: 3_000 }),
  },
  { name: "HTML", says: "the next token answer", programme: next({ kind: "html" }) },
];
const CUT_OFF: Fault = {
  name: "Cut off",
  says: "half of the next token answer",
  programme: next({ kind: "cut_off" }),
};
const LIFETIME = {
  id: "lifetime",
  label: "Access tokens live for",
  member: "access_token_lifetime_seconds",
} as const;

interface Choice {
  readonly id: string;
  readonly label: string;
  readonly member: string;
  readonly options: readonly (readonly [value: string, text: string])[];
}

/** What each kind of local provider can be told. */
const OFFERS: Readonly<
  Record<Faults["kind"], { readonly faults: readonly Fault[]; readonly choices: readonly Choice[] }>
> = {
  "rollup-id": {
    faults: [
      DOWN,
      ...ANSWERS,
      {
        name: "Dead grant",
        says: "the next token answer is 401",
        programme: next({ kind: "status", status: 401, body: REFUSED }),
      },
      CUT_OFF,
      { name: "New keys", says: "a new signing key now", programme: { keys: "rotate" } },
    ],
    choices: [
      {
        ...LIFETIME,
        options: [
          ["3600", "1 hour"],
          ["90", "90 seconds"],
          ["20", "20 seconds"],
        ],
      },
      {
        id: "rotation",
        label: "Refresh tokens rotate",
        member: "rotation",
        options: [
          ["none", "never (Rollup ID)"],
          ["grace", "with grace"],
          ["strict", "strictly"],
        ],
      },
    ],
  },
  oidc: {
    faults: [
      DOWN,
      ...ANSWERS,
      {
        name: "Answer lost",
        says: "the next token request is processed and not answered",
        programme: next({ kind: "no_answer" }),
      },
      CUT_OFF,
      { name: "Revoke", says: "all connections end at the provider", programme: { revoke: "all" } },
    ],
    choices: [
      {
        ...LIFETIME,
        options: [
          ["null", "as long as the provider’s"],
          ["90", "90 seconds"],
          ["20", "20 seconds"],
        ],
      },
    ],
  },
};

type Programme = Readonly<Record<string, unknown>>;

export function faultsPanel(title: string, { url, kind }: Faults): HTMLElement {
  const { faults, choices } = OFFERS[kind];
  const state = h("p", { class: "soft", role: "status" }, "");
  const buttons = new Map<Fault, HTMLButtonElement>();
  const selects = choices.map(createSelect);
  const draw = (programme: Programme) => {
    for (const [fault, element] of buttons) {
      element.setAttribute("aria-pressed", String(isOn(fault, programme)));
    }
    for (const { select, member } of selects) {
      select.value = String(programme[member]);
    }
    show(state, describe(title, programme));
  };
  const send = async (programme?: Programme) => {
    try {
      const method = programme === undefined ? "GET" : "POST";
      const body = programme && JSON.stringify(programme);
      draw((await (await fetch(url, { method, body })).json()) as Programme);
    } catch {
      show(state, `The local ${title} cannot be reached.`);
    }
  };
  for (const fault of faults) {
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
      void send({
        [member]: /^(?:\d+|null)$/.test(value) ? (JSON.parse(value) as unknown) : value,
      });
    });
  }
  void send();
  return h(
    "section",
    { class: "card panel", "aria-labelledby": "faults-title" },
    h("h2", { id: "faults-title" }, `Break ${title}`),
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

function createSelect({ id, label, member, options }: Choice) {
  const select = h(
    "select",
    { id },
    ...options.map(([value, text]) => h("option", { value }, text)),
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

function describe(title: string, programme: Programme): string {
  if (programme["down"] === true) {
    return `${title} is down until you bring it back.`;
  }
  const count = queued(programme).length;
  return count === 0
    ? `${title} works as usual.`
    : `The next token answer is broken${count > 1 ? `, ${String(count)} in all` : ""}.`;
}
