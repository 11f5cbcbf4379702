/**
 * What CloudFormation would do with the templates: makes the stateful resources, then resolves
 * everything else.
 */
import * as v from "valibot";
import type { LocalAws } from "./aws/start";
import type { TableDefinition } from "./aws/tables";
import { type Application, findStatefulResources, readApplication } from "./template/application";
import type { Assembly, Resource } from "./template/assembly";
import { expect } from "./template/expect";
import { findQueues, inOrder, readQueue } from "./template/queues";
import { createResolver, type Identity, queueIdentity, resourceKey } from "./template/resolver";

export interface Deployment extends Application {
  /** Name of the secret that holds the client secret; undefined: the template has none. */
  readonly clientSecretName: string | undefined;
}

/** Idempotent per data folder: what is there is kept. */
export async function deploy(
  assembly: Assembly,
  aws: LocalAws,
  apiUrl: string,
): Promise<Deployment> {
  const { tables, keys, secrets } = findStatefulResources(assembly);
  await aws.createTables(
    tables.map(({ name, resource }) => toTableDefinition(name, resource.properties)),
  );
  const identities = new Map<string, Identity>();
  for (const key of keys) {
    const arn = await aws.createKey({ ...keyProperties(key), logicalId: key.logicalId });
    const keyId = arn.slice(arn.lastIndexOf("/") + 1);
    identities.set(resourceKey(key), { ref: keyId, attributes: { Arn: arn, KeyId: keyId } });
  }
  for (const { name, resource } of secrets) {
    const arn = await aws.createSecret({ name });
    identities.set(resourceKey(resource), { ref: arn, attributes: { Id: arn } });
  }
  await makeQueues(assembly, aws, identities);
  if (secrets.length > 1) {
    throw new Error("the local run knows one secret only, the client secret");
  }
  return {
    ...readApplication(assembly, { identities, apiUrl }),
    clientSecretName: secrets[0]?.name,
  };
}

async function makeQueues(
  assembly: Assembly,
  aws: LocalAws,
  identities: Map<string, Identity>,
): Promise<void> {
  const resolver = createResolver(assembly, { identities, apiUrl: "" });
  for (const resource of inOrder(findQueues(assembly))) {
    const definition = readQueue(resource, resolver);
    const url = await aws.createQueue(definition);
    identities.set(resourceKey(resource), queueIdentity(definition.name, url));
  }
}

const KeyProperties = v.object({
  KeySpec: v.optional(v.picklist(["SYMMETRIC_DEFAULT", "ECC_NIST_P256", "RSA_2048"])),
  KeyUsage: v.optional(v.picklist(["ENCRYPT_DECRYPT", "SIGN_VERIFY"])),
  Origin: v.optional(v.picklist(["AWS_KMS", "EXTERNAL"])),
});

function keyProperties({ properties, logicalId }: Resource) {
  return expect(KeyProperties, properties, logicalId);
}

/** CDK writes the members of a table's key literally: nothing in there is to be resolved. */
function toTableDefinition(
  name: string,
  properties: Readonly<Record<string, unknown>>,
): TableDefinition {
  return { ...(properties as unknown as TableDefinition), TableName: name };
}
