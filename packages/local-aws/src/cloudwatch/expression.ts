/**
 * Metric math of CloudWatch, as far as the template uses it: numbers, ids, `+ - * /`, comparisons,
 * `FILL(m, number)`, `IF(condition, then, else)` and `MAX(METRICS())`. Undefined is a data point
 * that is not there; what is made of it is not there either.
 */

type Value = number | undefined;
export type Values = ReadonlyMap<string, Value>;

type Part = (values: Values) => Value;

const TOKEN = /\s*(?:(\d+(?:\.\d+)?)|([A-Za-z_]\w*)|(>=|<=|==|!=|[-+*/<>(),]))/y;

/** @throws Error for what it does not know */
export function readExpression(text: string): Part {
  const tokens = tokensOf(text);
  let at = 0;
  const peek = () => tokens[at];
  const take = (expected?: string): string => {
    const token = tokens[at];
    if (token === undefined || (expected !== undefined && token !== expected)) {
      throw new Error(`"${text}": expected ${expected ?? "more"}, found ${token ?? "the end"}`);
    }
    at += 1;
    return token;
  };
  /** One level of operators of the same rank. */
  const level =
    (
      operators: Readonly<Record<string, (one: number, other: number) => number>>,
      next: () => Part,
    ) =>
    (): Part => {
      let left = next();
      for (let operate = operators[peek() ?? ""]; operate !== undefined;) {
        take();
        left = combined(operate, left, next());
        operate = operators[peek() ?? ""];
      }
      return left;
    };

  function primary(): Part {
    const token = take();
    if (/^\d/.test(token)) {
      return () => Number(token);
    }
    if (token === "(") {
      const inner = comparison();
      take(")");
      return inner;
    }
    return peek() === "(" ? call(token) : (values) => valueOf(token, values);
  }

  function call(name: string): Part {
    take("(");
    const parts: Part[] = [];
    while (peek() !== ")") {
      parts.push(comparison());
      if (peek() !== ")") {
        take(",");
      }
    }
    take(")");
    return calling(name, parts);
  }

  const product = level({ "*": (a, b) => a * b, "/": (a, b) => a / b }, primary);
  const sum = level({ "+": (a, b) => a + b, "-": (a, b) => a - b }, product);
  const comparison = level(
    {
      ">=": (a, b) => Number(a >= b),
      "<=": (a, b) => Number(a <= b),
      ">": (a, b) => Number(a > b),
      "<": (a, b) => Number(a < b),
      "==": (a, b) => Number(a === b),
      "!=": (a, b) => Number(a !== b),
    },
    sum,
  );
  const whole = comparison();
  if (at < tokens.length) {
    throw new Error(`"${text}": nothing was expected after ${String(tokens[at - 1])}`);
  }
  return whole;
}

function tokensOf(text: string): readonly string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) {
      throw new Error(`"${text}" cannot be read from "${text.slice(from)}" on`);
    }
    tokens.push(match[0].trim());
  }
  return tokens;
}

/** A division by zero has no value. */
function combined(operate: (one: number, other: number) => number, left: Part, right: Part): Part {
  return (values) => {
    const [one, other] = [left(values), right(values)];
    const result = one === undefined || other === undefined ? undefined : operate(one, other);
    return result !== undefined && Number.isFinite(result) ? result : undefined;
  };
}

function valueOf(id: string, values: Values): Value {
  if (!values.has(id)) {
    throw new Error(`there is no metric ${id}`);
  }
  return values.get(id);
}

function calling(name: string, parts: readonly Part[]): Part {
  const [first, second, third] = parts;
  if (name === "FILL" && first !== undefined && second !== undefined) {
    return (values) => first(values) ?? second(values);
  }
  if (name === "IF" && first !== undefined && second !== undefined && third !== undefined) {
    return (values) => {
      const condition = first(values);
      return condition === undefined ? undefined : (condition === 0 ? third : second)(values);
    };
  }
  if (name === "METRICS" && parts.length === 0) {
    return (values) => {
      const known = [...values.values()].filter((value) => value !== undefined);
      return known.length === 0 ? undefined : Math.max(...known);
    };
  }
  // The only list is METRICS(), which is its largest member here.
  if (name === "MAX" && first !== undefined && second === undefined) {
    return first;
  }
  throw new Error(`the local CloudWatch knows no ${name} of ${String(parts.length)}`);
}
