/** The parts of the OpenAPI document that the API's page shows, with its references resolved. */

type Json = Readonly<Record<string, unknown>>;

interface Reference {
  readonly $ref: string;
}

export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly description?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly minimum?: number;
  readonly maximum?: number;
}

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required?: boolean;
  readonly description?: string;
  readonly example?: unknown;
}

interface Media {
  readonly schema?: Schema;
  readonly examples?: Readonly<Record<string, Reference | { readonly value: unknown }>>;
}

interface Content {
  readonly description?: string;
  readonly content?: Readonly<Record<string, Media>>;
}

interface RawOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly security?: readonly Json[];
  readonly parameters?: readonly (Parameter | Reference)[];
  readonly requestBody?: Content & { readonly required?: boolean };
  readonly responses: Readonly<Record<string, Content | Reference>>;
}

export interface Contract {
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, RawOperation>>>>;
  readonly components: Json;
}

interface Answer {
  /** `default`: any other. */
  readonly status: string;
  readonly description: string;
  readonly schema?: Schema;
  readonly example?: unknown;
}

export interface Operation {
  readonly id: string;
  readonly tag: string;
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly description: string;
  /** Names of schemes, e.g. `session`; none: anybody may call it. */
  readonly security: readonly string[];
  readonly parameters: readonly Parameter[];
  readonly body?: {
    readonly isRequired: boolean;
    readonly schema?: Schema;
    readonly example: unknown;
  };
  readonly answers: readonly Answer[];
}

/** @returns what a reference names; everything else as it is */
export function resolve<T>(contract: Contract, value: T | Reference): T {
  if (typeof value !== "object" || value === null || !("$ref" in value)) {
    return value;
  }
  const path = value.$ref.replace("#/", "").split("/");
  return path.reduce<unknown>((inner, name) => (inner as Json)[name], contract) as T;
}

/** `AccessToken` of `#/components/schemas/AccessToken`. */
export function nameOf(schema: Schema | undefined): string | undefined {
  return schema?.$ref?.split("/").at(-1);
}

/** In the order of the document. */
export function operationsOf(contract: Contract): readonly Operation[] {
  return Object.entries(contract.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, raw]) => operationOf(contract, { method, path, raw })),
  );
}

interface Raw {
  readonly method: string;
  readonly path: string;
  readonly raw: RawOperation;
}

function operationOf(contract: Contract, { method, path, raw }: Raw): Operation {
  const { requestBody: body } = raw;
  const media = mediaOf(body);
  const schemes = (raw.security ?? []).flatMap((each) => Object.keys(each));
  return {
    id: raw.operationId,
    tag: raw.tags[0] ?? "",
    method: method.toUpperCase(),
    path,
    summary: raw.summary,
    description: raw.description ?? "",
    security: schemes,
    parameters: (raw.parameters ?? []).map((each) => resolve(contract, each)),
    ...(body !== undefined && {
      body: {
        isRequired: body.required === true,
        ...(media?.schema !== undefined && { schema: media.schema }),
        example: exampleOf(contract, media) ?? {},
      },
    }),
    answers: Object.entries(raw.responses).map(([status, answer]) => {
      const resolved = resolve(contract, answer);
      const content = mediaOf(resolved);
      return {
        status,
        description: resolved.description ?? "",
        ...(content?.schema !== undefined && { schema: content.schema }),
        example: exampleOf(contract, content),
      };
    }),
  };
}

function mediaOf(content: Content | undefined): Media | undefined {
  return Object.values(content?.content ?? {})[0];
}

function exampleOf(contract: Contract, media: Media | undefined): unknown {
  const [first] = Object.values(media?.examples ?? {});
  return first === undefined ? undefined : resolve<{ value: unknown }>(contract, first).value;
}
