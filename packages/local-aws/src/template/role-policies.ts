import * as v from "valibot";
import type { PolicyStatement } from "../aws/iam";
import type { Assembly, Resource } from "./assembly";
import type { Resolver } from "./resolver";

/** Whether a statement is understood is judged where it is enforced. */
const Document = v.object({
  Statement: v.array(v.custom<PolicyStatement>((value) => typeof value === "object")),
});

/**
 * Everything that the function's role allows or denies by policies written in the template.
 * Policies that AWS manages (writing logs) are about services that the local run does not have.
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
