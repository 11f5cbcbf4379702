import type { Assembly, Resource } from "./assembly";
import { physicalName } from "./resolver";

/**
 * @param reference name or ARN, resolved
 * @throws Error where the template has no such function
 */
export function functionCalled(assembly: Assembly, reference: string): Resource {
  const name = reference.split(":function:").at(-1);
  const called = assembly.resources.find(
    (resource) =>
      resource.type === "AWS::Lambda::Function" && physicalName(resource, "FunctionName") === name,
  );
  if (called === undefined) {
    throw new Error(`${reference} is no function of the template`);
  }
  return called;
}
