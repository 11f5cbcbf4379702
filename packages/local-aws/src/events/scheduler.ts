/**
 * Runs functions at their rate. A run that fails is not repeated: the next one is due soon enough.
 */
import { randomUUID } from "node:crypto";
import { LOCAL_ACCOUNT, LOCAL_REGION } from "../aws/call";
import type { Schedule } from "../template/schedules";

export interface Scheduler {
  /**
   * @returns what the function answers to a run that begins now.
   * @throws Error where nothing schedules it
   */
  run(functionId: string): Promise<unknown>;
  close(): Promise<void>;
}

export function startScheduler(
  schedules: readonly Schedule[],
  invoke: (functionId: string, event: unknown) => Promise<unknown>,
): Scheduler {
  const timers = schedules.map((schedule) => {
    const fire = (): void => {
      // What became of it is in the function's log.
      invoke(schedule.functionId, scheduledEvent(schedule)).catch(() => undefined);
    };
    return setInterval(fire, schedule.everyMs).unref();
  });
  return {
    run: async (functionId) => {
      const schedule = schedules.find((one) => one.functionId === functionId);
      if (schedule === undefined) {
        throw new Error(`nothing schedules ${functionId}`);
      }
      return await invoke(functionId, scheduledEvent(schedule));
    },
    close: async () => {
      timers.forEach((timer) => {
        clearInterval(timer);
      });
      await Promise.resolve();
    },
  };
}

/** "Scheduled Event" (EventBridge User Guide), unless the target has an input of its own. */
function scheduledEvent({ input, ruleArn }: Schedule): unknown {
  return (
    input ?? {
      version: "0",
      id: randomUUID(),
      "detail-type": "Scheduled Event",
      source: "aws.events",
      account: LOCAL_ACCOUNT,
      time: `${new Date().toISOString().slice(0, 19)}Z`,
      region: LOCAL_REGION,
      resources: [ruleArn],
      detail: {},
    }
  );
}
