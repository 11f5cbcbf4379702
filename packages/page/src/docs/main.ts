/** The page of the API: its contract, samples, and each operation to be tried out. */
import { button, card, h, show } from "../dom";
import { pageTop } from "../page-top";
import { readSettings } from "../settings";
import { type Contract, nameOf, type Operation, operationsOf } from "./contract";
import { credentialOf, curlOf, typescriptOf } from "./samples";
import { schemaTable } from "./schema-view";
import { sessionOfThisTab } from "./session";
import { inline, paragraphs } from "./text";
import { type Target, tryIt } from "./try-it";

async function start(): Promise<void> {
  const settings = readSettings();
  const main = h("main", { id: "main", tabindex: -1 }, h("p", { class: "loading" }, "One moment…"));
  const nav = h("nav", { "aria-label": "Operations" });
  document.body.replaceChildren(
    ...pageTop(main, "API docs", [
      h("a", { href: "/" }, "The app"),
      h("a", { href: `${settings.apiUrl}/openapi.json`, class: "wide" }, "openapi.json"),
    ]),
    h("div", { class: "frame docs" }, nav, main),
  );
  const contract = (await (await fetch("/docs/openapi.json")).json()) as Contract;
  const operations = operationsOf(contract);
  const { apiUrl, transport } = settings;
  const token = h("input", {
    id: "token",
    type: "password",
    autocomplete: "off",
    spellcheck: "false",
    "aria-describedby": "token-says",
  });
  const target: Target = { apiUrl, transport, token };
  const says = h("p", { id: "token-says", class: "soft", role: "status" });
  show(nav, ...contract.tags.flatMap(({ name }) => linksOf(name, operations)));
  show(
    main,
    h("h1", {}, `The API of ${contract.info.title}`, h("small", {}, ` ${contract.info.version}`)),
    ...paragraphs(contract.info.description),
    card(
      "Try it",
      h("p", {}, ...inline(`Every operation can be sent to \`${apiUrl}\`.`)),
      h("div", { class: "labelled" }, h("label", { for: "token" }, "Session or ID token"), token),
      says,
    ),
    ...contract.tags.map(({ name, description }) =>
      groupOf(name, description, { contract, operations, target }),
    ),
  );
  document.getElementById(location.hash.slice(1))?.scrollIntoView();
  const session = await sessionOfThisTab(settings);
  token.value = session ?? "";
  show(says, session === undefined ? NOBODY[transport] : "Filled in with the session of this tab.");
}

const NOBODY = {
  bearer: "Nobody is signed in in this tab. Sign in on the app’s page, and come back.",
  cookie: "The session is in a cookie: it goes with each request by itself.",
} as const;

function linksOf(tag: string, operations: readonly Operation[]): readonly HTMLElement[] {
  return [
    h("strong", {}, tag),
    ...operations
      .filter((operation) => operation.tag === tag)
      .map(({ id, summary }) => h("a", { href: `#${id}` }, summary)),
  ];
}

interface Shown {
  readonly contract: Contract;
  readonly operations: readonly Operation[];
  readonly target: Target;
}

function groupOf(name: string, description: string, shown: Shown): HTMLElement {
  const id = `tag-${name.toLowerCase().replace(" ", "-")}`;
  return h(
    "section",
    { class: "stack", "aria-labelledby": id },
    h("h2", { id }, name),
    h("p", { class: "soft" }, ...inline(description)),
    ...shown.operations
      .filter(({ tag }) => tag === name)
      .map((operation) => operationCard(operation, shown)),
  );
}

const NEEDS = {
  session: "A session, or an ID token",
  "ID token": "An ID token",
  AWS: "AWS Signature Version 4",
  none: "Nothing: anybody may ask",
} as const;

function operationCard(operation: Operation, { contract, target }: Shown): HTMLElement {
  const { id, method, path, summary, description, body } = operation;
  const needs = operation.security.length > 0 ? credentialOf(operation) : "none";
  return h(
    "article",
    { class: "card operation", id, "aria-labelledby": `${id}-title` },
    h("h3", { id: `${id}-title` }, summary),
    h("p", { class: "route" }, h("span", { class: "badge" }, method), h("code", {}, path)),
    ...paragraphs(description),
    h("p", { class: "soft" }, `Needs: ${NEEDS[needs]}.`),
    parametersOf(operation),
    body?.schema !== undefined && h("h4", {}, "Body"),
    body?.schema !== undefined &&
      schemaTable(contract, body.schema, `Members of the body of “${summary}”`),
    samples(operation, target.apiUrl),
    h("details", {}, h("summary", {}, `Try ${method} ${path}`), tryIt(operation, target)),
    h("h4", {}, "Answers"),
    ...answersOf(operation, contract),
  );
}

function parametersOf({ parameters }: Operation): HTMLElement | undefined {
  if (parameters.length === 0) {
    return undefined;
  }
  const rows = parameters.map(({ name, in: place, required, description = "" }) =>
    h(
      "li",
      {},
      h("code", {}, name),
      ` (${place}${required === true ? "" : ", may be missing"}): `,
      ...inline(description),
    ),
  );
  return h("ul", { class: "parameters" }, ...rows);
}

function answersOf({ answers, summary }: Operation, contract: Contract): readonly HTMLElement[] {
  return answers.map(({ status, description, schema, example }) => {
    const line = [
      h("span", { class: `badge ${toneOf(status)}` }, status === "default" ? "any other" : status),
      h("span", {}, " ", ...inline(description)),
    ];
    return schema === undefined
      ? h("p", { class: "plain-answer" }, ...line)
      : h(
          "details",
          {},
          h("summary", {}, ...line),
          schemaTable(contract, schema, `${status}: ${nameOf(schema) ?? "body"} of “${summary}”`),
          example !== undefined &&
            code(JSON.stringify(example, undefined, 2), `Example of ${status} of “${summary}”`),
        );
  });
}

function toneOf(status: string): string {
  return status.startsWith("2") ? "good" : status.startsWith("5") ? "bad" : "warn";
}

function samples(operation: Operation, apiUrl: string): HTMLElement {
  const texts = { curl: curlOf(operation, apiUrl), TypeScript: typescriptOf(operation, apiUrl) };
  const place = h("div", {});
  const choose = (name: keyof typeof texts) => {
    show(place, code(texts[name], `${operation.summary} in ${name}`));
    for (const each of buttons) {
      each.setAttribute("aria-pressed", String(each.textContent === name));
    }
  };
  const buttons = (["curl", "TypeScript"] as const).map((name) =>
    button(name, () => {
      choose(name);
    }),
  );
  const label = `Language of the sample of “${operation.summary}”`;
  choose("curl");
  return h(
    "div",
    { class: "samples" },
    h("div", { class: "row", role: "group", "aria-label": label }, ...buttons),
    place,
  );
}

function code(text: string, label: string): HTMLElement {
  return h("pre", { class: "answer", tabindex: 0, role: "region", "aria-label": label }, text);
}

void start();
