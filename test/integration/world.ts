/**
 * The real stack for integration tests. It remembers every secret that passes, and can tell
 * whether one has leaked.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  DynamoDBDocumentClient,
  PutCommand,
  ScanCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import type { AwsCall, AwsError, Input, LOSE_ANSWER } from "@rollup-vault/local-aws/aws/call";
import type { Answer, Call } from "@rollup-vault/local-aws/testing/http-exchange";
import { tracesOf } from "../../local/secret-traces";
import { type Stack, startStack } from "../../local/stack";
import type { StackOptions } from "../../local/stack-options";
import { HAS_DYNOXIDE } from "../support/dynoxide";
import { call } from "./http-call";

export interface Tokens {
  readonly idToken: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

export interface World {
  readonly stack: Stack;
  /** A person at the local Rollup ID; the code flow. */
  signIn(name: string, scope?: string): Promise<Tokens>;
  /** The same as far as the code. */
  authorize(name: string): Promise<string>;
  /** A request to the API. */
  call(request: Call): Promise<Answer>;
  programme(faults: Readonly<Record<string, unknown>>): Promise<void>;
  /** From now on, what `choose` returns for a call is its answer, or that its answer is lost. */
  failAws(choose: ChooseAwsError): void;
  /** Refresh token requests that reached the token endpoint. */
  refreshes(): Promise<number>;
  /** AWS calls since the last time, e.g. `{ "dynamodb:GetItem": 1 }`. */
  takeAwsCalls(): Record<string, number>;
  items(table: "users" | "refreshTokens" | "sessions"): Promise<Record<string, unknown>[]>;
  item(
    table: "users" | "refreshTokens" | "sessions",
    sub: string,
  ): Promise<Record<string, unknown> | undefined>;
  /** The operator's own way to the tables. */
  readonly documents: DynamoDBDocumentClient;
  /** An item of the table of refresh tokens, past all functions. */
  putBack(item: Readonly<Record<string, unknown>>): Promise<void>;
  /**
   * Puts a row into the state that a rotating provider's lost answer ends in; the local Rollup ID
   * does not rotate.
   */
  leaveInDoubt(sub: string): Promise<void>;
  /** Where secrets have left traces; all empty if they were kept. */
  leaks(): Promise<Record<string, number>>;
  close(): Promise<void>;
}

/** For a test of very many requests: another engine than `npm start`'s, where it is there. */
export const FAST_ENGINE: Pick<StackOptions, "engine"> = HAS_DYNOXIDE ? { engine: "dynoxide" } : {};

/** @param input the call's parameters */
type ChooseAwsError = (call: AwsCall, input: Input) => AwsError | typeof LOSE_ANSWER | undefined;

