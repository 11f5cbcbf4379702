/** The building blocks of the document. */

export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [member: string]: Json };

export type Members = Readonly<Record<string, Json>>;

/** An object with exactly these members; all but the `optional` ones are required. */
export function closed(properties: Members, optional: readonly string[] = []): Members {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return {
    type: "object",
    ...(required.length > 0 && { required }),
    additionalProperties: false,
    properties,
  };
}

export function schema(name: string): Members {
  return { $ref: `#/components/schemas/${name}` };
}

export function response(name: string): Members {
  return { $ref: `#/components/responses/${name}` };
}

export function parameter(name: string): Members {
  return { $ref: `#/components/parameters/${name}` };
}

export function header(name: string): Members {
  return { $ref: `#/components/headers/${name}` };
}

export function example(name: string): Members {
  return { $ref: `#/components/examples/${name}` };
}

/** A JSON body of one schema, with its examples by name. */
export function json(name: string, examples: readonly string[]): Members {
  return {
    "application/json": {
      schema: schema(name),
      examples: Object.fromEntries(examples.map((each) => [each, example(each)])),
    },
  };
}
