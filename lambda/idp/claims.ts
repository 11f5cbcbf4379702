/**
 * Selects the claims that are stored: those in a list, each in the listed form (S23). Others are
 * dropped without an error, as is text that UTF-8 cannot encode (a lone surrogate), which no store
 * could give back.
 */
import type { Claims, JsonValue } from "../model";

/** The form in which a claim is stored. */
export interface ClaimRule {
  readonly name: string;
  readonly kind: "string" | "url" | "boolean";
  readonly maxLength: number;
}

/** A claim that is a list of objects. */
export interface RecordsRule {
  readonly name: string;
  /** Members of each entry that are stored, as strings. */
  readonly members: readonly string[];
  readonly maxLength: number;
  readonly maxEntries: number;
}

type Members = Readonly<Record<string, unknown>>;

export function pickClaims(payload: Members, rules: readonly ClaimRule[]): Claims {
  return pickEach(payload, rules, pick);
}

export function pickRecords(payload: Members, rules: readonly RecordsRule[]): Claims {
  return pickEach(payload, rules, pickList);
}

function pickEach<R extends { readonly name: string }>(
  payload: Members,
  rules: readonly R[],
  pickOne: (value: unknown, rule: R) => JsonValue | undefined,
): Claims {
  return Object.fromEntries(
    rules.flatMap((rule) => {
      const value = pickOne(ownMember(payload, rule.name), rule);
      return value === undefined ? [] : [[rule.name, value] as const];
    }),
  );
}

function pick(value: unknown, rule: ClaimRule): JsonValue | undefined {
  switch (rule.kind) {
    case "boolean":
      return pickBoolean(value);
    case "string":
      return isText(value, rule.maxLength) ? value : undefined;
    case "url":
      return isText(value, rule.maxLength) && isWebAddress(value) ? value : undefined;
  }
}

/** Apple and older versions of Cognito send `"true"`. */
function pickBoolean(value: unknown): boolean | undefined {
  if (value === "true" || value === "false") {
    return value === "true";
  }
  return typeof value === "boolean" ? value : undefined;
}

/** All entries or none: a part of a list would say something that the provider did not. */
function pickList(
  value: unknown,
  { members, maxLength, maxEntries }: RecordsRule,
): JsonValue | undefined {
  if (!Array.isArray(value) || value.length > maxEntries) {
    return undefined;
  }
  const entries = value.map((entry: unknown) => {
    const texts = members.map((name) => [name, ownMember(entry, name)] as const);
    const kept = texts.filter((text): text is readonly [string, string] =>
      isText(text[1], maxLength),
    );
    return kept.length === members.length ? Object.fromEntries(kept) : undefined;
  });
  return entries.every((entry) => entry !== undefined) ? entries : undefined;
}

function ownMember(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Members)[name]
    : undefined;
}

function isText(value: unknown, maxLength: number): value is string {
  return (
    typeof value === "string" && value !== "" && value.length <= maxLength && value.isWellFormed()
  );
}

/** A `javascript:` URL would run in any page that shows the picture as a link. */
function isWebAddress(value: string): boolean {
  return URL.canParse(value) && new URL(value).protocol === "https:";
}
