/**
 * What roles may do with items, down to single attributes. Each list is that of a real request
 * (lambda/store/written-attributes.ts).
 */
import type { ITable } from "aws-cdk-lib/aws-dynamodb";
import { Effect, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { ENDED_KEYS } from "../lambda/store/control-keys";
import type { LastingAttribute } from "../lambda/store/lasting-attributes";
import { ENDED_MARK, GRANT, GRANT_DUE, GRANT_WAITING } from "../lambda/store/written-attributes";
import {
  both,
  type Conditions,
  type ControlItem,
  OF_USERS,
  ofControlKeys,
  ofOtherControlItems,
  onlyAttributes,
} from "./item-conditions";

/** A role's rights to grants, besides reading them. */
export interface GrantAccess {
  /** Whether grants can be due with the stage's provider. */
  readonly hasDue: boolean;
  /**
   * The lasting attributes that it may change.
   * @default none
   */
  readonly lasting?: readonly LastingAttribute[];
  /** Whether its callers wait for leases. @default false */
  readonly waits?: boolean;
  /**
   * Control items that it may read and write; all others are denied.
   * @default none
   */
  readonly control?: readonly ControlItem[];
  /**
   * Keys of control items that it may only read; a star at the end matches any suffix.
   * @default none
   */
  readonly looksAt?: readonly string[];
}

/** The mark that keeps ended grants ended (decision 0031); for functions that end grants. */
export const ENDED: ControlItem = { key: ENDED_KEYS, attributes: ENDED_MARK };

/** All actions that put, change or delete items. */
const ITEM_WRITES = [
  "dynamodb:PutItem",
  "dynamodb:UpdateItem",
  "dynamodb:DeleteItem",
  "dynamodb:BatchWriteItem",
  "dynamodb:PartiQLInsert",
  "dynamodb:PartiQLUpdate",
  "dynamodb:PartiQLDelete",
];

export function reading(table: ITable, conditions: Conditions = {}): PolicyStatement {
  const { tableArn } = table;
  return new PolicyStatement({ actions: ["dynamodb:GetItem"], resources: [tableArn], conditions });
}

/**
 * Allows writes that name these attributes and no others.
 * @param conditions further ones
 */
export function writing(
  action: "UpdateItem" | "PutItem",
  table: ITable,
  attributes: readonly string[],
  conditions: Conditions = {},
): PolicyStatement {
  return new PolicyStatement({
    actions: [`dynamodb:${action}`],
    resources: [table.tableArn],
    conditions: both(onlyAttributes(attributes), conditions),
  });
}

/** Allows reading single grants and changing them by compare-and-set. */
export function grantStatements(table: ITable, access: GrantAccess): PolicyStatement[] {
  const { hasDue, lasting = [], waits = false, control = [], looksAt = [] } = access;
  const attributes = [...GRANT, ...(hasDue ? GRANT_DUE : []), ...lasting];
  return [
    reading(table, OF_USERS),
    writing("UpdateItem", table, attributes, OF_USERS),
    ...(waits ? [writing("UpdateItem", table, GRANT_WAITING, OF_USERS)] : []),
    ...control.flatMap((item) => [
      reading(table, ofControlKeys(item.key)),
      writing("UpdateItem", table, item.attributes, ofControlKeys(item.key)),
    ]),
    ...looksAt.map((key) => reading(table, ofControlKeys(key))),
    new PolicyStatement({
      effect: Effect.DENY,
      actions: ITEM_WRITES,
      resources: [table.tableArn],
      conditions: ofOtherControlItems(control),
    }),
  ];
}
