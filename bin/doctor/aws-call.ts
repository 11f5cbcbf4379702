/**
 * Calls of AWS that only read, by Signature Version 4 with the operator's own credentials, and what
 * went wrong with them as one word. It spares the project seven more SDK clients.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { AwsClient } from "aws4fetch";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

type Service =
  | "cloudformation"
  | "dynamodb"
  | "kms"
  | "lambda"
  | "secretsmanager"
  | "servicequotas"
  | "ssm"
  | "sts";

interface AwsCall {
  readonly service: Service;
  /** As IAM names it. */
  readonly action: string;
  /** Of the JSON protocols; undefined for a query (XML) or REST. */
  readonly target?: string;
  readonly input?: object;
}

/** JSON, or the text where it is XML. */
type Answer = Readonly<Record<string, unknown>> & { readonly text: string };

export type Trouble =
  "denied" | "expired" | "invalid" | "throttled" | "unreachable" | "not_found" | "failed";

/** `code` is AWS's own word for it. */
export class AwsTrouble extends Error {
  readonly trouble: Trouble;
  readonly action: string;
  readonly code: string;

  constructor(trouble: Trouble, { action }: Pick<AwsCall, "action">, code: string) {
    super(`${action}: ${code}`);
    this.name = "AwsTrouble";
    this.trouble = trouble;
    this.action = action;
    this.code = code;
  }
}

export interface AwsOptions {
  readonly region: string;
  readonly credentials: Credentials;
  /** `AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_KMS`, … */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs?: number;
  /** Between two attempts, where AWS throttles. */
  readonly pauseMs?: number;
}

export interface Aws {
  readonly region: string;
  /** @throws AwsTrouble */
  call(call: AwsCall): Promise<Answer>;
}

const TIMEOUT_MS = 10_000;
const PAUSE_MS = 400;
const ATTEMPTS = 3;

/** By AWS's codes, most of which several services share. */
const TROUBLES: readonly (readonly [RegExp, Trouble])[] = [
  [/^(?:AccessDenied|UnauthorizedOperation|AuthorizationError)/, "denied"],
  [/^(?:ExpiredToken|RequestExpired|ExpiredTokenException)/, "expired"],
  [
    /^(?:InvalidClientTokenId|InvalidAccessKeyId|UnrecognizedClient|SignatureDoesNotMatch)/,
    "invalid",
  ],
  [/^(?:InvalidSignature|IncompleteSignature|MissingAuth)/, "invalid"],
  [/Throttl|TooManyRequests|RequestLimitExceeded|SlowDown|LimitExceeded/, "throttled"],
  [/NotFound|NoSuch/, "not_found"],
];

export function createAws({ region, credentials, env, ...options }: AwsOptions): Aws {
  const { timeoutMs = TIMEOUT_MS, pauseMs = PAUSE_MS } = options;
  const { sessionToken = "", ...keys } = credentials;
  const client = new AwsClient({ ...keys, sessionToken, region, retries: 0 });
  const once = async (call: AwsCall): Promise<Answer> => {
    const { service } = call;
    const url = `${endpointOf(service, region, env)}${service === "lambda" ? ACCOUNT : "/"}`;
    const signal = AbortSignal.timeout(timeoutMs);
    const init = { ...requestFor(call), aws: { service, region }, signal };
    const answer = await client.fetch(url, init).then(
      async (response) => ({ response, text: await response.text() }),
      (error: unknown) => {
        throw new AwsTrouble("unreachable", call, error instanceof Error ? error.name : "");
      },
    );
    if (!answer.response.ok) {
      const code = codeIn(answer.text, answer.response);
      throw new AwsTrouble(troubleOf(code, answer.response.status), call, code);
    }
    return { ...parsed(answer.text), text: answer.text };
  };
  return {
    region,
    call: async (call) => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await once(call);
        } catch (error) {
          const isThrottled = error instanceof AwsTrouble && error.trouble === "throttled";
          if (!isThrottled || attempt === ATTEMPTS) {
            throw error;
          }
          await sleep(pauseMs * attempt);
        }
      }
    },
  };
}

/** GetAccountSettings, the one call by REST. */
const ACCOUNT = "/2016-08-19/account-settings/";

function requestFor({ service, action, target, input = {} }: AwsCall): RequestInit {
  if (service === "lambda") {
    return { method: "GET" };
  }
  if (target !== undefined) {
    const version = service === "dynamodb" ? "1.0" : "1.1";
    const headers = { "content-type": `application/x-amz-json-${version}`, "x-amz-target": target };
    return { method: "POST", headers, body: JSON.stringify(input) };
  }
  const [, name = ""] = action.split(":");
  const version = service === "sts" ? "2011-06-15" : "2010-05-15";
  const body = new URLSearchParams({ Action: name, Version: version, ...input }).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
  return { method: "POST", headers, body };
}

function endpointOf(service: Service, region: string, env: AwsOptions["env"]): string {
  const names: Partial<Record<Service, string>> = {
    secretsmanager: "SECRETS_MANAGER",
    servicequotas: "SERVICE_QUOTAS",
  };
  const name = names[service] ?? service.toUpperCase();
  const domain = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  const own = env[`AWS_ENDPOINT_URL_${name}`] ?? env["AWS_ENDPOINT_URL"];
  return (own ?? `https://${service}.${region}.${domain}`).replace(/\/$/, "");
}

function troubleOf(code: string, status: number): Trouble {
  const [, trouble] = TROUBLES.find(([words]) => words.test(code)) ?? [];
  return trouble ?? (status === 429 ? "throttled" : "failed");
}

/** `{"__type":"com.amazonaws.kms#NotFoundException"}`, a header of REST, or XML. */
function codeIn(text: string, { headers, status }: Response): string {
  const body = parsed(text);
  const [, inXml] = /<Code>(\w+)<\/Code>/.exec(text) ?? [];
  const word = headers.get("x-amzn-errortype") ?? body["__type"] ?? body["code"] ?? inXml;
  const [, code] = /(?:^|#)(\w+)(?::.*)?$/.exec(typeof word === "string" ? word : "") ?? [];
  return code ?? String(status);
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
