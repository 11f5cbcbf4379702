/** The monthly bill of a deployment, from counted units and list prices. A pure value. */

/** Units of one call of a route, on a warm instance. */
export interface Units {
  /** DynamoDB read request units. */
  readonly dynamoReads: number;
  /** DynamoDB write request units, those of indexes included. */
  readonly dynamoWrites: number;
  readonly kmsRequests: number;
  /** Bytes that the function writes to its log. */
  readonly logBytes: number;
}

export type Route = "sign_in" | "kept" | "kept_opened_by_kms" | "refresh" | "user";

export interface Counts {
  readonly routes: Readonly<Record<Route, Units>>;
  /** Bytes that one user occupies in all tables: user, grant and one session. */
  readonly bytesPerUser: number;
}

interface Price {
  readonly title: string;
  readonly usd: number;
  readonly per: number;
  readonly unit: string;
}

export type Item =
  | "httpApi"
  | "lambdaRequests"
  | "lambdaDuration"
  | "dynamoWrites"
  | "dynamoReads"
  | "dynamoStorage"
  | "dynamoBackup"
  | "kmsRequests"
  | "kmsKeys"
  | "secrets"
  | "logs"
  | "customMetrics"
  | "alarmMetrics"
  | "compositeAlarms"
  | "dashboards";

export type Prices = Readonly<Record<Item, Price>>;

/** What users do in a month. */
export interface Usage {
  readonly users: number;
  /** Calls of `POST /me/access-token`, for each user. */
  readonly calls: number;
  /** How many of 100 of those calls find no kept token and refresh. */
  readonly refreshPercent: number;
  /** Sign-ins of each user. */
  readonly signIns: number;
}

/** What no count can tell: how long a function runs, by route, in milliseconds. */
export const BILLED_MS: Readonly<Record<Route, number>> = {
  sign_in: 350,
  kept: 15,
  kept_opened_by_kms: 25,
  refresh: 300,
  user: 15,
};
/** The least that a function gets (lib/functions). */
const MEMORY_GB = 0.5;
/** What Lambda itself writes for each call: its start, end and report, as JSON. */
export const PLATFORM_LOG_BYTES = 700;
/** That of the grants, and that of the topic of alarms. */
const KEYS = 2;
const SECRETS = 1;
/** What the template's monitoring has; a test counts it there. */
export const MONITORING = { alarmMetrics: 63, compositeAlarms: 7, dashboards: 1 };
/** That have values in each hour of a month: outcomes, and routes by outcome (decision 0047). */
const CUSTOM_METRICS = 30;
const GB = 1e9;

export interface Line {
  readonly item: Item;
  readonly title: string;
  readonly amount: number;
  readonly unit: string;
  readonly usd: number;
}

/**
 * How often each route is called. A sign-in is followed by one read of the user. A kept token is
 * opened by KMS each time: the cautious reading, since an instance keeps only a few opened ones.
 */
export function callsOf(usage: Usage): Readonly<Record<Route, number>> {
  const calls = usage.users * usage.calls;
  const refreshes = (calls * usage.refreshPercent) / 100;
  const signIns = usage.users * usage.signIns;
  return {
    sign_in: signIns,
    user: signIns,
    refresh: refreshes,
    kept: 0,
    kept_opened_by_kms: calls - refreshes,
  };
}

export function bill(usage: Usage, counts: Counts, prices: Prices): readonly Line[] {
  const calls = callsOf(usage);
  const routes = Object.keys(calls) as Route[];
  const sum = (units: (route: Route) => number): number =>
    routes.reduce((total, route) => total + calls[route] * units(route), 0);
  const requests = sum(() => 1);
  const storage = (usage.users * counts.bytesPerUser) / GB;
  const amounts: Readonly<Record<Item, number>> = {
    httpApi: requests,
    lambdaRequests: requests,
    lambdaDuration: sum((route) => (BILLED_MS[route] / 1000) * MEMORY_GB),
    dynamoWrites: sum((route) => counts.routes[route].dynamoWrites),
    dynamoReads: sum((route) => counts.routes[route].dynamoReads),
    dynamoStorage: storage,
    dynamoBackup: storage,
    kmsRequests: sum((route) => counts.routes[route].kmsRequests),
    kmsKeys: KEYS,
    secrets: SECRETS,
    logs: sum((route) => counts.routes[route].logBytes + PLATFORM_LOG_BYTES) / GB,
    customMetrics: CUSTOM_METRICS,
    alarmMetrics: MONITORING.alarmMetrics,
    compositeAlarms: MONITORING.compositeAlarms,
    dashboards: MONITORING.dashboards,
  };
  return (Object.keys(amounts) as Item[]).map((item) => {
    const { title, usd, per, unit } = prices[item];
    return { item, title, amount: amounts[item], unit, usd: (amounts[item] / per) * usd };
  });
}

export function total(lines: readonly Line[]): number {
  return lines.reduce((sum, { usd }) => sum + usd, 0);
}
