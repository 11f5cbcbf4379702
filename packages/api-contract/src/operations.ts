/**
 * What is said of each operation besides its own answer: who may call it, and how it can be
 * refused.
 */
import { type Json, json, type Members, parameter, response } from "./json";

type Proof = "idToken" | "session" | "sigV4";

interface Operation {
  readonly tag: string;
  readonly id: string;
  readonly summary: string;
  readonly description: string;
  readonly proofs: readonly Proof[];
  readonly parameters?: readonly Json[];
  readonly body?: Body;
  readonly answers: Members;
  /** Statuses that only some operations have, e.g. `{ "404": "NotFound" }`. */
  readonly refusals?: Readonly<Record<string, string>>;
}

interface Body {
  readonly schema: string;
  readonly examples: readonly string[];
  readonly required?: boolean;
  /** Media types besides `application/json`. */
  readonly alsoAs?: readonly string[];
}

/**
 * A cookie is sent by the browser by itself, so whatever changes something can be refused as
 * cross-site.
 */
const SECURITY: Readonly<Record<Proof, readonly Members[]>> = {
  idToken: [{ idToken: [] }],
  session: [{ session: [] }, { sessionCookie: [] }],
  sigV4: [{ sigV4: [] }],
};

export function operation(method: string, operation: Operation): Members {
  const { tag, id, summary, description, proofs, answers, refusals = {} } = operation;
  const isCookieWrite = method !== "get" && proofs.some((proof) => proof !== "sigV4");
  const parameters = [
    ...(operation.parameters ?? []),
    ...(isCookieWrite ? [parameter("CustomHeader")] : []),
  ];
  const refused = {
    400: "InvalidRequest",
    ...(proofs.length > 0 && { 500: "ServerError", 503: "TemporarilyUnavailable" }),
    ...(proofs.some((proof) => proof !== "sigV4") && { 401: "InvalidToken" }),
    ...(isCookieWrite && { 403: "AccessDenied" }),
    ...(operation.body && { 413: "PayloadTooLarge", 415: "UnsupportedMediaType" }),
    ...refusals,
  };
  return {
    tags: [tag],
    operationId: id,
    summary,
    description,
    security: proofs.flatMap((proof) => SECURITY[proof]),
    ...(parameters.length > 0 && { parameters }),
    ...(operation.body && { requestBody: requestBody(operation.body) }),
    responses: {
      ...answers,
      ...Object.fromEntries(
        Object.entries(refused).map(([status, name]) => [status, response(name)]),
      ),
      default: response("Otherwise"),
    },
  };
}

function requestBody({ schema, examples, required = false, alsoAs = [] }: Body): Members {
  const content = json(schema, examples);
  const [only = {}] = Object.values(content);
  return {
    required,
    content: { ...content, ...Object.fromEntries(alsoAs.map((type) => [type, only])) },
  };
}
