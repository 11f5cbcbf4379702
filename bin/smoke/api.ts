/** Sends requests to the deployment, and holds each answer to the contract. */
import { createCheck } from "@rollup-vault/api-contract/check/check";
import { type Members, members, readContract } from "@rollup-vault/api-contract/check/document";
import { Failed, type Headers } from "./verdict";

export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Headers;
  readonly json?: unknown;
  /** Sent as it is, without a content type. */
  readonly body?: string;
  /** The answer is not in the contract: of the gateway, or of a route that is not deployed. */
  readonly isUnlisted?: true;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: globalThis.Headers;
  readonly text: string;
  /** Parsed JSON; empty where it is no object. */
  readonly body: Members;
}

export interface Api {
  readonly url: string;
  /** @throws Failed without an answer, or where it is not as the contract says */
  send(request: ApiRequest): Promise<ApiAnswer>;
  /** @throws Failed also for another status */
  expect(status: number | readonly number[], request: ApiRequest): Promise<ApiAnswer>;
}

export interface ApiOptions {
  /** @default 30 s: a cold start and an exchange */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

const TIMEOUT_MS = 30_000;

export function createApi(url: string, options: ApiOptions = {}): Api {
  const check = createCheck(readContract());
  const send: Api["send"] = async (request) => {
    const answer = await exchange(url, request, options);
    if (request.isUnlisted !== true) {
      const { findings } = check({
        method: request.method,
        path: request.path,
        sent: bodyOf(request),
        status: answer.status,
        headers: Object.fromEntries(answer.headers),
        text: answer.text,
      });
      if (findings[0] !== undefined) {
        throw new Failed(`not as docs/openapi.json says: ${findings[0]}`);
      }
    }
    return answer;
  };
  return {
    url,
    send,
    expect: async (status, request) => {
      const answer = await send(request);
      const statuses = [status].flat();
      if (!statuses.includes(answer.status)) {
        throw new Failed(
          `${request.method} ${request.path} answered ${described(answer)} ` +
            `instead of ${statuses.join(" or ")}`,
        );
      }
      return answer;
    },
  };
}

async function exchange(
  url: string,
  request: ApiRequest,
  { timeoutMs = TIMEOUT_MS }: ApiOptions,
): Promise<ApiAnswer> {
  const { method, path, json, headers } = request;
  try {
    const response = await fetch(`${url}${path}`, {
      method,
      redirect: "manual",
      headers: { ...(json !== undefined && { "content-type": "application/json" }), ...headers },
      body: bodyOf(request),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parsed(text) };
  } catch (error) {
    throw new Failed(`${method} ${path} was not answered (${causeOf(error)})`, { cause: error });
  }
}

function bodyOf({ json, body }: ApiRequest): string | undefined {
  return json === undefined ? body : JSON.stringify(json);
}

/** The status, and of a problem document the code: never the body, which may have a token. */
function described({ status, body }: ApiAnswer): string {
  const { code } = body;
  return typeof code === "string" && /^\w{1,40}$/.test(code) ? `${status} ${code}` : String(status);
}

function causeOf(error: unknown): string {
  const { cause } = error as { readonly cause?: { readonly code?: unknown } };
  return typeof cause?.code === "string" ? cause.code : (error as Error).name;
}

function parsed(text: string): Members {
  try {
    return members(JSON.parse(text));
  } catch {
    return {};
  }
}
