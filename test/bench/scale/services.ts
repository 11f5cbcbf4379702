/**
 * The services behind a function, each with its quota. What a port costs is what the cost model
 * has counted on the real stack (test/bench/cost/counts.json).
 */
import { createHash } from "node:crypto";
import { UnavailableError, type UnavailableReason } from "../../../lambda/errors";
import type { Grant } from "../../../lambda/grant/grant";
import type { DueAt } from "../../../lambda/grant/phase";
import type { Sealer } from "../../../lambda/ports/crypto";
import type { Timer } from "../../../lambda/ports/runtime";
import type { GrantStore, IssuanceReader, WaitingRoom } from "../../../lambda/ports/stores";
import type { Counts, Item } from "../cost/bill";
import type { Bucket } from "./bucket";
import { indexWritesOf } from "./index-writes";
import type { Meter, Refuser } from "./meter";

interface Buckets {
  readonly kms: Bucket;
  readonly tableWrites: Bucket;
  readonly tableReads: Bucket;
  readonly secrets: Bucket;
  /** Of the table's indexes, by number. */
  readonly indexPartitions: readonly Bucket[];
}

export interface ServicesOptions {
  readonly buckets: Buckets;
  readonly meter: Meter;
  readonly timer: Timer;
  readonly random: () => number;
  readonly counts: Counts;
  readonly dueAt: DueAt | undefined;
}

export interface Services {
  readonly grants: GrantStore;
  readonly waitingRoom: WaitingRoom;
  readonly issuance: IssuanceReader;
  readonly sealer: Sealer;
  /** What `kms:Decrypt` takes; nothing here is really encrypted. */
  unwrap(ciphertext: Uint8Array): Promise<string>;
  readSecret(): Promise<void>;
  /** Units for what has no port here: sessions and users. */
  read(units: number): Promise<void>;
  write(units: number): Promise<void>;
  /** Without any quota: what was there before the simulation began. */
  put(grant: Grant): void;
}

/** Of the SDK's standard retries (lambda/platform/sdk.ts). */
const ATTEMPTS = 3;
/** After throttling the SDK waits a random part of 0.5 s, 1 s, … (`@smithy/core`, retry). */
const THROTTLED_BASE_MS = 500;
/** Grant and mark of the end. The third item that a counted call reads is the session. */
const ISSUANCE_READS = 2;
/** Intent and commit. */
const WRITES_OF_REFRESH = 2;

interface Charge {
  readonly bucket: Bucket;
  readonly by: Refuser;
  readonly units: number;
  /** Absent: included in another charge, or not in the bill. */
  readonly item?: Item;
}

export function createServices(options: ServicesOptions): Services {
  const { buckets, meter, timer, random, counts, dueAt } = options;
  const rows = new Map<string, Grant>();
  const unitsOfWrite = counts.routes.refresh.dynamoWrites / WRITES_OF_REFRESH;

  /** As the SDK does it: a throttled call is repeated, and then fails. */
  async function call(reason: UnavailableReason, charges: readonly Charge[]): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      const refused = charges.find(({ bucket, units }) => !bucket.take(units));
      if (refused === undefined) {
        for (const { item, units } of charges) {
          if (item !== undefined) {
            meter.bill(item, units);
          }
        }
        return;
      }
      meter.refused(refused.by);
      if (attempt + 1 >= ATTEMPTS) {
        throw new UnavailableError(reason);
      }
      await timer.sleep(random() * THROTTLED_BASE_MS * 2 ** attempt);
    }
  }

  async function kms(): Promise<void> {
    const { kms: bucket } = buckets;
    await call("cipher_unavailable", [{ bucket, by: "kms", item: "kmsRequests", units: 1 }]);
  }

  async function read(units: number): Promise<void> {
    const { tableReads: bucket } = buckets;
    await call("store_unavailable", [{ bucket, by: "tableReads", item: "dynamoReads", units }]);
  }

  async function write(units: number, indexed: readonly Charge[] = []): Promise<void> {
    const { tableWrites: bucket } = buckets;
    const table = { bucket, by: "tableWrites", item: "dynamoWrites", units } as const;
    await call("store_unavailable", [...indexed, table]);
  }

  /** A partition of an index that is full refuses the write of the table (back pressure). */
  function indexCharges(before: Grant | undefined, after: Grant): readonly Charge[] {
    const { indexPartitions: partitions } = buckets;
    const bucket = partitions[partitionOf(after.sub, partitions.length)];
    return indexWritesOf(before, after, dueAt).flatMap(({ units }) =>
      bucket === undefined ? [] : [{ bucket, by: "indexPartition", units } as const],
    );
  }

  return {
    grants: {
      read: async (sub) => {
        await read(1);
        return rows.get(sub);
      },
      write: async (next, expected) => {
        await write(unitsOfWrite, indexCharges(rows.get(next.sub), next));
        const current = rows.get(next.sub);
        if ((current?.revision ?? 0) !== expected) {
          return { written: false, current };
        }
        const { waiting } = current ?? {};
        const grant: Grant = { ...next, revision: expected + 1, ...(waiting && { waiting }) };
        rows.set(next.sub, grant);
        return { written: true, grant };
      },
    },
    waitingRoom: {
      enter: async ({ sub, lease: { owner } }, max) => {
        await write(unitsOfWrite);
        const current = rows.get(sub);
        const count = current?.waiting?.owner === owner ? current.waiting.count : 0;
        if (current?.lease?.owner !== owner || count >= max) {
          return false;
        }
        rows.set(sub, { ...current, waiting: { owner, count: count + 1 } });
        meter.count("waited");
        return true;
      },
    },
    issuance: {
      read: async (sub) => {
        await read(ISSUANCE_READS);
        return { grant: rows.get(sub), isFrozen: false };
      },
    },
    sealer: {
      newKey: async () => {
        await kms();
        return { seal: (plaintext) => Buffer.from(plaintext) };
      },
    },
    unwrap: async (ciphertext) => {
      await kms();
      return Buffer.from(ciphertext).toString("utf8");
    },
    readSecret: async () => {
      const { secrets: bucket } = buckets;
      await call("client_secret_unavailable", [{ bucket, by: "secrets", units: 1 }]);
    },
    read,
    write: async (units) => {
      await write(units);
    },
    put: (grant) => {
      rows.set(grant.sub, grant);
    },
  };
}

/** As lambda/store/grant-item.ts spreads subjects over its shards. */
export function partitionOf(sub: string, partitions: number): number {
  return createHash("sha256").update(sub).digest().readUInt8(0) % partitions;
}
