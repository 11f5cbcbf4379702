import * as v from "valibot";
import type { Assembly, Resource } from "./assembly";
import type { Resolver } from "./resolver";

const OneOrMore = v.pipe(
  v.union([v.string(), v.array(v.string())]),
  v.transform((value) => (typeof value === "string" ? [value] : value)),
);

/** Strict: a member that is not known here (NotAction, …) would change what the statement means. */
const Statement = v.strictObject({
  Sid: v.optional(v.string()),
  Effect: v.picklist(["Allow", "Deny"]),
  Action: OneOrMore,
  Resource: OneOrMore,
  Condition: v.optional(v.record(v.string(), v.record(v.string(), OneOrMore))),
});

/** One statement of a role's policy with every reference resolved. */
export type PolicyStatement = v.InferOutput<typeof Statement>;

const Document = v.object({ Statement: v.array(Statement) });

/**
 * Everything that the function's role allows or denies by policies written in the template. Policies that AWS manages
 * (writing logs) are about services that the local run does not have.
 */
export function readStatements(
  assembly: Assembly,
  resource: Resource,
  resolver: Resolver,
): PolicyStatement[] {
  const { stack } = resource;
  const roleId = roleOf(resource);
  const role = assembly.resources.find((item) => item.stack === stack && item.logicalId === roleId);
  if (role === undefined) {
    throw new Error(`the role of ${resource.logicalId} is not in its stack`);
  }
  const inline = (role.properties["Policies"] ?? []) as { PolicyDocument: unknown }[];
  const attached = assembly.resources.filter(
    (item) =>
      item.type === "AWS::IAM::Policy" &&
      item.stack === stack &&
      JSON.stringify(item.properties["Roles"] ?? []).includes(`{"Ref":"${role.logicalId}"}`),
  );
  const documents = [
    ...inline.map(({ PolicyDocument }) => PolicyDocument),
    ...attached.map(({ properties }) => properties["PolicyDocument"]),
  ];
  return documents.flatMap((document) => {
    return v.parse(Document, resolver.resolve(stack, document)).Statement;
  });
}

function roleOf({ logicalId, properties }: Resource): string {
  const reference = v.safeParse(
    v.object({ "Fn::GetAtt": v.tuple([v.string(), v.literal("Arn")]) }),
    properties["Role"],
  );
  if (!reference.success) {
    throw new Error(`the function ${logicalId} has no role of its own`);
  }
  return reference.output["Fn::GetAtt"][0];
}
