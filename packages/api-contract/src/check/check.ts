/** Holds a request and its response to the contract. */
import Ajv2020, { type ErrorObject, type ValidateFunction } from "ajv/dist/2020";
import addFormats from "ajv-formats";
import {
  follow,
  type Found,
  type Members,
  members,
  type Operation,
  operationFor,
  responseFor,
  token,
} from "./document";

export interface Exchange {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** The request's body; undefined if there was none. */
  readonly sent: string | undefined;
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
}

interface Verdict {
  /** One sentence for each disagreement with the contract. */
  readonly findings: readonly string[];
  /** Promises of the contract that this exchange has kept ({@link promisesOf}). */
  readonly seen: readonly string[];
}

export type Check = (exchange: Exchange) => Verdict;

/** Of the connection, of API Gateway, and of CORS, which is the template's matter. */
const NOT_OURS =
  /^(?:date|connection|keep-alive|content-length|content-type|transfer-encoding|apigw-requestid|access-control-[a-z-]+)$/;

export function createCheck(document: Members): Check {
  const validatorAt = createValidators(document);
  return (exchange) => {
    if (exchange.method === "OPTIONS" && exchange.status === 204) {
      return { findings: [], seen: [] }; // A preflight, answered by the gateway.
    }
    const [path = ""] = exchange.path.split("?");
    const operation = operationFor(document, exchange.method, path);
    const found = responseFor(document, operation, exchange.status);
    const type = mediaTypeOf(exchange);
    const isGateway = exchange.status >= 400 && type === "application/json";
    const body = bodyFindings({ exchange, found, type, validatorAt });
    const findings = [
      ...body,
      ...(isGateway ? [] : headerFindings(document, found, { exchange, validatorAt })),
      ...(exchange.status < 300 && operation !== undefined
        ? requestFindings(document, operation, { exchange, validatorAt })
        : []),
    ].map((finding) => `${exchange.method} ${path} → ${exchange.status}: ${finding}`);
    return { findings, seen: findings.length > 0 ? [] : seenIn(exchange, found, type) };
  };
}

type ValidatorAt = (pointer: string) => ValidateFunction;

function createValidators(document: Members): ValidatorAt {
  const ajv = addFormats(new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true }));
  ajv.opts.validateSchema = false;
  ajv.addVocabulary([...Object.keys(document)]);
  ajv.addSchema(document, "contract");
  const known = new Map<string, ValidateFunction>();
  return (pointer) => {
    const validate = known.get(pointer) ?? ajv.compile({ $ref: `contract#${encodeURI(pointer)}` });
    known.set(pointer, validate);
    return validate;
  };
}

interface Context {
  readonly exchange: Exchange;
  readonly validatorAt: ValidatorAt;
}

function bodyFindings({
  exchange,
  found,
  type,
  validatorAt,
}: Context & { found: Found; type: string | undefined }): string[] {
  const content = members(found.response["content"]);
  if (Object.keys(found.response).length === 0) {
    return ["this status is not documented"];
  }
  if (Object.keys(content).length === 0 || (exchange.text === "" && exchange.status === 431)) {
    return exchange.text === "" ? [] : ["a body, where none is documented"];
  }
  if (type === undefined || !(type in content)) {
    return [`the media type ${String(type)} is not documented`];
  }
  const validate = validatorAt(`${found.pointer}/content/${token(type)}/schema`);
  const value = parse(exchange.text);
  return value === undefined ? ["the body is no JSON"] : complaints(validate, value, "body");
}

function headerFindings(document: Members, found: Found, { exchange, validatorAt }: Context) {
  const documented = Object.keys(members(found.response["headers"]));
  const undocumented = Object.keys(exchange.headers).filter(
    (name) => !NOT_OURS.test(name) && !documented.some((other) => other.toLowerCase() === name),
  );
  const wrong = documented.flatMap((name) => {
    const { pointer, value } = follow(document, `${found.pointer}/headers/${token(name)}`);
    const sent = [exchange.headers[name.toLowerCase()] ?? []].flat();
    if (sent.length === 0) {
      return value["required"] === true ? [`the header ${name} is missing`] : [];
    }
    const isNumber = members(value["schema"])["type"] === "integer";
    return sent.flatMap((text) =>
      complaints(validatorAt(`${pointer}/schema`), isNumber ? Number(text) : text, name),
    );
  });
  return [...undocumented.map((name) => `the header ${name} is not documented`), ...wrong];
}

/** A body that the API has accepted must be one that the contract allows. */
function requestFindings(
  document: Members,
  { operation, pointer }: Operation,
  { exchange, validatorAt }: Context,
): string[] {
  const [, query = ""] = exchange.path.split("?");
  const names = ((operation["parameters"] ?? []) as unknown[]).map(
    (_, at) => follow(document, `${pointer}/parameters/${String(at)}`).value,
  );
  const unknown = [...new URLSearchParams(query).keys()].filter(
    (name) => !names.some((known) => known["in"] === "query" && known["name"] === name),
  );
  const takes = members(operation["requestBody"]);
  const body = exchange.sent ?? "";
  const required = takes["required"] === true && body === "" ? ["no body was taken"] : [];
  const validate =
    body === "" || Object.keys(takes).length === 0
      ? undefined
      : validatorAt(`${pointer}/requestBody/content/application~1json/schema`);
  return [
    ...unknown.map((name) => `the query ${name} was taken and is not documented`),
    ...required,
    ...(validate ? complaints(validate, parse(body), "request body that was taken") : []),
  ];
}

function complaints(validate: ValidateFunction, value: unknown, what: string): string[] {
  validate(value);
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }: ErrorObject) =>
      `${what} ${instancePath} ${String(message)} ${JSON.stringify(params)}`,
  );
}

function seenIn({ status, text }: Exchange, found: Found, type: string | undefined): string[] {
  const { code, reason } = members(parse(text));
  const component = /^\/components\/responses\/(\w+)$/.exec(found.pointer)?.[1];
  return [
    found.name,
    // `x-unlisted` has its exact form; an operation only documents that there is one.
    ...(found.name === "unlisted 405" ? ["Otherwise as application/problem+json"] : []),
    ...(component !== undefined && text !== "" ? [`${component} as ${String(type)}`] : []),
    ...(status >= 400 && typeof code === "string" ? [`code ${code}`] : []),
    ...(status === 409 && typeof reason === "string" ? [`reason ${reason}`] : []),
  ];
}

function mediaTypeOf({ headers }: Exchange): string | undefined {
  return [headers["content-type"] ?? []].flat()[0]?.split(";")[0]?.trim();
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
