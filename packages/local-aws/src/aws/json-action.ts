/** One action of a JSON service: the schema of its input, and its function. */
import * as v from "valibot";
import { AwsError } from "./call";
import type { Input } from "./json-protocol";

export type JsonAction = (input: Input) => Readonly<Record<string, unknown>>;

/** Members that the schema does not name are left out, as AWS ignores what it does not know. */
export function jsonAction<S extends v.GenericSchema>(
  schema: S,
  run: (input: v.InferOutput<S>) => Readonly<Record<string, unknown>>,
): JsonAction {
  return (input) => {
    const parsed = v.safeParse(schema, input);
    if (!parsed.success) {
      const path = v.getDotPath(parsed.issues[0]) ?? "input";
      throw new AwsError(
        "ValidationException",
        `1 validation error detected: Value at '${path}' failed to satisfy constraint`,
      );
    }
    return run(parsed.output);
  };
}

/** @throws AwsError UnknownOperationException */
export function runAction(
  actions: Readonly<Record<string, JsonAction>>,
  name: string,
  input: Input,
): Readonly<Record<string, unknown>> {
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (action === undefined) {
    throw new AwsError("UnknownOperationException", `${name} is not offered locally`);
  }
  return action(input);
}

/** Base64 on the wire, bytes inside. */
export function bytes(min: number, max: number) {
  return v.pipe(
    v.string(),
    v.base64(),
    v.transform((text) => Buffer.from(text, "base64")),
    v.check((value) => value.length >= min && value.length <= max),
  );
}
