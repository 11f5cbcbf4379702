import * as v from "valibot";

/**
 * The local run does exactly as much as the schema says; a template that wants more must not look
 * as if it had got it.
 * @throws Error naming the resource and the property
 */
export function expect<S extends v.GenericSchema>(
  schema: S,
  value: unknown,
  logicalId: string,
): v.InferOutput<S> {
  const result = v.safeParse(schema, value);
  if (!result.success) {
    const [issue] = result.issues;
    throw new Error(
      `the local run cannot serve ${logicalId}: ${v.getDotPath(issue) ?? ""}: ${issue.message}`,
    );
  }
  return result.output;
}
