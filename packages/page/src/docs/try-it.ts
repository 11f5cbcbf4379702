/** Sends an operation to the running API, as this tab's user. */
import { button, h, show } from "../dom";
import type { Operation, Parameter } from "./contract";
import { credentialOf, fieldsOf } from "./samples";

export interface Target {
  readonly apiUrl: string;
  readonly transport: "bearer" | "cookie";
  /** What is sent as the bearer. */
  readonly token: HTMLInputElement;
}

export function tryIt(operation: Operation, target: Target): HTMLElement {
  if (credentialOf(operation) === "AWS") {
    return h("p", { class: "soft" }, "A backend signs this with its AWS credentials: use curl.");
  }
  const fields = fieldsOf(operation).map((parameter) => fieldOf(operation, parameter));
  const body = operation.body && bodyOf(operation);
  const answer = h("pre", { class: "answer", hidden: true, tabindex: 0, "aria-label": "Answer" });
  const state = h("p", { role: "status", class: "soft" });
  const send = async () => {
    show(state, "Sending…");
    const values = new Map(fields.map(({ parameter, input }) => [parameter, input.value.trim()]));
    const request = requestFor(operation, { target, values, body: body?.input.value });
    const startedAt = performance.now();
    try {
      const response = await fetch(request);
      const text = await response.text();
      const time = Math.round(performance.now() - startedAt);
      show(state, `${String(response.status)} after ${String(time)} ms`);
      answer.textContent = text === "" ? "(no body)" : pretty(text);
      answer.hidden = false;
    } catch {
      show(state, "No answer came: the API cannot be reached, or a value is not allowed.");
      answer.hidden = true;
    }
  };
  const name = `Send ${operation.method} ${operation.path}`;
  return h(
    "div",
    { class: "stack" },
    ...fields.map(({ element }) => element),
    body?.element,
    h(
      "div",
      { class: "row" },
      button("Send", send, { kind: "primary", label: name, id: `send-${operation.id}` }),
      state,
    ),
    answer,
  );
}

function fieldOf({ id }: Operation, parameter: Parameter) {
  const name = `${id}-${parameter.name}`;
  const input = h("input", { id: name, autocomplete: "off", spellcheck: "false" });
  const label = h("label", { for: name }, h("code", {}, parameter.name), ` (${parameter.in})`);
  return { parameter, input, element: h("div", { class: "labelled" }, label, input) };
}

function bodyOf({ id, body }: Operation) {
  const text = JSON.stringify(body?.example, undefined, 2);
  const name = `${id}-body`;
  const rows = Math.min(12, text.split("\n").length);
  const input = h("textarea", { id: name, rows, spellcheck: "false", autocomplete: "off" });
  input.value = text;
  const label = h("label", { for: name }, "Body, as JSON");
  return { input, element: h("div", { class: "labelled" }, label, input) };
}

interface Filled {
  readonly target: Target;
  readonly values: ReadonlyMap<Parameter, string>;
  readonly body: string | undefined;
}

function requestFor(operation: Operation, { target, values, body }: Filled): Request {
  const { apiUrl, transport, token } = target;
  let { path } = operation;
  const query = new URLSearchParams();
  const headers = new Headers();
  for (const [{ name, in: place }, value] of values) {
    if (place === "path") {
      path = path.replace(`{${name}}`, encodeURIComponent(value));
    } else if (value !== "" && place === "query") {
      query.set(name, value);
    } else if (value !== "") {
      headers.set(name, value);
    }
  }
  if (credentialOf(operation) !== "none" && token.value !== "") {
    headers.set("authorization", `Bearer ${token.value}`);
  }
  if (body !== undefined) {
    headers.set("content-type", "application/json");
  }
  if (transport === "cookie") {
    headers.set("x-rollup-vault", "1");
  }
  const search = query.size === 0 ? "" : `?${query.toString()}`;
  return new Request(`${apiUrl}${path}${search}`, {
    method: operation.method,
    headers,
    ...(body !== undefined && { body }),
    credentials: transport === "cookie" ? "include" : "omit",
  });
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}
