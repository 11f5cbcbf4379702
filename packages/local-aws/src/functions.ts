/** The functions of a deployment as pools of processes, each function a principal of its own. */
import { randomBytes } from "node:crypto";
import { LOCAL_REGION } from "./aws/call";
import type { PolicyStatement } from "./aws/iam";
import type { Principal } from "./gateway/iam-authorization";
import type { Logs } from "./logs";
import { createFunctionPool, type FunctionPool } from "./runtime/function-pool";
import {
  type AwsCredentials,
  type AwsEndpoints,
  FunctionError,
  type FunctionFailure,
  type FunctionHooks,
} from "./runtime/function-spec";
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
  /** Why it ended without an answer, or never began. */
  readonly failure: FunctionFailure | undefined;
}

export interface FunctionTroubles {
  /**
   * Executions at once that the account has left for functions that reserve none; one more is
   * throttled. Absent: no limit.
   */
  readonly concurrency?: number;
  /** Each process is killed as soon as it has an event, as one that runs out of memory is. */
  readonly areKilled?: boolean;
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
  /** From now on. */
  trouble(troubles: FunctionTroubles): void;
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
  const byId = new Map<string, { readonly spec: LocalFunction; readonly pool: FunctionPool }>();
  const credentialsById = new Map<string, AwsCredentials>();
  const turns = createTurns();
  let troubles: FunctionTroubles = {};
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
      onEvent: (process) => {
        if (troubles.areKilled === true) {
          process.kill();
        }
      },
    });
    pools.set(spec.label, pool);
    byId.set(spec.id, { spec, pool });
    credentialsById.set(spec.id, credentials);
  }
  return {
    principals,
    identities,
    pools,
    invoke: async (functionId, event) => {
      const { spec, pool } = known(byId.get(functionId), functionId);
      const startedAt = performance.now();
      const tell = (failure?: FunctionFailure) => {
        const durationMs = performance.now() - startedAt;
        options.onInvoked?.({ functionId, durationMs, failure });
      };
      try {
        const answer = await turns.take(spec, troubles, () => pool.invoke(event));
        tell();
        return answer;
      } catch (error) {
        tell(error instanceof FunctionError ? error.failure : "failed");
        throw error;
      }
    },
    trouble: (next) => {
      troubles = next;
    },
    credentials: (functionId) => known(credentialsById.get(functionId), functionId),
    close: async () => {
      await Promise.all([...byId.values()].map(({ pool }) => pool.close()));
    },
  };
}

function known<T>(found: T | undefined, functionId: string): T {
  if (found === undefined) {
    throw new Error(`there is no function ${functionId}`);
  }
  return found;
}

/**
 * Executions at once, as Lambda limits them (Lambda Developer Guide, "Lambda function scaling"): a
 * function that reserves some has just these, and all others share what the account has left.
 */
function createTurns() {
  const running = new Map<string, number>();
  const change = (name: string, by: number) => running.set(name, (running.get(name) ?? 0) + by);
  return {
    take: async (
      { id, name, reservedConcurrency: reserved }: LocalFunction,
      { concurrency = Infinity }: FunctionTroubles,
      run: () => Promise<unknown>,
    ): Promise<unknown> => {
      const [share, limit] = reserved === undefined ? ["shared", concurrency] : [id, reserved];
      if ((running.get(share) ?? 0) >= limit) {
        throw new FunctionError(name, "throttled");
      }
      change(share, 1);
      try {
        return await run();
      } finally {
        change(share, -1);
      }
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
