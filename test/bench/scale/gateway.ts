/** The HTTP API before the functions: throttles, instances, errors as the product answers them. */
import { ServiceError } from "../../../lambda/errors";
import { toProblemResponse } from "../../../lambda/http/problem";
import type { Timer } from "../../../lambda/ports/runtime";
import type { GetAccessToken } from "../../../lambda/refresh/get-access-token";
import { BILLED_MS, type Counts, PLATFORM_LOG_BYTES, type Route } from "../cost/bill";
import type { Bucket } from "./bucket";
import { type createSignIn, SILENT } from "./functions";
import type { Account, Instances } from "./instances";
import type { Meter, Refuser } from "./meter";
import type { Services } from "./services";
import type { VirtualClock } from "./virtual-clock";

export interface GatewayOptions {
  readonly clock: VirtualClock & Timer;
  readonly meter: Meter;
  readonly services: Services;
  readonly counts: Counts;
  readonly account: Account;
  readonly throttles: {
    readonly account: Bucket;
    readonly stage: Bucket;
    readonly routes: Readonly<Record<"access_token" | "sign_in", Bucket>>;
  };
  readonly accessToken: Instances<GetAccessToken>;
  readonly sessions: Instances<undefined>;
  readonly signIn: ReturnType<typeof createSignIn>;
  /** Milliseconds until the access-token function has to end. */
  readonly timeoutMs: number;
}

/** What a client sees of an answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface Gateway {
  accessToken(sub: string, minValiditySeconds: number): Promise<Answer>;
  signIn(sub: string): Promise<Answer>;
}

/** Milliseconds of a first call of an instance beyond those of others (docs/scale.md). */
const COLD_MS = 300;
const MEMORY_GB = 0.5;
const GB = 1e9;
/** Of the three items that a counted call reads, the one that says who calls. */
const SESSION_READS = 1;

export function createGateway(options: GatewayOptions): Gateway {
  const { clock, meter, services, counts, account, throttles } = options;

  function throttled(route: "access_token" | "sign_in"): Answer | undefined {
    if (!throttles.account.take(1)) {
      meter.refused("httpApi");
    } else if (!throttles.stage.take(1) || !throttles.routes[route].take(1)) {
      meter.refused("stage throttle");
    } else {
      meter.bill("httpApi", 1);
      return undefined;
    }
    return { status: 429, headers: {}, body: { message: "Too Many Requests" } };
  }

  /** API Gateway's own 503, where Lambda takes no call. */
  function unserved(by: Refuser): Answer {
    meter.refused(by);
    return { status: 503, headers: {}, body: { message: "Service Unavailable" } };
  }

  async function invoke<T>(
    instances: Instances<T>,
    route: Route,
    work: (instance: T) => Promise<Answer>,
  ): Promise<Answer> {
    const taken = instances.take();
    if ("refusedBy" in taken) {
      return unserved(taken.refusedBy);
    }
    meter.level("executions", account.executions);
    const begunAt = clock.now();
    await clock.sleep(BILLED_MS.kept + (taken.isNew ? COLD_MS : 0));
    const answer = await work(taken.instance).catch(answerTo);
    instances.give(taken.instance);
    meter.level("executions", account.executions);
    meter.bill("lambdaRequests", 1);
    meter.bill("lambdaDuration", ((clock.now() - begunAt) / 1000) * MEMORY_GB);
    meter.bill("logs", (counts.routes[route].logBytes + PLATFORM_LOG_BYTES) / GB);
    return answer;
  }

  function answerTo(error: unknown): Answer {
    if (!(error instanceof ServiceError)) {
      throw error;
    }
    if (error.reason === "cooling_down" || error.reason === "exchange_in_progress") {
      meter.count("paced");
    }
    const { statusCode, headers, body } = toProblemResponse(error, "simulated").answer;
    return { status: statusCode, headers, body: JSON.parse(body ?? "{}") };
  }

  async function handOut(
    getAccessToken: GetAccessToken,
    sub: string,
    minValiditySeconds: number,
  ): Promise<Answer> {
    const deadline = clock.now() + options.timeoutMs;
    const marks = { needsRefresh: false };
    const onRefreshNeeded = () => {
      marks.needsRefresh = true;
    };
    await services.read(SESSION_READS);
    const token = await getAccessToken({
      sub,
      by: "POST /me/access-token",
      deadline,
      log: SILENT,
      minValiditySeconds,
      onRefreshNeeded,
    });
    meter.count(marks.needsRefresh ? "exchanged" : "kept");
    const expires_in = Math.floor((token.expiresAt - clock.now()) / 1000);
    return { status: 200, headers: {}, body: { access_token: token.accessToken, expires_in } };
  }

  async function open(sub: string): Promise<Answer> {
    const { dynamoReads, dynamoWrites } = counts.routes.sign_in;
    const ofGrant = counts.routes.refresh.dynamoWrites / 2;
    await services.read(dynamoReads - SESSION_READS);
    await clock.sleep(BILLED_MS.sign_in - BILLED_MS.kept);
    const evidence = { sub, at: clock.now(), tokenHash: undefined };
    await options.signIn({ evidence, by: "POST /sessions", refreshToken: "handed-in" });
    await services.write(dynamoWrites - ofGrant);
    meter.count("signIns");
    const session = { id: sub, token: `rvs_${sub}` };
    return { status: 201, headers: {}, body: { user: { sub }, session, access_token: null } };
  }

  return {
    accessToken: async (sub, minValiditySeconds) => {
      meter.count("requests");
      return (
        throttled("access_token") ??
        (await invoke(options.accessToken, "refresh", (instance) =>
          handOut(instance, sub, minValiditySeconds),
        ))
      );
    },
    signIn: async (sub) =>
      throttled("sign_in") ?? (await invoke(options.sessions, "sign_in", () => open(sub))),
  };
}
