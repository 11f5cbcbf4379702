/** Reads quotas.json: what AWS and providers allow by default, each with its page. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

export type QuotaName =
  | "httpApi"
  | "lambdaConcurrency"
  | "lambdaNewAccount"
  | "lambdaScaling"
  | "kms"
  | "kmsElsewhere"
  | "kmsSign"
  | "tableWrites"
  | "tableReads"
  | "newTableWrites"
  | "partitionWrites"
  | "secrets"
  | "fifo"
  | "fifoPartition";

export interface Quota {
  /** One to four words. */
  readonly short: string;
  readonly title: string;
  /** Requests or units per second; of `lambdaConcurrency` there is `atOnce` instead. */
  readonly perSecond?: number;
  /** What a token bucket holds. Absent: one second's worth. */
  readonly burst?: number;
  /** Executions. */
  readonly atOnce?: number;
  /** Service and code in Service Quotas; null: it cannot be raised. */
  readonly code: string | null;
  readonly source: string;
}

export interface QuotaFile {
  readonly date: string;
  readonly region: string;
  readonly note: string;
  readonly items: Readonly<Record<QuotaName, Quota>>;
  readonly providers: readonly (Pick<Quota, "short" | "title" | "source"> & {
    readonly perSecond: number;
  })[];
}

export function readQuotas(): QuotaFile {
  return JSON.parse(readFileSync(join(__dirname, "quotas.json"), "utf8")) as QuotaFile;
}

/** The number of a quota, whatever it counts. */
export function limitOf({ perSecond, atOnce }: Quota): number {
  return perSecond ?? atOnce ?? Infinity;
}
