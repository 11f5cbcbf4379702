/**
 * The attributes that a request names, as IAM's `dynamodb:Attributes` has them: the top-level
 * names in key, item, expressions and the parameters that came before expressions. DynamoDB
 * Developer Guide, "Using IAM policy conditions for fine-grained access control": an attribute
 * counts if it, or anything inside it, is specified in the request's parameters.
 */
import { type Input, inputIn, listIn, member } from "./json-protocol";

/** Their members are named by attributes. */
const BY_NAME = [
  "Key",
  "Item",
  "AttributeUpdates",
  "Expected",
  "KeyConditions",
  "QueryFilter",
  "ScanFilter",
  "ExclusiveStartKey",
];
const EXPRESSIONS = [
  "UpdateExpression",
  "ConditionExpression",
  "KeyConditionExpression",
  "FilterExpression",
  "ProjectionExpression",
];
/** All are reserved: no attribute can be named so without a placeholder. */
const KEYWORDS = /^(?:SET|REMOVE|ADD|DELETE|AND|OR|NOT|IN|BETWEEN)$/i;
/** A name, placeholder or value; the rest of its path; and what makes it a function. */
const TOKENS = /([:#]?\w+)((?:\s*\.\s*#?\w+|\s*\[\s*\d+\s*\])*)(\s*\()?/g;

/** Without repetition; in the order of their places. */
export function attributesOf(input: Input): readonly string[] {
  const named = BY_NAME.flatMap((parameter) => Object.keys(inputIn(member(input, parameter))));
  const placeholders = inputIn(member(input, "ExpressionAttributeNames"));
  const inExpressions = EXPRESSIONS.map((parameter) => input[parameter])
    .filter((expression) => typeof expression === "string")
    .flatMap((expression) => namesIn(expression, placeholders));
  return [
    ...new Set([
      ...named,
      ...listIn(member(input, "AttributesToGet")).filter((name) => typeof name === "string"),
      ...inExpressions,
    ]),
  ];
}

/** A placeholder that stands for nothing counts as itself: no policy knows such a name. */
function namesIn(expression: string, placeholders: Input): string[] {
  const names: string[] = [];
  for (const [, token = "", , call] of expression.matchAll(TOKENS)) {
    const isName = !token.startsWith(":") && !/^\d/.test(token) && !KEYWORDS.test(token);
    if (isName && call === undefined) {
      const name = token.startsWith("#") ? member(placeholders, token) : token;
      names.push(typeof name === "string" ? name : token);
    }
  }
  return names;
}
