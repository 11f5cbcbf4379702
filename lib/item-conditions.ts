/**
 * Conditions on the attributes and keys that a role may name in item requests (DynamoDB Developer
 * Guide, "Using IAM policy conditions for fine-grained access control").
 *
 * `ForAllValues` also holds where the request has no such key, so each goes with a `Null` that
 * requires it.
 */
import { CONTROL_PREFIX } from "../lambda/store/control-keys";

export type Conditions = Readonly<Record<string, Readonly<Record<string, string | string[]>>>>;

const ATTRIBUTES = "dynamodb:Attributes";
const LEADING_KEYS = "dynamodb:LeadingKeys";
const CONTROL_KEYS = `${CONTROL_PREFIX}*`;

/**
 * A control item, which belongs to no user, in the table of grants, as far as a role may reach it.
 */
export interface ControlItem {
  /** A key or, with a star at its end, keys. */
  readonly key: string;
  /** The attributes that its writes may name. */
  readonly attributes: readonly string[];
}

/** Writes that name these attributes and no others. */
export function onlyAttributes(attributes: readonly string[]): Conditions {
  return {
    "ForAllValues:StringEquals": { [ATTRIBUTES]: [...attributes].sort() },
    Null: { [ATTRIBUTES]: "false" },
  };
}

/** Items about users. */
export const OF_USERS: Conditions = {
  "ForAllValues:StringNotLike": { [LEADING_KEYS]: CONTROL_KEYS },
  Null: { [LEADING_KEYS]: "false" },
};

/** @param key or, with a star at its end, keys */
export function ofControlKeys(key: string): Conditions {
  return {
    "ForAllValues:StringLike": { [LEADING_KEYS]: key },
    Null: { [LEADING_KEYS]: "false" },
  };
}

/** For a Deny: all control items but these. */
export function ofOtherControlItems(own: readonly ControlItem[]): Conditions {
  return {
    "ForAnyValue:StringLike": { [LEADING_KEYS]: CONTROL_KEYS },
    ...(own.length > 0 && {
      "ForAnyValue:StringNotLike": { [LEADING_KEYS]: own.map(({ key }) => key) },
    }),
  };
}

export function both(one: Conditions, other: Conditions): Conditions {
  const operators = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return Object.fromEntries(
    operators.map((operator) => [operator, { ...one[operator], ...other[operator] }]),
  );
}
