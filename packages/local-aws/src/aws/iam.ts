/**
 * Judges calls by the identity policies of a synthesized template, so that a function has locally
 * what it would have in AWS and nothing more. Exact for what it knows; policies with anything else
 * are refused when they are read, never guessed. Rules: IAM User Guide, "Policy evaluation logic"
 * and "IAM JSON policy elements".
 */
import * as v from "valibot";
import type { Authorize, AwsCall } from "./call";

const strings = v.union([v.string(), v.array(v.string())]);

/** Strict: an element that is not listed (NotAction, NotResource, Principal, …) is refused. */
const statementSchema = v.strictObject({
  Sid: v.optional(v.string()),
  Effect: v.picklist(["Allow", "Deny"]),
  Action: strings,
  Resource: strings,
  Condition: v.optional(v.record(v.string(), v.record(v.string(), strings))),
});

/**
 * A statement of an identity policy whose ARNs are resolved: no CloudFormation functions are left
 * in it.
 */
export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<
    Record<string, Readonly<Record<string, string | readonly string[]>>>
  >;
}

type Test = (call: AwsCall) => boolean;

interface Rule {
  readonly allow: boolean;
  readonly matches: Test;
}

/**
 * Condition keys that the local services supply. Any other would be silently absent, so it is
 * refused.
 */
const SINGLE_VALUED = /^kms:(?:EncryptionContext:.+|MessageType|SigningAlgorithm)$/;
const MULTI_VALUED = /^(kms:EncryptionContextKeys|dynamodb:LeadingKeys|dynamodb:Attributes)$/;
const OPERATOR =
  /^(?:(ForAllValues|ForAnyValue):)?(StringEquals|StringLike|StringNotEquals|StringNotLike|Null)$/;

/**
 * Default deny; an explicit deny wins; principals that are not listed may do nothing.
 * @param principals access key id → the statements of all policies of that principal
 * @throws Error where a statement holds something that is not understood exactly
 */
export function createAuthorizer(
  principals: ReadonlyMap<string, readonly PolicyStatement[]>,
): Authorize {
  const rules = new Map(
    [...principals].map(([accessKeyId, statements]) => [accessKeyId, statements.map(toRule)]),
  );
  return (call) => {
    const matching = (rules.get(call.accessKeyId) ?? []).filter(({ matches }) => matches(call));
    return matching.length > 0 && matching.every(({ allow }) => allow);
  };
}

function toRule(statement: PolicyStatement): Rule {
  const parsed = v.safeParse(statementSchema, statement);
  if (!parsed.success) {
    const path = v.getDotPath(parsed.issues[0]) ?? "statement";
    throw new Error(`policy statement: "${path}" is not understood`);
  }
  const { Effect, Action, Resource, Condition = {} } = parsed.output;
  const actions = list(Action).map((action) => pattern(action, "i"));
  const resources = list(Resource).map((resource) => pattern(resource));
  const conditions = Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => condition(operator, key, list(values))),
  );
  return {
    allow: Effect === "Allow",
    matches: (call) =>
      actions.some((action) => action.test(`${call.service}:${call.action}`)) &&
      resources.some((resource) => resource.test(call.resource ?? "")) &&
      conditions.every((holds) => holds(call)),
  };
}

/** All keys of all operators must hold; of a key's values, any may match. */
function condition(operator: string, key: string, values: readonly string[]): Test {
  const [, quantifier, comparison = ""] = OPERATOR.exec(operator) ?? [];
  const single = SINGLE_VALUED.test(key);
  if (comparison === "" || (comparison === "Null" && quantifier !== undefined)) {
    throw new Error(`policy condition operator "${operator}" is not understood`);
  }
  if (!single && !MULTI_VALUED.test(key)) {
    throw new Error(`policy condition key "${key}" is not understood`);
  }
  if (comparison === "Null") {
    return isNull(key, values);
  }
  if (!single && quantifier === undefined) {
    throw new Error(
      `policy condition key "${key}" has several values: it needs ForAllValues or ForAnyValue`,
    );
  }
  const isNegated = comparison.startsWith("StringNot");
  const listed = values.map((value) =>
    comparison.endsWith("Like") ? pattern(value) : exactly(value),
  );
  // A negated operator holds for what is none of the policy's values.
  const holds = (actual: string): boolean =>
    listed.some((value) => value.test(actual)) !== isNegated;
  if (quantifier === undefined) {
    // Negated, it holds where the key is absent.
    return (call) => valuesOf(call, key)?.some(holds) ?? isNegated;
  }
  // ForAllValues holds where the key is absent: that is IAM's rule, and why policies add a Null
  // condition to it.
  return quantifier === "ForAllValues"
    ? (call) => (valuesOf(call, key) ?? []).every(holds)
    : (call) => (valuesOf(call, key) ?? []).some(holds);
}

function isNull(key: string, values: readonly string[]): Test {
  if (values.length !== 1 || !["true", "false"].includes(values[0] ?? "")) {
    throw new Error(`policy condition "Null" of "${key}" must be "true" or "false"`);
  }
  return (call) => (valuesOf(call, key) === undefined) === (values[0] === "true");
}

/**
 * Names of condition keys are compared without regard to case, an encryption context's included.
 */
function valuesOf(call: AwsCall, key: string): readonly string[] | undefined {
  const found = Object.entries({ ...call.context, ...call.contextLists })
    .filter(([name]) => name.toLowerCase() === key.toLowerCase())
    .flatMap(([, value]) => value);
  return found.length === 0 ? undefined : found;
}

/** `*` and `?` are wildcards, also across `:` and `/`. Policy variables are refused. */
function pattern(text: string, flags = ""): RegExp {
  refuseVariables(text);
  const source = text
    .replace(/[\\^$.+()|[\]{}]/g, "\\$&")
    .replace(/\*/g, ".*")
    .replace(/\?/g, ".");
  return new RegExp(`^${source}$`, `su${flags}`);
}

function exactly(text: string): RegExp {
  refuseVariables(text);
  return new RegExp(`^${text.replace(/[\\^$.*+?()|[\]{}]/g, "\\$&")}$`, "su");
}

function refuseVariables(text: string): void {
  if (text.includes("${")) {
    throw new Error(`policy variable in "${text}" is not understood`);
  }
}

function list(value: string | readonly string[]): readonly string[] {
  return typeof value === "string" ? [value] : value;
}
