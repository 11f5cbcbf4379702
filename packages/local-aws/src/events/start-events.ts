/** What invokes functions besides the API: queues and the clock, as the templates say. */
import type { Authorize } from "../aws/call";
import type { Functions } from "../functions";
import type { Application, LocalFunction } from "../template/application";
import type { EventSource } from "../template/event-sources";
import { startPoller } from "./queue-poller";
import { startScheduler } from "./scheduler";

export interface EventsOptions {
  readonly application: Pick<Application, "functions" | "eventSources" | "schedules">;
  readonly functions: Functions;
  /** Of SQS, where there are queues. */
  readonly endpoint: string | undefined;
  readonly authorize: Authorize;
  /** Processes per function at most. */
  readonly concurrency: number;
}

export interface Events {
  /**
   * Runs a scheduled function now, by its short name.
   * @returns what it answers
   * @throws FunctionError
   */
  runSchedule(label: string): Promise<unknown>;
  /** Whether functions are given what is in queues; they are at first. */
  enableQueues(isEnabled: boolean): void;
  close(): Promise<void>;
}

/** Lambda begins with as many batches at once. */
const DEFAULT_BATCHES = 5;

/** @throws Error where a role may not do what Lambda does with it */
export function startEvents(options: EventsOptions): Events {
  const { application, functions, endpoint = "", concurrency } = options;
  const invoke = async (id: string, event: unknown) => await functions.invoke(id, event);
  const sources = application.eventSources.map((source) => {
    const spec = find(application.functions, ({ id }) => id === source.functionId);
    assertMayRead(spec, source, options);
    const limits = [source.maximumConcurrency ?? DEFAULT_BATCHES, concurrency];
    return {
      source,
      endpoint,
      credentials: functions.credentials(spec.id),
      concurrency: Math.min(...limits, spec.reservedConcurrency ?? Infinity),
      invoke: async (event: unknown) => await invoke(spec.id, event),
    };
  });
  const pollers = sources.map(startPoller);
  const scheduler = startScheduler(application.schedules, invoke);
  return {
    runSchedule: async (wanted) =>
      await scheduler.run(find(application.functions, ({ label }) => label === wanted).id),
    enableQueues: (isEnabled) => {
      pollers.forEach((poller) => {
        poller.enable(isEnabled);
      });
    },
    close: async () => {
      await Promise.all([...pollers, scheduler].map((part) => part.close()));
    },
  };
}

function find(
  functions: readonly LocalFunction[],
  matches: (spec: LocalFunction) => boolean,
): LocalFunction {
  const found = functions.find(matches);
  if (found === undefined) {
    throw new Error("the template has no such function");
  }
  return found;
}

/** Without these AWS refuses to make the mapping. */
function assertMayRead(
  { label, id }: LocalFunction,
  { queueArn }: EventSource,
  { authorize, functions }: EventsOptions,
): void {
  const { accessKeyId } = functions.credentials(id);
  const subject = { service: "sqs", resource: queueArn, context: {}, contextLists: {} } as const;
  for (const action of ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"]) {
    if (!authorize({ ...subject, action, accessKeyId })) {
      throw new Error(
        `AWS would refuse the event source of ${label}: its role lacks sqs:${action}`,
      );
    }
  }
}
