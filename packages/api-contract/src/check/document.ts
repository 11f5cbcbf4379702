/** Look-ups in the contract, for tests. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

export type Members = Readonly<Record<string, unknown>>;

export interface Found {
  /** JSON Pointer of the response in the document, references followed. */
  readonly pointer: string;
  readonly response: Members;
  /** What is documented, for people: `GET /me 200`. */
  readonly name: string;
}

export interface Operation {
  readonly method: string;
  /** As the document writes it, e.g. `/sessions/{id}`. */
  readonly path: string;
  readonly operation: Members;
  readonly pointer: string;
}

const FILE = join(__dirname, "../../../../docs/openapi.json");
const METHODS = ["get", "put", "patch", "post", "delete"];

export function readContract(): Members {
  return JSON.parse(readFileSync(FILE, "utf8")) as Members;
}

export function members(value: unknown): Members {
  return typeof value === "object" && value !== null ? (value as Members) : {};
}

export function token(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** @returns what a pointer points to, references followed */
export function follow(document: Members, pointer: string): { pointer: string; value: Members } {
  const value = pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce((at, name) => members(at[name]), document);
  const reference = value["$ref"];
  return typeof reference === "string" ? follow(document, reference.slice(1)) : { pointer, value };
}

export function operationsOf(document: Members): Operation[] {
  return Object.entries(members(document["paths"])).flatMap(([path, item]) =>
    METHODS.filter((method) => method in members(item)).map((method) => ({
      method: method.toUpperCase(),
      path,
      operation: members(members(item)[method]),
      pointer: `/paths/${token(path)}/${method}`,
    })),
  );
}

/** A path without parameters goes before one with them, as in the gateway. */
export function operationFor(
  document: Members,
  method: string,
  path: string,
): Operation | undefined {
  const found = operationsOf(document).filter(
    (each) => each.method === method && fits(each.path, path),
  );
  return found.find((each) => each.path === path) ?? found[0];
}

function fits(pattern: string, path: string): boolean {
  const [wanted, actual] = [pattern.split("/"), path.split("/")];
  return (
    wanted.length === actual.length &&
    wanted.every((part, at) => (part.startsWith("{") ? actual[at] !== "" : part === actual[at]))
  );
}

/** The response that an operation, or the lack of one, has for a status. */
export function responseFor(
  document: Members,
  operation: Operation | undefined,
  status: number,
): Found {
  const unlisted = members(document["x-unlisted"]);
  const [base, listed, who] =
    operation === undefined
      ? (["/x-unlisted", unlisted, "unlisted"] as const)
      : ([
          `${operation.pointer}/responses`,
          members(operation.operation["responses"]),
          `${operation.method} ${operation.path}`,
        ] as const);
  if (operation === undefined && !(String(status) in listed)) {
    const { pointer, value } = follow(document, "/components/responses/Otherwise");
    return { pointer, response: value, name: "unlisted default" };
  }
  const key = String(status) in listed ? String(status) : "default";
  const { pointer, value } = follow(document, `${base}/${key}`);
  return { pointer, response: value, name: `${who} ${key}` };
}

/** Every documented response: some test must produce each. */
export function promisesOf(document: Members): string[] {
  const ofOperations = operationsOf(document).flatMap(({ method, path, operation }) =>
    Object.keys(members(operation["responses"])).map((status) => `${method} ${path} ${status}`),
  );
  const schemas = members(members(document["components"])["schemas"]);
  const codes = Object.values(schemas).flatMap((schema) => {
    const { code, type } = members(members(schema)["properties"]);
    return String(members(type)["const"]).startsWith("urn:rollup-vault:problem:")
      ? [`code ${String(members(code)["const"])}`]
      : [];
  });
  const reasons = members(members(members(schemas["NeedsSignInProblem"])["properties"])["reason"]);
  const media = Object.entries(members(members(document["components"])["responses"])).flatMap(
    ([name, response]) =>
      Object.keys(members(members(response)["content"])).map((type) => `${name} as ${type}`),
  );
  return [
    ...ofOperations,
    ...Object.keys(members(document["x-unlisted"])).map((status) => `unlisted ${status}`),
    ...codes,
    ...(reasons["enum"] as string[]).map((reason) => `reason ${reason}`),
    ...media,
  ];
}
