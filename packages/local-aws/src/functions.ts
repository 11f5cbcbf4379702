/** The functions of a deployment as pools of processes, each function a principal of its own. */
import { randomBytes } from "node:crypto";
import { LOCAL_REGION } from "./aws/call";
import type { PolicyStatement } from "./aws/iam";
import type { Principal } from "./gateway/iam-authorization";
import type { Logs } from "./logs";
import { createFunctionPool, type FunctionPool } from "./runtime/function-pool";
import type { AwsCredentials, AwsEndpoints, FunctionHooks } from "./runtime/function-spec";
import type { LocalFunction } from "./template/application";

export interface FunctionsOptions {
  readonly endpoints: AwsEndpoints;
  readonly logs: Logs;
  /** Processes per function at most. */
  readonly concurrency: number;
  /** By the function's short name. */
  readonly hooks: Readonly<Record<string, FunctionHooks>>;
  /** Told of each event that was answered or has failed. */
  readonly onInvoked?: ((invocation: Invocation) => void) | undefined;
}

export interface Invocation {
  /** {@link LocalFunction.id} */
  readonly functionId: string;
  readonly durationMs: number;
  /** It ended without an answer. */
  readonly hasFailed: boolean;
}

export interface Functions {
  /** Access key id → what that function's role allows. */
  readonly principals: ReadonlyMap<string, readonly PolicyStatement[]>;
  /** Access key id → who that is. */
  readonly identities: ReadonlyMap<string, Principal>;
  /** By short name. */
  readonly pools: ReadonlyMap<string, FunctionPool>;
  /** @throws FunctionError */
  invoke(functionId: string, event: unknown): Promise<unknown>;
  /** What stands for the function's role. */
  credentials(functionId: string): AwsCredentials;
  close(): Promise<void>;
}

export function createFunctions(
  functions: readonly LocalFunction[],
  options: FunctionsOptions,
): Functions {
  const principals = new Map<string, readonly PolicyStatement[]>();
  const identities = new Map<string, Principal>();
  const pools = new Map<string, FunctionPool>();
  const byId = new Map<string, FunctionPool>();
  const credentialsById = new Map<string, AwsCredentials>();
  for (const spec of functions) {
    const credentials = makeCredentials(spec.label);
    principals.set(credentials.accessKeyId, spec.statements);
    identities.set(credentials.accessKeyId, { roleName: spec.label, credentials });
    const pool = createFunctionPool(spec, {
      region: LOCAL_REGION,
      credentials,
      endpoints: options.endpoints,
      hooks: options.hooks[spec.label] ?? {},
      concurrency: options.concurrency,
      onLine: (line, stream) => {
        options.logs.write({ function: spec.label, stream, line });
      },
    });
    pools.set(spec.label, pool);
    byId.set(spec.id, pool);
    credentialsById.set(spec.id, credentials);
  }
  return {
    principals,
    identities,
    pools,
    invoke: async (functionId, event) => {
      const startedAt = performance.now();
      const told = (hasFailed: boolean) => {
        const durationMs = performance.now() - startedAt;
        options.onInvoked?.({ functionId, durationMs, hasFailed });
      };
      try {
        const answer = await byId.get(functionId)?.invoke(event);
        told(false);
        return answer;
      } catch (error) {
        told(true);
        throw error;
      }
    },
    credentials: (functionId) => {
      const found = credentialsById.get(functionId);
      if (found === undefined) {
        throw new Error(`there is no function ${functionId}`);
      }
      return found;
    },
    close: async () => {
      await Promise.all([...byId.values()].map((pool) => pool.close()));
    },
  };
}

/**
 * Made up: the local AWS tells principals apart by the access key id; only the gateway checks
 * signatures.
 */
export function makeCredentials(label: string): AwsCredentials {
  return {
    accessKeyId: `LOCAL${label.toUpperCase()}${randomBytes(6).toString("hex").toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString("base64"),
    sessionToken: randomBytes(30).toString("base64"),
  };
}
