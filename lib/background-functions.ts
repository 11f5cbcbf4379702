/**
 * The functions without a route: recovery, which consumes the recovery queues, and the sweep, which
 * runs every five minutes.
 */
import { Duration, Validations } from "aws-cdk-lib";
import { Rule, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import { EventSourceMapping } from "aws-cdk-lib/aws-lambda";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { SWEEP_EVERY_MS, SWEEP_MS } from "../lambda/deadlines";
import {
  DUE_GRANTS_INDEX,
  GRANTS_BY_STATUS_INDEX,
  UNFINISHED_ERASURES_INDEX,
} from "../lambda/facts";
import { POSITIONS_KEY } from "../lambda/store/control-keys";
import { LASTING_OF } from "../lambda/store/lasting-attributes";
import { SWEEP_POSITIONS } from "../lambda/store/written-attributes";
import { ApiFunction } from "./api-function";
import type { CodeOf } from "./bundling";
import { grantClientAccess } from "./client-access";
import type { DataStack } from "./data-stack";
import { functionTimeouts } from "./function-timeouts";
import { metricsNamespaceOf } from "./metrics-namespace";
import { needsOf } from "./provider-needs";
import type { Stage } from "./stage";
import { ENDED } from "./table-statements";

export interface BackgroundFunctionsProps {
  readonly stage: Stage;
  readonly data: DataStack;
  readonly codeOf: CodeOf;
}

const SWEEP_EVERY = Duration.millis(SWEEP_EVERY_MS);
const SWEEP_TIMEOUT = Duration.millis(SWEEP_MS);
/** Messages that one invocation processes in parallel. */
const BATCH_SIZE = 5;
/** Of recovery: an account with a limit of 10 keeps four for its callers. */
const DEFAULT_CONCURRENCY = 6;
/** The smallest `maxConcurrency` that Lambda accepts. */
const MIN_CONCURRENCY = 2;

export interface BackgroundFunctions {
  readonly all: readonly ApiFunction[];
  /** Without the sweep: it ends with an error where an entry failed. */
  readonly watched: readonly ApiFunction[];
}

export function addBackgroundFunctions(
  scope: Construct,
  props: BackgroundFunctionsProps,
): BackgroundFunctions {
  const sweep = addSweep(scope, props);
  const { recoveryQueue } = props.data;
  const watched = recoveryQueue === undefined ? [] : [addRecovery(scope, recoveryQueue, props)];
  return { all: [sweep, ...watched], watched };
}

/** Completes refreshes whose caller crashed: it has the rights of the access-token function. */
function addRecovery(
  scope: Construct,
  queue: Queue,
  { stage, data, codeOf }: BackgroundFunctionsProps,
): ApiFunction {
  const most =
    stage.recoveryConcurrency ?? stage.reservedConcurrency?.recovery ?? DEFAULT_CONCURRENCY;
  const recovery = new ApiFunction(scope, "Recovery", {
    code: codeOf("recovery"),
    timeout: functionTimeouts(stage.idp).recovery,
    concurrency: "recovery",
    stage,
    metricsNamespace: metricsNamespaceOf(stage),
  });
  recovery.setVariable("IDP_SETTINGS", stage.idp);
  recovery.grantIssuance(data.refreshTokens, { hasDue: needsOf(stage.idp).hasDue });
  recovery.grantSeal(data.grantKey);
  recovery.grantOpen(data.grantKey);
  grantClientAccess(recovery, { stage, data });
  grantRecoveryQueues(recovery, data);
  const { orderedRecoveryQueue: ordered } = data;
  if (ordered === undefined) {
    addTasks(recovery, "Tasks", { queue, maxConcurrency: most });
    return recovery;
  }
  // Together no more than what may be reserved, or received messages would be throttled. The
  // ordered queue gets the larger part, since its messages cause refreshes.
  const watching = Math.max(MIN_CONCURRENCY, Math.floor(most / 3));
  addTasks(recovery, "Tasks", { queue, maxConcurrency: watching });
  addTasks(recovery, "OrderedTasks", {
    queue: ordered,
    maxConcurrency: most - watching,
  });
  return recovery;
}

/** For functions that refresh: the right to send a watchdog, a spilled token or a take-over. */
export function grantRecoveryQueues(
  to: ApiFunction,
  {
    recoveryQueue,
    orderedRecoveryQueue,
  }: Pick<DataStack, "recoveryQueue" | "orderedRecoveryQueue">,
): void {
  if (recoveryQueue !== undefined && orderedRecoveryQueue !== undefined) {
    to.grantSend(recoveryQueue);
    to.grantSendInOrder(orderedRecoveryQueue);
  }
}

interface TasksProps {
  readonly queue: Queue;
  readonly maxConcurrency: number;
}

function addTasks(recovery: ApiFunction, id: string, { queue, maxConcurrency }: TasksProps): void {
  recovery.grantTake(queue);
  const tasks = new EventSourceMapping(recovery, id, {
    target: recovery.func,
    eventSourceArn: queue.queueArn,
    batchSize: BATCH_SIZE,
    reportBatchItemFailures: true,
    maxConcurrency: Math.max(MIN_CONCURRENCY, maxConcurrency),
  });
  Validations.of(tasks).acknowledge({
    id: "Serverless-LambdaEventSourceMappingDestination",
    reason: "a queue's destination for what fails is its own dead letter queue",
  });
}

/**
 * The sweep: rights to finish erasures and disconnects, and no more. What fails is tried again five
 * minutes later.
 */
function addSweep(
  scope: Construct,
  { stage, data, codeOf }: BackgroundFunctionsProps,
): ApiFunction {
  const { hasDue } = needsOf(stage.idp);
  const sweep = new ApiFunction(scope, "Sweep", {
    code: codeOf("sweep"),
    timeout: SWEEP_TIMEOUT,
    concurrency: "sweep",
    stage,
    metricsNamespace: metricsNamespaceOf(stage),
  });
  sweep.setVariable("IDP_SETTINGS", stage.idp);
  sweep.grantFinishErasures(data.users);
  sweep.grantQuery(data.users, UNFINISHED_ERASURES_INDEX);
  sweep.grantRefreshTokens(data.refreshTokens, {
    hasDue,
    lasting: LASTING_OF.sweep,
    control: [ENDED, { key: POSITIONS_KEY, attributes: SWEEP_POSITIONS }],
  });
  sweep.grantQuery(data.refreshTokens, GRANTS_BY_STATUS_INDEX);
  sweep.grantEndSessionsOnly(data.sessions);
  if (hasDue && data.recoveryQueue !== undefined) {
    sweep.grantQuery(data.refreshTokens, DUE_GRANTS_INDEX);
    sweep.grantSend(data.recoveryQueue);
  }
  if (stage.idp.revocationEndpoint !== undefined) {
    sweep.grantOpen(data.grantKey);
    grantClientAccess(sweep, { stage, data });
  }
  sweep.func.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: SWEEP_EVERY });
  const rule = new Rule(sweep, "Schedule", {
    schedule: Schedule.rate(SWEEP_EVERY),
    targets: [new LambdaFunction(sweep.func, { retryAttempts: 0, maxEventAge: SWEEP_EVERY })],
  });
  const reason = "a run that is lost is made up for by the next one, five minutes later";
  Validations.of(rule).acknowledge({ id: "Serverless-EventBusDLQ", reason });
  Validations.of(sweep.func).acknowledge({
    id: "Serverless-LambdaAsyncFailureDestination",
    reason,
  });
  return sweep;
}
