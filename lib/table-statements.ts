/**
 * What roles may do with items, down to attributes: each list is that of a real request
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

/** What a role may do with grants, besides reading them. */
export interface GrantAccess {
  /** Whether anything can be due with the stage's provider. */
  readonly hasDue: boolean;
  /** What it may change of what outlives a grant. @default nothing */
  readonly lasting?: readonly LastingAttribute[];
  /** Whether its callers wait for leases. @default false */
  readonly waits?: boolean;
  /** Control items that it reads and writes; every other one is denied. @default none */
  readonly control?: readonly ControlItem[];
  /** Keys of control items that it reads only, a star at the end included. @default none */
  readonly looksAt?: readonly string[];
}

/** By which what has ended stays ended (decision 0031): of those that end grants. */
export const ENDED: ControlItem = { key: ENDED_KEYS, attributes: ENDED_MARK };

/** Every action that puts, changes or deletes items. */
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

/** Requests that name these attributes and no others. @param conditions besides */
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

/** Grants one by one, to look at and, by compare-and-set, to change. */
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
