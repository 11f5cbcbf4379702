/**
 * What happened behind the API, for the page's diagram: which function called what, and what the
 * provider was asked. No contents.
 */
import type { AwsCall, ServiceName } from "@rollup-vault/local-aws/aws/call";
import type { ObservedRequest } from "@rollup-vault/local-rollup-id/observe";

/** One arrow. */
interface Activity {
  readonly at: number;
  /** `browser`, or the short name of a function. */
  readonly from: string;
  readonly to: "DynamoDB" | "KMS" | "Secrets Manager" | "SQS" | "Provider";
  /** E.g. `GetItem Users`, `POST /token`. */
  readonly what: string;
  readonly status?: number | null;
  readonly duration_ms?: number;
}

export interface ActivityLog {
  readonly awsCall: (call: AwsCall) => void;
  /** The page reads the entry on each request, so it may be completed later. */
  readonly providerRequest: (request: ObservedRequest) => void;
  /** In the order of time. @param since epoch milliseconds */
  read(since: number, names: ActivityNames): readonly Activity[];
}

/** What can only be told once everything is there. */
export interface ActivityNames {
  /** Access key id → short name of the function. */
  readonly callers: ReadonlyMap<string, string>;
  /** Name of a table → how it is shown. */
  readonly tables: ReadonlyMap<string, string>;
}

const SERVICE: Readonly<Record<ServiceName, Activity["to"] | undefined>> = {
  dynamodb: "DynamoDB",
  kms: "KMS",
  secretsmanager: "Secrets Manager",
  sqs: "SQS",
  "execute-api": undefined,
};

/** A diagram is about the last action; what is older than that many calls is of no use. */
const MAX_KEPT = 2_000;

export function createActivityLog(now: () => number = Date.now): ActivityLog {
  const calls: (readonly [at: number, call: AwsCall])[] = [];
  const requests: ObservedRequest[] = [];
  return {
    awsCall: (call) => {
      keep(calls, [now(), call] as const);
    },
    providerRequest: (request) => {
      keep(requests, request);
    },
    read: (since, names) =>
      [
        ...calls.filter(([at]) => at >= since).flatMap((call) => shownCall(call, names)),
        ...requests.filter(({ at }) => at >= since).map(shownRequest),
      ].sort((one, other) => one.at - other.at),
  };
}

function keep<T>(list: T[], entry: T): void {
  if (list.push(entry) > MAX_KEPT) {
    list.shift();
  }
}

function shownCall(
  [at, { accessKeyId, service, action, resource }]: readonly [number, AwsCall],
  { callers, tables }: ActivityNames,
): Activity[] {
  const from = callers.get(accessKeyId);
  const to = SERVICE[service];
  if (from === undefined || to === undefined) {
    return [];
  }
  const table = tables.get(/table\/([^/]+)/.exec(resource ?? "")?.[1] ?? "");
  return [{ at, from, to, what: table === undefined ? action : `${action} ${table}` }];
}

function shownRequest(request: ObservedRequest): Activity {
  const { at, method, path, byBrowser, status, durationMs } = request;
  return {
    at,
    from: byBrowser ? "browser" : "function",
    to: "Provider",
    what: `${method} ${path}`,
    ...(status !== undefined && { status }),
    ...(durationMs !== undefined && { duration_ms: durationMs }),
  };
}
