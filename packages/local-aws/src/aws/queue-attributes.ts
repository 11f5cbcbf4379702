/**
 * Attributes of a queue: on the wire all of them are strings. What has no local meaning is taken
 * and not kept.
 */
import * as v from "valibot";
import { AwsError } from "./call";
import { changeFifo, fifoSettingsSchema, isFifoAttribute, showFifo } from "./fifo";

export const queueSettingsSchema = v.object({
  /** Seconds, all of them. */
  delay: v.number(),
  visibilityTimeout: v.number(),
  retention: v.number(),
  waitTime: v.number(),
  /** Bytes. */
  maximumMessageSize: v.number(),
  /** Of a FIFO queue. */
  fifo: v.optional(fifoSettingsSchema),
  redrive: v.optional(v.object({ deadLetterTargetArn: v.string(), maxReceiveCount: v.number() })),
});

export type QueueSettings = v.InferOutput<typeof queueSettingsSchema>;

/** AWS's defaults. */
export const DEFAULT_SETTINGS: QueueSettings = {
  delay: 0,
  visibilityTimeout: 30,
  retention: 345_600,
  waitTime: 0,
  maximumMessageSize: 262_144,
};

const NUMBERS: Readonly<
  Record<string, readonly [keyof Omit<QueueSettings, "fifo" | "redrive">, number, number]>
> = {
  DelaySeconds: ["delay", 0, 900],
  VisibilityTimeout: ["visibilityTimeout", 0, 43_200],
  MessageRetentionPeriod: ["retention", 60, 1_209_600],
  ReceiveMessageWaitTimeSeconds: ["waitTime", 0, 20],
  MaximumMessageSize: ["maximumMessageSize", 1_024, 1_048_576],
};

/** Encryption at rest, resource policies, and who may use a queue for its dead letters. */
const WITHOUT_MEANING = new Set([
  "KmsDataKeyReusePeriodSeconds",
  "KmsMasterKeyId",
  "Policy",
  "RedriveAllowPolicy",
  "SqsManagedSseEnabled",
]);

const redrivePolicy = v.object({
  deadLetterTargetArn: v.string(),
  maxReceiveCount: v.pipe(
    v.union([v.number(), v.pipe(v.string(), v.digits(), v.transform(Number))]),
    v.integer(),
    v.minValue(1),
    v.maxValue(1_000),
  ),
});

/** @throws AwsError InvalidAttributeName, InvalidAttributeValue */
export function changeSettings(
  settings: QueueSettings,
  attributes: Readonly<Record<string, string>>,
): QueueSettings {
  const { fifo } = settings;
  let changed = fifo ? { ...settings, fifo: changeFifo(fifo, attributes) } : settings;
  for (const [name, value] of Object.entries(attributes)) {
    const number = Object.hasOwn(NUMBERS, name) ? NUMBERS[name] : undefined;
    if (number !== undefined) {
      const [setting, min, max] = number;
      changed = { ...changed, [setting]: readNumber(name, value, [min, max]) };
    } else if (name === "RedrivePolicy") {
      changed = { ...changed, redrive: readRedrive(value) };
    } else if (!WITHOUT_MEANING.has(name) && !(fifo && isFifoAttribute(name))) {
      throw new AwsError("InvalidAttributeName", `Unknown Attribute ${name}.`);
    }
  }
  return changed;
}

export function showSettings(settings: QueueSettings): Record<string, string> {
  const numbers = Object.entries(NUMBERS).map(([name, [setting]]) => [
    name,
    String(settings[setting]),
  ]);
  const { fifo, redrive } = settings;
  return {
    ...(Object.fromEntries(numbers) as Record<string, string>),
    ...showFifo(fifo),
    ...(redrive && { RedrivePolicy: JSON.stringify(redrive) }),
  };
}

function readNumber(name: string, value: string, [min, max]: readonly [number, number]): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < min || number > max) {
    throw invalid(name);
  }
  return number;
}

/** An empty one takes the policy away. */
function readRedrive(text: string): QueueSettings["redrive"] {
  if (text === "") {
    return undefined;
  }
  try {
    return v.parse(redrivePolicy, JSON.parse(text));
  } catch {
    throw invalid("RedrivePolicy");
  }
}

function invalid(name: string): AwsError {
  return new AwsError("InvalidAttributeValue", `Invalid value for the parameter ${name}.`);
}
