/** Breaks what is around the functions, to see which alarms that sets off. */
import { button, h } from "@rollup-vault/page/dom";
import { changeTroubles, readTroubles, type Troubles } from "./wire";

interface Service {
  readonly member: keyof Troubles;
  readonly title: string;
  readonly ways: readonly (readonly [way: string, text: string])[];
}

const REFUSES_OR_FAILS = [
  ["refuses", "refuses"],
  ["fails", "fails"],
] as const;

const SERVICES: readonly Service[] = [
  { member: "provider", title: "Provider", ways: [["down", "is down"]] },
  { member: "kms", title: "KMS", ways: REFUSES_OR_FAILS },
  { member: "dynamodb", title: "DynamoDB", ways: REFUSES_OR_FAILS },
  {
    member: "secretsmanager",
    title: "Client secret",
    ways: [["empty", "is not there"], ...REFUSES_OR_FAILS],
  },
  {
    member: "functions",
    title: "Functions",
    ways: [
      ["killed", "are killed"],
      ["throttled", "are throttled"],
    ],
  },
  { member: "recovery", title: "Recovery", ways: [["off", "is off"]] },
];

const NOTHING = Object.fromEntries(SERVICES.map(({ member }) => [member, null]));

export function breaking(): HTMLElement {
  const state = h("p", { class: "soft small", role: "status" });
  const switches = SERVICES.flatMap(({ member, title, ways }) =>
    ways.map(([way, text]) => {
      const toggle = async () => {
        await tell({ [member]: element.getAttribute("aria-pressed") === "true" ? null : way });
      };
      const label = `${title} ${text}`;
      const element = button(text, toggle, { id: `break-${member}-${way}`, label });
      return { member, way, element, label };
    }),
  );
  const draw = (troubles: Troubles) => {
    for (const { member, way, element } of switches) {
      element.setAttribute("aria-pressed", String(troubles[member] === way));
    }
    const broken = switches.filter(({ member, way }) => troubles[member] === way);
    state.textContent =
      broken.length === 0
        ? "Nothing is broken."
        : `${broken.map(({ label }) => label).join("; ")}. Mend it when you have seen the alarm.`;
  };
  const tell = async (changes?: Partial<Troubles>) => {
    try {
      draw(await (changes === undefined ? readTroubles() : changeTroubles(changes)));
    } catch {
      state.textContent = "The local run does not answer.";
    }
  };
  void tell();
  return h(
    "section",
    { class: "card", "aria-labelledby": "break-title" },
    h("h2", { id: "break-title" }, "Break something"),
    h(
      "p",
      { class: "soft small" },
      "Only on this machine. An alarm needs requests: use the app, or run ",
      h("code", {}, "npm run tour"),
      ". What a person has to mend fires at once; what may pass by itself has to last for three minutes of five.",
    ),
    h(
      "div",
      { class: "breaks" },
      ...SERVICES.map(({ member, title }) =>
        h(
          "div",
          { class: "chips", role: "group", "aria-label": title },
          h("span", { "aria-hidden": "true" }, title),
          ...switches.filter((each) => each.member === member).map(({ element }) => element),
        ),
      ),
    ),
    h(
      "div",
      { class: "row" },
      button("Mend everything", () => tell(NOTHING), { id: "mend" }),
      state,
    ),
  );
}
