/**
 * Functions that run by the clock: `AWS::Events::Rule` and `AWS::Scheduler::Schedule`, at a rate.
 */
import * as v from "valibot";
import type { Assembly, Resource } from "./assembly";
import { expect } from "./expect";
import { functionCalled } from "./function-called";
import { type Resolver, resourceKey } from "./resolver";

export interface Schedule {
  /** `stack/logicalId` of the function. */
  readonly functionId: string;
  readonly everyMs: number;
  /**
   * ARN of the rule; undefined for one of EventBridge Scheduler, whose event is `input` and
   * nothing else.
   */
  readonly ruleArn: string | undefined;
  /** What the function gets instead of the usual event. */
  readonly input: unknown;
}

const State = v.optional(v.picklist(["ENABLED", "DISABLED"]), "ENABLED");
/** Both are about events that cannot be delivered, and here all of them can. */
const DELIVERY = {
  RetryPolicy: v.optional(v.unknown()),
  DeadLetterConfig: v.optional(v.unknown()),
};
const Input = v.optional(v.pipe(v.string(), v.parseJson()));

const Rule = v.strictObject({
  Name: v.optional(v.string()),
  Description: v.optional(v.string()),
  ScheduleExpression: v.string(),
  State,
  Targets: v.array(v.strictObject({ Arn: v.string(), Id: v.string(), Input, ...DELIVERY })),
  Tags: v.optional(v.unknown()),
});

const SchedulerSchedule = v.strictObject({
  Name: v.optional(v.string()),
  GroupName: v.optional(v.string()),
  Description: v.optional(v.string()),
  ScheduleExpression: v.string(),
  ScheduleExpressionTimezone: v.optional(v.string()),
  State,
  FlexibleTimeWindow: v.strictObject({ Mode: v.literal("OFF") }),
  Target: v.strictObject({ Arn: v.string(), RoleArn: v.string(), Input, ...DELIVERY }),
});

/** @throws Error where one asks for more than the local run does */
export function readSchedules(assembly: Assembly, resolver: Resolver): Schedule[] {
  return assembly.resources.flatMap((resource) => {
    const read = READERS[resource.type];
    return read === undefined ? [] : read(assembly, resource, resolver);
  });
}

type Read = (assembly: Assembly, resource: Resource, resolver: Resolver) => Schedule[];

const READERS: Readonly<Record<string, Read>> = {
  "AWS::Events::Rule": (assembly, { stack, logicalId, properties }, resolver) => {
    // A rule over events of CloudTrail, which is not here.
    if ("EventPattern" in properties) {
      return [];
    }
    const rule = expect(Rule, resolver.resolve(stack, properties), logicalId);
    return enabled(rule.State, () => {
      const everyMs = readRate(rule.ScheduleExpression, logicalId);
      const ruleArn = String(resolver.resolve(stack, { "Fn::GetAtt": [logicalId, "Arn"] }));
      return rule.Targets.map(({ Arn, Input: input }) => {
        return { functionId: resourceKey(functionCalled(assembly, Arn)), everyMs, ruleArn, input };
      });
    });
  },
  "AWS::Scheduler::Schedule": (assembly, { stack, logicalId, properties }, resolver) => {
    const schedule = expect(SchedulerSchedule, resolver.resolve(stack, properties), logicalId);
    return enabled(schedule.State, () => {
      const { Arn, Input: input = {} } = schedule.Target;
      const everyMs = readRate(schedule.ScheduleExpression, logicalId);
      const functionId = resourceKey(functionCalled(assembly, Arn));
      return [{ functionId, everyMs, ruleArn: undefined, input }];
    });
  },
};

function enabled(state: string, read: () => Schedule[]): Schedule[] {
  return state === "ENABLED" ? read() : [];
}

const MINUTES: Readonly<Record<string, number>> = { minute: 1, hour: 60, day: 1_440 };

/** `rate(5 minutes)`; a point in time or a cron expression is refused. */
function readRate(expression: string, logicalId: string): number {
  const [, count, unit = ""] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const minutes = Number(count) * (MINUTES[unit] ?? 0);
  if (!(minutes > 0)) {
    throw new Error(`the local run cannot serve ${logicalId}: it knows rate(…), not ${expression}`);
  }
  return minutes * 60_000;
}
