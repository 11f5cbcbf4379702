/** The local KMS's keys: every version of their material, their state, and where they are kept. */
import { randomBytes, randomUUID } from "node:crypto";
import * as v from "valibot";
import { AwsError, localArn } from "./call";
import { createDurableFile } from "./durable-file";
import { newPair } from "./kms-pairs";

const versionSchema = v.object({
  /** Hex; what AWS calls KeyMaterialId. */
  id: v.string(),
  /** 256 bits, or a private key (PKCS #8 in DER); base64. */
  material: v.string(),
});

const keySchema = v.object({
  id: v.string(),
  arn: v.string(),
  description: v.string(),
  /** Epoch milliseconds. */
  createdAt: v.number(),
  spec: v.optional(
    v.picklist(["SYMMETRIC_DEFAULT", "ECC_NIST_P256", "RSA_2048"]),
    "SYMMETRIC_DEFAULT",
  ),
  origin: v.optional(v.picklist(["AWS_KMS", "EXTERNAL"]), "AWS_KMS"),
  state: v.picklist(["Enabled", "Disabled", "PendingDeletion", "PendingImport"]),
  deletionAt: v.optional(v.number()),
  /** Oldest first; the last one encrypts, all of them decrypt. A key pair has one at most. */
  versions: v.array(versionSchema),
});

const ringSchema = v.object({
  keys: v.record(v.string(), keySchema),
  aliases: v.record(v.string(), v.string()),
});

export type Key = v.InferOutput<typeof keySchema>;
type NewKey = Pick<Key, "description" | "spec" | "origin">;
type KeyVersion = v.InferOutput<typeof versionSchema>;
type Ring = v.InferOutput<typeof ringSchema>;

export interface KeyRing {
  create(options: NewKey): Key;
  addAlias(alias: string, keyId: string): void;
  /** By key id, key ARN, alias or alias ARN. @throws AwsError NotFoundException */
  get(keyId: string): Key;
  find(keyId: string): Key | undefined;
  /** Durable when it returns. */
  update(key: Key, changes: Partial<Omit<Key, "id" | "arn">>): Key;
  addVersion(key: Key): Key;
}

/** @param path of the file; undefined: in memory only */
export function createKeyRing(path: string | undefined): KeyRing {
  const file = createDurableFile<Ring>(path, ringSchema, { keys: {}, aliases: {} });
  const put = (key: Key): Key => {
    const ring = file.read();
    file.write({ ...ring, keys: { ...ring.keys, [key.id]: key } });
    return key;
  };
  const update: KeyRing["update"] = (key, changes) => put({ ...key, ...changes });
  return {
    create: (options) => put(newKey(options)),
    addAlias: (alias, keyId) => {
      const ring = file.read();
      file.write({ ...ring, aliases: { ...ring.aliases, [alias]: get(ring, keyId).id } });
    },
    get: (keyId) => get(file.read(), keyId),
    find: (keyId) => find(file.read(), keyId),
    update,
    addVersion: (key) => update(key, { versions: [...key.versions, newVersion(key.spec)] }),
  };
}

function newKey({ description, spec, origin }: NewKey): Key {
  const id = randomUUID();
  const isExternal = origin === "EXTERNAL";
  return {
    id,
    arn: localArn("kms", `key/${id}`),
    description,
    createdAt: Date.now(),
    spec,
    origin,
    state: isExternal ? "PendingImport" : "Enabled",
    versions: isExternal ? [] : [newVersion(spec)],
  };
}

function newVersion(spec: Key["spec"]): KeyVersion {
  const material =
    spec === "SYMMETRIC_DEFAULT" ? randomBytes(32).toString("base64") : newPair(spec);
  return { id: randomBytes(32).toString("hex"), material };
}

function get(ring: Ring, keyId: string): Key {
  const key = find(ring, keyId);
  if (key === undefined) {
    throw new AwsError("NotFoundException", `Key '${keyId}' does not exist`);
  }
  return key;
}

function find(ring: Ring, keyId: string): Key | undefined {
  const name = keyId.startsWith("arn:") ? keyId.split(":").slice(5).join(":") : keyId;
  const id = name.startsWith("alias/") ? own(ring.aliases, name) : name.replace(/^key\//, "");
  const key = id === undefined ? undefined : own(ring.keys, id);
  // A key of another account or region is another key, even with the same id.
  return key !== undefined &&
    keyId.startsWith("arn:") &&
    name.startsWith("key/") &&
    key.arn !== keyId
    ? undefined
    : key;
}

function own<T>(values: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

/** @throws AwsError KMSInvalidStateException */
export function notPending(key: Key): Key {
  if (key.state === "PendingDeletion") {
    throw new AwsError("KMSInvalidStateException", `${key.arn} is pending deletion.`);
  }
  return key;
}

/** @throws AwsError DisabledException, KMSInvalidStateException */
export function enabled(key: Key): Key {
  if (key.state === "Disabled") {
    throw new AwsError("DisabledException", `${key.arn} is disabled.`);
  }
  if (key.state === "PendingImport") {
    throw new AwsError("KMSInvalidStateException", `${key.arn} is pending import.`);
  }
  return notPending(key);
}