export async function startWorld(options: Partial<StackOptions> = {}): Promise<World> {
  const lines: string[] = [];
  let choose: ChooseAwsError = () => undefined;
  const stack = await startStack({
    port: 0,
    issuerPort: 0,
    onCall: (call, input) => {
      const fault = choose(call, input);
      if (fault instanceof Error) {
        throw fault;
      }
      return fault;
    },
    ...options,
    onLog: (line) => {
      lines.push(line.line);
      options.onLog?.(line);
    },
  });
  const { outputs } = stack;
  const secrets = new Set([outputs.clientSecret]);
  const bodies: string[] = [];
  const client = DynamoDBDocumentClient.from(
    new DynamoDBClient({
      endpoint: outputs.endpoints.dynamodb,
      region: outputs.region,
      credentials: outputs.credentials,
    }),
  );
  const items: World["items"] = async (table) =>
    (await client.send(new ScanCommand({ TableName: outputs.tables[table] }))).Items ?? [];
  return {
    stack,
    items,
    item: async (table, sub) => (await items(table)).find((item) => item["sub"] === sub),
    documents: client,
    signIn: async (name, scope) => await signIn(stack, secrets, { user: name, scope }),
    authorize: async (name) => await authorize(stack, secrets, { user: name }),
    call: async (request) => {
      const answer = await call(outputs.apiUrl, request);
      const handedOut = handedOutBy(answer);
      if (answer.status < 300 && handedOut.length > 0) {
        handedOut.forEach((secret) => secrets.add(secret));
      } else {
        bodies.push(answer.text, JSON.stringify(answer.headers));
      }
      return answer;
    },
    programme: async (faults) => {
      const body = JSON.stringify(faults);
      const response = await fetch(`${outputs.issuer}/faults`, { method: "POST", body });
      expect(response.status).toBe(200);
    },
    failAws: (next) => {
      choose = next;
    },
    refreshes: async () => await countRefreshes(outputs.issuer),
    takeAwsCalls: () => takeAwsCalls(stack),
    putBack: async (item) => {
      await client.send(new PutCommand({ TableName: outputs.tables.refreshTokens, Item: item }));
    },
    leaveInDoubt: async (sub) => {
      await client.send(
        new UpdateCommand({
          TableName: outputs.tables.refreshTokens,
          Key: { sub },
          UpdateExpression: "SET #status = :status, #reason = :reason",
          ExpressionAttributeNames: { "#status": "status", "#reason": "reason" },
          ExpressionAttributeValues: { ":status": "needs_sign_in", ":reason": "in_doubt" },
        }),
      );
    },
    leaks: async () => {
      const tables = await Promise.all([items("users"), items("refreshTokens"), items("sessions")]);
      const places = {
        logLines: lines.join("\n"),
        logFiles: await readLogFiles(stack.logs.folder),
        bodies: bodies.join("\n"),
        tables: JSON.stringify(tables, bytesAsText),
        environments: JSON.stringify(stack.deployment.functions),
      };
      return Object.fromEntries(
        Object.entries(places).map(([name, text]) => [name, tracesOf(secrets, text).length]),
      );
    },
    close: async () => {
      client.destroy();
      await stack.close();
    },
  };
}

/** Access and session tokens, which are meant to be in an answer. */
function handedOutBy({ body }: Answer): string[] {
  const { access_token: access, session } = (body ?? {}) as Record<string, unknown>;
  const { access_token: inner } = (access ?? {}) as Record<string, unknown>;
  const { token } = (session ?? {}) as Record<string, unknown>;
  return [access, inner, token].filter((secret) => typeof secret === "string");
}

interface Person {
  readonly user: string;
  readonly scope?: string | undefined;
}

async function authorize(
  stack: Stack,
  secrets: Set<string>,
  { user, scope = "openid profile" }: Person,
): Promise<string> {
  const { issuer, clientId, redirectUri } = stack.outputs;
  const query = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: "code",
    user,
    scope,
    state: "state",
  });
  const response = await fetch(`${issuer}/authorize?${query.toString()}`, { redirect: "manual" });
  const code = new URL(response.headers.get("location") ?? "").searchParams.get("code") ?? "";
  expect(code).not.toBe("");
  secrets.add(code);
  return code;
}

async function signIn(stack: Stack, secrets: Set<string>, person: Person): Promise<Tokens> {
  const { issuer, clientId, clientSecret } = stack.outputs;
  const code = await authorize(stack, secrets, person);
  const form = new URLSearchParams({
    grant_type: "authorization_code",
    code,
    client_id: clientId,
    client_secret: clientSecret,
  });
  const response = await fetch(`${issuer}/token`, { method: "POST", body: form });
  const body = (await response.json()) as Record<string, string>;
  const { id_token: idToken = "", access_token: accessToken = "" } = body;
  const { refresh_token: refreshToken = "" } = body;
  for (const secret of [idToken, accessToken, refreshToken]) {
    expect(secret).not.toBe("");
    secrets.add(secret);
  }
  return { idToken, accessToken, refreshToken };
}

async function countRefreshes(issuer: string): Promise<number> {
  const ledger = (await (await fetch(`${issuer}/ledger`)).json()) as {
    processed: { grant_type: string }[];
    unprocessed: number;
  };
  const processed = ledger.processed.filter((entry) => entry.grant_type === "refresh_token");
  return processed.length + ledger.unprocessed;
}

function takeAwsCalls({ aws }: Stack): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { service, action } of aws.calls()) {
    const name = `${service}:${action}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  aws.resetCalls();
  return counts;
}

async function readLogFiles(folder: string): Promise<string> {
  const names = await readdir(folder);
  return (await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")))).join("\n");
}

function bytesAsText(_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value;
}
