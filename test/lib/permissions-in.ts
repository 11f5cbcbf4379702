/** What the templates grant, in the words of the golden list. */
import type { Template } from "aws-cdk-lib/assertions";
import type { Permission } from "./golden-permissions";
import { resourcesOf } from "./synth";

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

const orderOf = ([effect, action, resource, condition]: Permission) =>
  [action, resource, effect, JSON.stringify(condition)].join(" ");
const byAction = (a: Permission, b: Permission) => (orderOf(a) < orderOf(b) ? -1 : 1);

export function sorted(list: Readonly<Record<string, readonly Permission[]>>) {
  return Object.fromEntries(
    Object.entries(list).map(([role, permissions]) => [role, [...permissions].sort(byAction)]),
  );
}

/** By role, in the order of actions; one entry per action. */
export function permissionsIn(template: Template): Record<string, Permission[]> {
  const found: Record<string, Permission[]> = {};
  for (const [, { Properties }] of resourcesOf(template, "AWS::IAM::Policy")) {
    const { Roles, PolicyDocument } = Properties as {
      Roles: { Ref: string }[];
      PolicyDocument: { Statement: Statement[] };
    };
    for (const { Ref } of Roles) {
      const role = plain(Ref);
      found[role] = [...(found[role] ?? []), ...PolicyDocument.Statement.flatMap(toPermissions)];
    }
  }
  return sorted(found);
}

/** Whatever else a statement has (NotAction, say) ends up in the comparison and fails it. */
function toPermissions({ Effect, Action, Resource, Condition, ...rest }: Statement): Permission[] {
  const others = Object.keys(rest).length === 0 ? [] : [JSON.stringify(rest)];
  const resources = [...[Resource].flat().map(nameOf), ...others];
  return [Action].flat().flatMap((action) =>
    resources.map((resource): Permission => {
      const permission = [Effect, action, resource] as const;
      return Condition === undefined ? permission : [...permission, Condition];
    }),
  );
}

/** A resource by its construct's name; anything that is not one whole ARN as it is. */
function nameOf(resource: unknown): string {
  const text = JSON.stringify(resource);
  const imported =
    /^\{"Fn::GetStackOutput":\{"StackName":"Data","Region":\{"Ref":"AWS::Region"\},"OutputName":"PublishOutput(?:FnGetAtt|Ref)(\w+?)(?:[0-9A-F]{8})?(?:Arn)?[0-9A-F]{8}"\}\}$/;
  const logGroup = /^\{"Fn::GetAtt":\["(\w+)Logs[0-9A-F]{8}","Arn"\]\}$/;
  const index = /^\{"Fn::Join":\["",\[(\{.*\}),"(\/index\/\w+)"\]\]\}$/.exec(text);
  if (index?.[1] !== undefined) {
    return nameOf(JSON.parse(index[1])) + String(index[2]);
  }
  const log = logGroup.exec(text)?.[1];
  return imported.exec(text)?.[1] ?? (log && `log group of ${log}`) ?? String(resource);
}

function plain(logicalId: string): string {
  return logicalId.replace(/[0-9A-F]{8}$/, "");
}
