/**
 * CloudFormation's intrinsic functions, as many as the templates use. An unknown one is an error,
 * never a guess.
 */

export interface Scope {
  /** `Ref` of a resource or a pseudo parameter. */
  ref(name: string): string;
  getAtt(logicalId: string, attribute: string): string;
  importValue(exportName: string): unknown;
  stackOutput(stackName: string, outputName: string): unknown;
}

type Evaluate = (argument: unknown, scope: Scope) => unknown;

const FUNCTIONS: Readonly<Record<string, Evaluate>> = {
  Ref: (argument, scope) => scope.ref(text(argument)),
  "Fn::GetAtt": (argument, scope) => {
    const path = typeof argument === "string" ? argument.split(".") : list(argument).map(text);
    return scope.getAtt(text(path[0]), path.slice(1).join("."));
  },
  "Fn::Join": (argument, scope) => {
    const [separator, parts] = list(resolve(argument, scope));
    return list(parts).map(text).join(text(separator));
  },
  "Fn::Select": (argument, scope) => {
    const [index, values] = list(resolve(argument, scope));
    return present(list(values)[Number(index)], "Fn::Select");
  },
  "Fn::Split": (argument, scope) => {
    const [separator, value] = list(resolve(argument, scope));
    return text(value).split(text(separator));
  },
  "Fn::ImportValue": (argument, scope) => scope.importValue(text(resolve(argument, scope))),
  "Fn::GetStackOutput": (argument, scope) => {
    const { StackName: stack, OutputName: output } = members(resolve(argument, scope));
    return scope.stackOutput(text(stack), text(output));
  },
  "Fn::Sub": substitute,
};

/**
 * Replaces every intrinsic function in a value of a template.
 * @throws Error on one that is not known here
 */
export function resolve(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) {
    return value.map((element) => resolve(element, scope));
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const entries = Object.entries(value);
  const [name, argument] = entries[0] ?? [];
  if (entries.length === 1 && name !== undefined && isIntrinsic(name)) {
    const evaluate = FUNCTIONS[name];
    if (evaluate === undefined) {
      throw new Error(`the local run does not know the intrinsic function ${name}`);
    }
    return evaluate(argument, scope);
  }
  return Object.fromEntries(entries.map(([member, inner]) => [member, resolve(inner, scope)]));
}

function isIntrinsic(name: string): boolean {
  return name === "Ref" || name.startsWith("Fn::");
}

function substitute(argument: unknown, scope: Scope): string {
  const [template, variables] = Array.isArray(argument) ? (argument as unknown[]) : [argument];
  const own = (resolve(variables ?? {}, scope) ?? {}) as Readonly<Record<string, unknown>>;
  return text(template).replaceAll(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
    if (literal !== "") {
      return `\${${name}}`;
    }
    if (Object.hasOwn(own, name)) {
      return text(own[name]);
    }
    const [logicalId = "", ...attribute] = name.split(".");
    return attribute.length === 0 ? scope.ref(name) : scope.getAtt(logicalId, attribute.join("."));
  });
}

function text(value: unknown): string {
  if (typeof value !== "string" && typeof value !== "number") {
    throw new Error("an intrinsic function has another argument than the text that it needs");
  }
  return String(value);
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) {
    throw new Error("an intrinsic function has another argument than the list that it needs");
  }
  return value;
}

function members(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) {
    throw new Error("an intrinsic function has another argument than the object that it needs");
  }
  return value as Readonly<Record<string, unknown>>;
}

function present(value: unknown, name: string): unknown {
  if (value === undefined) {
    throw new Error(`${name} selects nothing`);
  }
  return value;
}
