/** Attributes as a person edits them: one JSON text, or one row for each member. */

/** What JSON has between braces. */
export type Attributes = Readonly<Record<string, unknown>>;

export type Row = readonly [name: string, value: string];

/** @returns what is wrong, in words, if it is not one JSON object */
export function readText(text: string): Attributes | string {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Attributes)
      : "It must be one JSON object, in braces.";
  } catch {
    return "This is not JSON yet.";
  }
}

export function textOf(attributes: Attributes): string {
  return JSON.stringify(attributes, undefined, 2);
}

/** A text that would be read as something else keeps its quotes. */
export function rowsOf(attributes: Attributes): readonly Row[] {
  return Object.entries(attributes).map(([name, value]) => {
    const isPlain = typeof value === "string" && valueOf(value) === value;
    return [name, isPlain ? value : JSON.stringify(value)];
  });
}

/** Rows without a name are left out. @returns what is wrong, in words, if two have the same name */
export function readRows(rows: readonly Row[]): Attributes | string {
  const named = rows.filter(([name]) => name.trim() !== "");
  const entries = named.map(([name, value]): [string, unknown] => [name.trim(), valueOf(value)]);
  const names = entries.map(([name]) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  return twice === undefined ? Object.fromEntries(entries) : `“${twice}” is there twice.`;
}

/** `true`, `12`, `["a"]` as JSON; everything else is text. */
function valueOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** RFC 7396: a member is removed by a null. */
export function changeTo(before: Attributes, after: Attributes): Record<string, unknown> {
  const gone = Object.keys(before).filter((name) => !Object.hasOwn(after, name));
  return { ...Object.fromEntries(gone.map((name) => [name, null])), ...after };
}
