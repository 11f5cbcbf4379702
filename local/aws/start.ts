/** Starts the AWS of a local run: DynamoDB, KMS and Secrets Manager on three loopback ports, with one front door in common. */
import { randomBytes } from "node:crypto";
import type { EngineName } from "./engines";
import { createAdmin, type Admin, type Endpoints } from "./admin";
import type { Authorize, AwsCall, ServiceName } from "./call";
import { openDoors, startBackends } from "./services";
import { createCount } from "./count";
import { partitionKey } from "./tables";

export interface LocalAwsOptions {
  /** Absent: throw-away, nothing on disk. */
  readonly dataFolder?: string;
  /** 0 or absent: any free port. */
  readonly ports?: Partial<Record<ServiceName, number>>;
  /** Default: dynalite, which runs everywhere. */
  readonly engine?: EngineName;
  /** Services that are elsewhere: calls still pass the front door, are judged and counted, and go there as they came. */
  readonly external?: Partial<Endpoints>;
  readonly authorize?: Authorize;
  /**
   * Told of every well-formed call before it has any effect; what it returns is awaited and what it throws is the answer
   * (an `AwsError` as AWS words it): how a test slows down or fails a call.
   */
  readonly onCall?: (call: AwsCall) => unknown;
}

export interface LocalAws extends Omit<Admin, "close"> {
  readonly endpoints: Endpoints;
  /** Every well-formed call since the start or `resetCalls`, the denied ones too; at most the last 100,000. */
  calls(): readonly AwsCall[];
  resetCalls(): void;
  close(): Promise<void>;
}

export async function startLocalAws(options: LocalAwsOptions = {}): Promise<LocalAws> {
  const count = createCount(options.onCall);
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
    close: async () => {
      admin.close();
      await doors.close();
      await backends.close();
    },
  };
}
