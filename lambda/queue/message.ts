/**
 * A task as the text of an SQS message: JSON of a closed schema. A spilled refresh token is sealed;
 * without the key the message reveals nothing.
 *
 * @example
 * {"v":1,"kind":"renew","sub":"alice"}
 */
import * as v from "valibot";
import type { RecoveryTask } from "../ports/queues";

const VERSION = 1;

const v1 = { v: v.literal(VERSION) };
const holder = { sub: v.string(), grantId: v.string(), owner: v.string() };

const messageSchema = v.variant("kind", [
  v.strictObject({ ...v1, kind: v.literal("watch"), ...holder }),
  v.strictObject({
    ...v1,
    kind: v.literal("spill"),
    ...holder,
    refreshToken: v.strictObject({
      ciphertext: v.pipe(
        v.string(),
        v.base64(),
        v.transform((text) => new Uint8Array(Buffer.from(text, "base64"))),
      ),
      gen: v.pipe(v.number(), v.integer(), v.minValue(1)),
    }),
  }),
  v.strictObject({ ...v1, kind: v.literal("take-over"), ...holder }),
  v.strictObject({ ...v1, kind: v.literal("renew"), sub: v.string() }),
]);

export function writeMessage(task: RecoveryTask): string {
  const message = { v: VERSION, ...task };
  if (task.kind !== "spill") {
    return JSON.stringify(message);
  }
  const { ciphertext, gen } = task.refreshToken;
  const refreshToken = { ciphertext: Buffer.from(ciphertext).toString("base64"), gen };
  return JSON.stringify({ ...message, refreshToken });
}

/** Reads a message; undefined where its kind or version is unknown to this code. */
export function readMessage(text: string): RecoveryTask | undefined {
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), messageSchema), text);
  if (!result.success) {
    return undefined;
  }
  return toTask(result.output);
}

function toTask(message: v.InferOutput<typeof messageSchema>): RecoveryTask {
  switch (message.kind) {
    case "watch":
    case "take-over": {
      const { kind, sub, grantId, owner } = message;
      return { kind, sub, grantId, owner };
    }
    case "spill": {
      const { kind, sub, grantId, owner, refreshToken } = message;
      return { kind, sub, grantId, owner, refreshToken };
    }
    case "renew": {
      const { kind, sub } = message;
      return { kind, sub };
    }
  }
}
