/** The KMS actions on keys: create, describe, enable, disable, rotate, schedule the deletion. */
import * as v from "valibot";
import { AwsError, LOCAL_ACCOUNT } from "./call";
import { type JsonAction, jsonAction } from "./json-action";
import { enabled, type Key, type KeyRing, notPending } from "./kms-keys";
import { ASYMMETRIC_SPECS, isAsymmetric, signingAlgorithms } from "./kms-pairs";

const DAY_MS = 24 * 60 * 60 * 1000;
const keyId = v.pipe(v.string(), v.nonEmpty(), v.maxLength(2048));
const onKey = v.object({ KeyId: keyId });

const createSchema = v.object({
  Description: v.optional(v.string(), ""),
  KeySpec: v.optional(v.picklist(["SYMMETRIC_DEFAULT", ...ASYMMETRIC_SPECS]), "SYMMETRIC_DEFAULT"),
  KeyUsage: v.optional(v.picklist(["ENCRYPT_DECRYPT", "SIGN_VERIFY"]), "ENCRYPT_DECRYPT"),
  Origin: v.optional(v.picklist(["AWS_KMS", "EXTERNAL"]), "AWS_KMS"),
  MultiRegion: v.optional(v.literal(false)),
});

const aliasSchema = v.object({
  AliasName: v.pipe(v.string(), v.regex(/^alias\/[\w/-]{1,250}$/)),
  TargetKeyId: keyId,
});

const deletionSchema = v.object({
  KeyId: keyId,
  PendingWindowInDays: v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(7), v.maxValue(30)),
    30,
  ),
});

export function lifecycleActions(ring: KeyRing): Record<string, JsonAction> {
  return {
    CreateKey: jsonAction(createSchema, (input) => ({
      KeyMetadata: metadata(ring.create(newKey(input))),
    })),
    CreateAlias: jsonAction(aliasSchema, (input) => {
      if (ring.find(input.AliasName) !== undefined) {
        throw new AwsError("AlreadyExistsException", "An alias with that name already exists");
      }
      ring.addAlias(input.AliasName, input.TargetKeyId);
      return {};
    }),
    DescribeKey: jsonAction(onKey, (input) => ({ KeyMetadata: metadata(ring.get(input.KeyId)) })),
    ...stateActions(ring),
    RotateKeyOnDemand: jsonAction(onKey, (input) => {
      const key = enabled(ring.get(input.KeyId));
      if (isAsymmetric(key.spec)) {
        const message = `${key.arn} spec is ${key.spec} which is not valid for this operation.`;
        throw new AwsError("UnsupportedOperationException", message);
      }
      return { KeyId: ring.addVersion(key).arn };
    }),
  };
}

/** @throws AwsError where spec and usage, or spec and origin, do not go together here */
function newKey({ Description, KeySpec, KeyUsage, Origin }: v.InferOutput<typeof createSchema>) {
  if (isAsymmetric(KeySpec) !== (KeyUsage === "SIGN_VERIFY")) {
    const message = `The ${KeyUsage} key usage isn't compatible with the ${KeySpec} key spec.`;
    throw new AwsError("ValidationException", message);
  }
  if (Origin === "EXTERNAL" && !isAsymmetric(KeySpec)) {
    throw new AwsError("ValidationException", "Importing symmetric keys is not offered locally");
  }
  return { description: Description, spec: KeySpec, origin: Origin };
}

function stateActions(ring: KeyRing): Record<string, JsonAction> {
  return {
    EnableKey: jsonAction(onKey, (input) => {
      ring.update(notPending(ring.get(input.KeyId)), { state: "Enabled" });
      return {};
    }),
    DisableKey: jsonAction(onKey, (input) => {
      ring.update(notPending(ring.get(input.KeyId)), { state: "Disabled" });
      return {};
    }),
    ScheduleKeyDeletion: jsonAction(deletionSchema, (input) => {
      const deletionAt = Date.now() + input.PendingWindowInDays * DAY_MS;
      const key = ring.update(notPending(ring.get(input.KeyId)), {
        state: "PendingDeletion",
        deletionAt,
      });
      const { PendingWindowInDays } = input;
      const DeletionDate = deletionAt / 1000;
      return { KeyId: key.arn, DeletionDate, KeyState: key.state, PendingWindowInDays };
    }),
  };
}

function metadata(key: Key): Record<string, unknown> {
  return {
    AWSAccountId: LOCAL_ACCOUNT,
    KeyId: key.id,
    Arn: key.arn,
    CreationDate: key.createdAt / 1000,
    Description: key.description,
    Enabled: key.state === "Enabled",
    KeyState: key.state,
    ...(key.deletionAt !== undefined && { DeletionDate: key.deletionAt / 1000 }),
    KeyManager: "CUSTOMER",
    KeySpec: key.spec,
    ...(isAsymmetric(key.spec)
      ? { KeyUsage: "SIGN_VERIFY", SigningAlgorithms: signingAlgorithms(key.spec) }
      : { KeyUsage: "ENCRYPT_DECRYPT", EncryptionAlgorithms: ["SYMMETRIC_DEFAULT"] }),
    Origin: key.origin,
    MultiRegion: false,
    CurrentKeyMaterialId: key.versions.at(-1)?.id,
  };
}
