/**
 * All queues of the local SQS by name: their settings in one small file, their messages in a
 * journal each.
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import { AwsError, localArn } from "./call";
import { createDurableFile } from "./durable-file";
import { fifoOfNew } from "./fifo";
import { createQueue, type Queue } from "./queue";
import {
  changeSettings,
  DEFAULT_SETTINGS,
  type QueueSettings,
  queueSettingsSchema,
} from "./queue-attributes";

export interface Queues {
  /** Idempotent where the settings are the same. @throws AwsError QueueNameExists */
  create(name: string, attributes: Readonly<Record<string, string>>): void;
  change(name: string, attributes: Readonly<Record<string, string>>): void;
  has(name: string): boolean;
  names(): readonly string[];
  /** @throws AwsError QueueDoesNotExist, here and below */
  settings(name: string): QueueSettings;
  get(name: string): Queue;
  /**
   * Resolves when there may be something to receive, and at the end of the wait or of the
   * receiver's patience.
   */
  untilReceivable(name: string, milliseconds: number, signal: AbortSignal): Promise<void>;
  close(): void;
}

/** @param folder undefined: in memory only */
export function createQueues(folder: string | undefined, now: () => number): Queues {
  const path = (name: string): string | undefined => folder && join(folder, name);
  const schema = v.record(v.string(), queueSettingsSchema);
  const file = createDurableFile<Record<string, QueueSettings>>(path("queues.json"), schema, {});
  const open = new Map<string, Queue>();
  const closing = new AbortController();
  const settings = (name: string): QueueSettings => {
    const found = Object.hasOwn(file.read(), name) ? file.read()[name] : undefined;
    return found ?? refuseUnknown();
  };
  const get = (name: string): Queue => {
    settings(name);
    const queue = open.get(name) ?? openQueue(name);
    open.set(name, queue);
    return queue;
  };
  const openQueue = (name: string): Queue =>
    createQueue({
      path: path(`${name}.jsonl`),
      now,
      settings: () => settings(name),
      bury: (dead) => {
        const target = settings(name).redrive?.deadLetterTargetArn.split(":").at(-1) ?? "";
        const letter = { ...dead, received: 0, receipt: undefined, firstReceivedAt: undefined };
        const moved = { visibleAt: now(), buriedAt: now(), source: localArn("sqs", name) };
        get(target).take({ ...letter, ...moved });
      },
    });
  const write = (name: string, wanted: QueueSettings): void => {
    const target = wanted.redrive?.deadLetterTargetArn.split(":").at(-1);
    const isFifo = ({ fifo }: QueueSettings): boolean => fifo !== undefined;
    if (target !== undefined && isFifo(settings(target)) !== isFifo(wanted)) {
      const message = "The dead letter queue of a FIFO queue, and of no other, is a FIFO queue.";
      throw new AwsError("InvalidParameterValue", message);
    }
    file.write({ ...file.read(), [name]: wanted });
  };
  return {
    create: (name, attributes) => {
      const fifo = fifoOfNew(name, attributes);
      const wanted = changeSettings({ ...DEFAULT_SETTINGS, ...(fifo && { fifo }) }, attributes);
      if (!Object.hasOwn(file.read(), name)) {
        write(name, wanted);
      } else if (JSON.stringify(settings(name)) !== JSON.stringify(wanted)) {
        throw new AwsError("QueueNameExists", "A queue already exists with the same name.");
      }
    },
    change: (name, attributes) => {
      write(name, changeSettings(settings(name), attributes));
    },
    has: (name) => Object.hasOwn(file.read(), name),
    names: () => Object.keys(file.read()),
    settings,
    get,
    untilReceivable: async (name, milliseconds, signal) => {
      await untilReceivable(get(name), {
        now,
        deadline: now() + milliseconds,
        signal: AbortSignal.any([signal, closing.signal]),
      });
    },
    close: () => {
      closing.abort();
      open.forEach((queue) => {
        queue.close();
      });
    },
  };
}

/** Often enough for a run on one machine; nothing in a queue has to tell its receivers. */
const LOOK_EVERY_MS = 50;

async function untilReceivable(
  queue: Queue,
  { now, deadline, signal }: { now: () => number; deadline: number; signal: AbortSignal },
): Promise<void> {
  while (now() < deadline && (queue.nextAt() ?? Infinity) > now() && !signal.aborted) {
    await sleep(LOOK_EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

function refuseUnknown(): never {
  throw new AwsError("QueueDoesNotExist", "The specified queue does not exist.");
}
