/** What a body has, as a table of members. */
import { h } from "../dom";
import { type Contract, nameOf, resolve, type Schema } from "./contract";
import { inline } from "./text";

const DEEPEST = 3;

interface Member {
  readonly name: string;
  readonly schema: Schema;
  readonly isRequired: boolean;
}

export function schemaTable(contract: Contract, schema: Schema, caption: string): HTMLElement {
  const members = membersOf(contract, schema, "", 0);
  const row = ({ name, schema: member, isRequired }: Member) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, h("code", {}, name)),
      h("td", {}, kindOf(contract, member), isRequired ? "" : ", may be missing"),
      h("td", {}, ...inline(resolve(contract, member).description ?? "")),
    );
  return members.length === 0
    ? h("p", { class: "soft" }, kindOf(contract, schema))
    : h(
        "div",
        { class: "table", tabindex: 0, role: "region", "aria-label": caption },
        h(
          "table",
          {},
          h("caption", { class: "hidden" }, caption),
          h("thead", {}, h("tr", {}, ...["Member", "Kind", "What it is"].map(head))),
          h("tbody", {}, ...members.map(row)),
        ),
      );
}

function head(text: string): HTMLElement {
  return h("th", { scope: "col" }, text);
}

function membersOf(
  contract: Contract,
  raw: Schema,
  before: string,
  depth: number,
): readonly Member[] {
  const schema = resolve(contract, raw);
  const parts = schema.oneOf;
  if (parts !== undefined && depth === 0) {
    return parts.flatMap((part, index) =>
      membersOf(contract, part, before, depth).map((member) => ({
        ...member,
        name: `${member.name} (${String(index + 1)})`,
      })),
    );
  }
  if (schema.items !== undefined) {
    return membersOf(contract, schema.items, `${before}[].`, depth);
  }
  return Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
    const isRequired = schema.required?.includes(name) === true;
    const path = before + name;
    const inner = depth < DEEPEST ? membersOf(contract, member, `${path}.`, depth + 1) : [];
    return [{ name: path, schema: member, isRequired }, ...inner];
  });
}

function kindOf(contract: Contract, raw: Schema): string {
  const schema = resolve(contract, raw);
  if (schema.const !== undefined) {
    return JSON.stringify(schema.const);
  }
  if (schema.enum !== undefined) {
    return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  }
  const types = typeof schema.type === "string" ? [schema.type] : (schema.type ?? []);
  const { minimum, maximum, format } = schema;
  const bounds =
    minimum === undefined && maximum === undefined
      ? ""
      : ` (${String(minimum ?? "")}…${String(maximum ?? "")})`;
  return `${types.join(" | ") || (nameOf(raw) ?? "any JSON")}${format === undefined ? "" : ` (${format})`}${bounds}`;
}
