/**
 * What every operation has besides its own answers: the credentials that it accepts, and its
 * refusals.
 */
import { type Json, json, type Members, parameter, response } from "./json";

type Credential = "idToken" | "session" | "sigV4";

interface Operation {
  readonly tag: string;
  readonly id: string;
  readonly summary: string;
  readonly description: string;
  readonly credentials: readonly Credential[];
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
 * The browser sends a cookie by itself, so a request that changes data may also be refused as
 * cross-site.
 */
const SECURITY: Readonly<Record<Credential, readonly Members[]>> = {
  idToken: [{ idToken: [] }],
  session: [{ session: [] }, { sessionCookie: [] }],
  sigV4: [{ sigV4: [] }],
};

export function operation(method: string, operation: Operation): Members {
  const { tag, id, summary, description, credentials, answers, refusals = {} } = operation;
  const isCookieWrite =
    method !== "get" && credentials.some((credential) => credential !== "sigV4");
  const parameters = [
    ...(operation.parameters ?? []),
    ...(isCookieWrite ? [parameter("CustomHeader")] : []),
  ];
  const refused = {
    400: "InvalidRequest",
    ...(credentials.length > 0 && { 500: "ServerError", 503: "TemporarilyUnavailable" }),
    ...(credentials.some((credential) => credential !== "sigV4") && { 401: "InvalidToken" }),
    ...(isCookieWrite && { 403: "AccessDenied" }),
    ...(operation.body && { 413: "PayloadTooLarge", 415: "UnsupportedMediaType" }),
    ...refusals,
  };
  return {
    tags: [tag],
    operationId: id,
    summary,
    description,
    security: credentials.flatMap((credential) => SECURITY[credential]),
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
