/**
 * Breaks what is around the functions, so that each alarm can be seen to fire by its real cause:
 * KMS, DynamoDB and Secrets Manager refuse or fail for everybody, the provider is down, Lambda
 * kills the functions or has no executions left, and nothing takes what is in the queues.
 */
import { type AwsCall, AwsError, type ServiceName } from "@rollup-vault/local-aws/aws/call";
import type { FunctionTroubles } from "@rollup-vault/local-aws/functions";
import * as v from "valibot";

const trouble = v.nullable(v.picklist(["refuses", "fails"]));

/** Of `POST /local/faults`: what is named changes, null mends it. */
const Changes = v.strictObject({
  kms: v.optional(trouble),
  dynamodb: v.optional(trouble),
  secretsmanager: v.optional(v.nullable(v.picklist(["refuses", "fails", "empty"]))),
  provider: v.optional(v.nullable(v.literal("down"))),
  functions: v.optional(v.nullable(v.picklist(["killed", "throttled"]))),
  recovery: v.optional(v.nullable(v.literal("off"))),
});

const BY_LAMBDA: Readonly<Record<string, FunctionTroubles>> = {
  killed: { areKilled: true },
  throttled: { concurrency: 0 },
};

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
  /** Without any, there is no recovery to switch off. */
  readonly hasQueues: boolean;
  readonly functions: (troubles: FunctionTroubles) => void;
  readonly queues: (isEnabled: boolean) => void;
}

export function createNeighbours(options: NeighboursOptions): Neighbours {
  const { providerUrl, endIdle, hasQueues } = options;
  let broken: v.InferOutput<typeof Changes> = {};

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
    functions: broken.functions ?? null,
    recovery: hasQueues ? (broken.recovery ?? null) : null,
    provider: await provider(changes),
  });

  return {
    admit: ({ service, action }) => {
      const services: Partial<Record<ServiceName, string | null>> = broken;
      const how = services[service];
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
      broken = { ...broken, ...parsed.output };
      options.functions(BY_LAMBDA[broken.functions ?? ""] ?? {});
      options.queues(broken.recovery == null);
      await endIdle();
      const { provider: down } = parsed.output;
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
