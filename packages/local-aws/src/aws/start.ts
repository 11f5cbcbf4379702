/**
 * Starts the AWS of a local run: DynamoDB, KMS, Secrets Manager and, where there are queues, SQS
 * on loopback ports, with one front door in common.
 */
import { randomBytes } from "node:crypto";
import { type Admin, createAdmin, type Endpoints } from "./admin";
import { type BackendOptions, openDoors, startBackends } from "./backends";
import type { Authorize, AwsCall, OnCall, ServiceName } from "./call";
import { createCallLog } from "./call-log";
import type { QueueMetrics } from "./sqs";
import { partitionKey } from "./tables";

export interface LocalAwsOptions extends BackendOptions {
  /** 0 or absent: any free port. */
  readonly ports?: Partial<Record<ServiceName, number>>;
  /** Absent: everything is permitted. */
  readonly authorize?: Authorize;
  readonly onCall?: OnCall;
}

export interface LocalAws extends Omit<Admin, "close"> {
  readonly endpoints: Endpoints;
  /**
   * Every well-formed call since the start or `resetCalls`, the denied ones too; at most the last
   * 100,000.
   */
  calls(): readonly AwsCall[];
  resetCalls(): void;
  /** Of each queue now; none of queues that are elsewhere. */
  queueMetrics(): readonly QueueMetrics[];
  close(): Promise<void>;
}

export async function startLocalAws(options: LocalAwsOptions = {}): Promise<LocalAws> {
  const count = createCallLog(options.onCall);
  const partitionKeys = new Map<string, string>();
  const adminAccessKeyId = `LOCALADMIN${randomBytes(8).toString("hex").toUpperCase()}`;
  const { authorize } = options;
  const backends = await startBackends(options, partitionKeys);
  const doors = await openDoors(backends, options.ports ?? {}, {
    authorize,
    onCall: count.add,
    adminAccessKeyId,
  });
  const admin = createAdmin(doors.endpoints, adminAccessKeyId);
  return {
    ...admin,
    endpoints: doors.endpoints,
    createTables: async (definitions) => {
      for (const definition of definitions) {
        partitionKeys.set(definition.TableName, partitionKey(definition));
      }
      return await admin.createTables(definitions);
    },
    calls: count.calls,
    resetCalls: count.reset,
    queueMetrics: () => backends.sqs?.measure() ?? [],
    close: async () => {
      admin.close();
      await doors.close();
      await backends.close();
    },
  };
}
