/**
 * Breaks what is around the functions, so that each alarm can be seen to fire by its real cause:
 * KMS, DynamoDB and Secrets Manager refuse or fail for everybody, and the provider is down.
 */
import { type AwsCall, AwsError, type ServiceName } from "@rollup-vault/local-aws/aws/call";
import * as v from "valibot";

const trouble = v.nullable(v.picklist(["refuses", "fails"]));

/** Of `POST /local/faults`: what is named changes, null mends it. */
const Changes = v.strictObject({
  kms: v.optional(trouble),
  dynamodb: v.optional(trouble),
  secretsmanager: v.optional(v.nullable(v.picklist(["refuses", "fails", "empty"]))),
  provider: v.optional(v.nullable(v.literal("down"))),
});

type Troubles = { readonly [K in keyof v.InferOutput<typeof Changes>]-?: string | null };

export interface Neighbours {
  /** @throws AwsError where the service is broken; for `OnCall` */
  readonly admit: (call: Pick<AwsCall, "service" | "action">) => void;
  readonly read: () => Promise<Troubles>;
  /** @returns what is broken from now on; undefined where `wanted` is not understood */
  readonly change: (wanted: unknown) => Promise<Troubles | undefined>;
}

export interface NeighboursOptions {
  /** Where a local provider is told to be down. Undefined: it is not ours to break. */
  readonly providerUrl: () => string | undefined;
  /** Ends instances that wait: what they keep in memory would hide what is broken. */
  readonly endIdle: () => Promise<void>;
}

export function createNeighbours({ providerUrl, endIdle }: NeighboursOptions): Neighbours {
  let broken: Partial<Record<ServiceName, string | null>> = {};

  async function provider(changes?: object): Promise<Troubles["provider"]> {
    const url = providerUrl();
    if (url === undefined) {
      return null;
    }
    const body = JSON.stringify(changes);
    const answer = await fetch(url, changes === undefined ? {} : { method: "POST", body });
    const { down } = (await answer.json()) as { readonly down?: boolean };
    return down === true ? "down" : null;
  }

  const troubles = async (changes?: object): Promise<Troubles> => ({
    kms: broken.kms ?? null,
    dynamodb: broken.dynamodb ?? null,
    secretsmanager: broken.secretsmanager ?? null,
    provider: await provider(changes),
  });

  return {
    admit: ({ service, action }) => {
      const how = broken[service];
      if (how != null) {
        throw errorOf(service, how, action);
      }
    },
    read: async () => await troubles(),
    change: async (wanted) => {
      const parsed = v.safeParse(Changes, wanted);
      if (!parsed.success) {
        return undefined;
      }
      const { provider: down, ...services } = parsed.output;
      broken = { ...broken, ...services };
      await endIdle();
      return await troubles(down === undefined ? undefined : { down: down === "down" });
    },
  };
}

/** In the words of each service's API reference ("Common errors"). */
function errorOf(service: ServiceName, how: string, action: string): AwsError {
  const said = `broken on purpose (${action})`;
  if (how === "refuses") {
    return new AwsError("AccessDeniedException", said);
  }
  if (how === "empty") {
    return new AwsError("ResourceNotFoundException", said);
  }
  const names: Partial<Record<ServiceName, string>> = {
    kms: "KMSInternalException",
    secretsmanager: "InternalServiceError",
  };
  return new AwsError(names[service] ?? "InternalServerError", said, 500);
}
