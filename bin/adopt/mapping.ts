/** What `cdk import --resource-mapping` needs to take retained resources into a new stack. */
import { AdminError } from "../admin/admin-error";

/** By type: what tells two resources apart (CloudFormation User Guide, "Import"). */
const IDENTIFIERS: Readonly<Record<string, (value: string) => Readonly<Record<string, string>>>> = {
  "AWS::DynamoDB::Table": (value) => ({ TableName: value.replace(/^arn:.*:table\//, "") }),
  "AWS::KMS::Key": (value) => ({ KeyId: value.replace(/^arn:.*:key\//, "") }),
  "AWS::SecretsManager::Secret": (value) => ({ Id: value }),
  "AWS::SQS::Queue": (value) => ({ QueueUrl: value }),
  "AWS::Backup::BackupVault": (value) => ({ BackupVaultName: value }),
};

export interface DataTemplate {
  readonly Resources: Readonly<Record<string, { readonly Type: string }>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown }>>;
}

/**
 * @param outputs of the data stack, as the last deployment printed them
 * @throws AdminError where they do not say what one of the resources was
 */
export function mappingOf(
  { Resources, Outputs = {} }: DataTemplate,
  outputs: Readonly<Record<string, string>>,
): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const holders = Object.entries(Resources).flatMap(([id, { Type }]) => {
    const identify = IDENTIFIERS[Type];
    return identify === undefined ? [] : [{ id, type: Type, identify }];
  });
  const found = holders.map(({ id, type, identify }) => {
    const named = Object.entries(Outputs).filter(([, { Value }]) => names(Value, id, type));
    const value = named.map(([output]) => outputs[output]).find((text) => text !== undefined);
    if (value === undefined) {
      throw new AdminError(
        `the outputs do not say which resource ${id} was: without it nothing is adopted`,
      );
    }
    return [id, identify(value)] as const;
  });
  return Object.fromEntries(found);
}

/** What an output says of a resource when it is none of its properties. */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  "AWS::DynamoDB::Table": "Arn",
  "AWS::KMS::Key": "Arn",
  "AWS::Backup::BackupVault": "BackupVaultName",
};

function names(value: unknown, id: string, type: string): boolean {
  const { Ref, "Fn::GetAtt": path } = value as { Ref?: string; "Fn::GetAtt"?: string[] };
  return Ref === id || (path?.[0] === id && path[1] !== undefined && path[1] === ATTRIBUTES[type]);
}
