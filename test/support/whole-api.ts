/**
 * All functions of the API as they are deployed, in this process: every handler, use case and
 * adapter is the real one. What ends in the test is the network: DynamoDB, KMS, Secrets Manager
 * and the provider.
 */
import type * as SecretsManager from "@aws-sdk/client-secrets-manager";
import * as documentClient from "@aws-sdk/lib-dynamodb";
import type { LambdaContext } from "../../lambda/http/endpoint";
import type { GatewayResponse } from "../../lambda/http/response";
import { DEFAULT_LIMITS } from "../../lambda/limits";
import type { HttpRequest, HttpResponse } from "../../lambda/ports/http-client";
import { lambdaContext } from "./events";
import { createKmsDouble } from "./kms-double";
import { createTestIssuer, ISSUER, type TestIssuer } from "./tokens";
import { ROLLUP_SETTINGS } from "./users-api";

export type Handler = (event: unknown, context: LambdaContext) => Promise<GatewayResponse>;

export interface Tables {
  readonly users: string;
  readonly grants: string;
  readonly sessions: string;
}

/** What the provider says besides its key set; changed by the test as it goes. */
export interface Provider {
  /** Claims of `GET /userinfo`, beside `sub`. */
  userinfo: Readonly<Record<string, unknown>>;
  /** Answer to any token request. */
  token: { readonly status: number; readonly body: unknown };
}

const FUNCTIONS = ["users", "sessions", "refresh-token", "access-token", "account"] as const;
export const REDIRECT_URI = "https://app.example/callback";
const API_URL = "https://api.example/";

const SETTINGS = {
  ...ROLLUP_SETTINGS,
  userinfoEndpoint: `${ISSUER}/userinfo`,
};

function environmentOf({ users, grants, sessions }: Tables): Readonly<Record<string, string>> {
  return {
    METRICS_NAMESPACE: "RollupVault/test",
    IDP_SETTINGS: JSON.stringify(SETTINGS),
    USERS_TABLE: users,
    REFRESH_TOKENS_TABLE: grants,
    SESSIONS_TABLE: sessions,
    SESSION_SETTINGS: JSON.stringify({ idleSeconds: 86_400, absoluteSeconds: 864_000 }),
    LIMITS: JSON.stringify(DEFAULT_LIMITS),
    GRANT_KEY_ARN: "arn:aws:kms:us-east-1:123456789012:key/1",
    CLIENT_SECRET_ARN: "arn:aws:secretsmanager:us-east-1:123456789012:secret:1",
    REDIRECT_URIS: JSON.stringify([REDIRECT_URI]),
    SERVICE_ROLE_ARNS: "[]",
    API_URL,
    AWS_REGION: "us-east-1",
  };
}

function answerOf(status: number, body: unknown): HttpResponse {
  return { status, headers: {}, body: Buffer.from(JSON.stringify(body)) };
}

function createNetwork(issuer: TestIssuer, provider: Provider, subject: () => string) {
  return (request: HttpRequest): Promise<HttpResponse> => {
    switch (request.url) {
      case SETTINGS.jwksUri:
        return Promise.resolve(answerOf(200, issuer.jwks()));
      case SETTINGS.userinfoEndpoint:
        return Promise.resolve(answerOf(200, { ...provider.userinfo, sub: subject() }));
      case SETTINGS.tokenEndpoint:
        return Promise.resolve(answerOf(provider.token.status, provider.token.body));
      case `${API_URL}me/access-token`:
        return Promise.resolve(answerOf(200, { access_token: "an-access-token" }));
      default:
        return Promise.resolve(answerOf(404, {}));
    }
  };
}

/** @param subject of whom userinfo speaks */
export function loadWholeApi({
  documents,
  tables,
  subject,
}: {
  readonly documents: documentClient.DynamoDBDocumentClient;
  readonly tables: Tables;
  readonly subject: () => string;
}) {
  const issuer = createTestIssuer();
  const refusal = { code: "UNAUTHORIZED", message: "invalid token", name: "RollupError" };
  const secret: { text: string | undefined } = { text: "a-secret" };
  const provider: Provider = { userinfo: {}, token: { status: 401, body: refusal } };
  const send = createNetwork(issuer, provider, subject);
  const kms = createKmsDouble();
  Object.assign(process.env, environmentOf(tables));
  jest.resetModules();
  // One and the same as the client's, which makes the numbers that the adapters have to recognise.
  jest.doMock("@aws-sdk/lib-dynamodb", () => documentClient);
  jest.doMock("../../lambda/store/dynamodb", () => ({
    ...jest.requireActual<object>("../../lambda/store/dynamodb"),
    createDocumentClient: () => documents,
  }));
  jest.doMock("../../lambda/kms/client", () => ({ createKmsClient: () => kms.client }));
  jest.doMock("../../lambda/platform/http-client", () => ({ createHttpClient: () => ({ send }) }));
  jest.doMock("@aws-sdk/client-secrets-manager", () => {
    const real = jest.requireActual<typeof SecretsManager>("@aws-sdk/client-secrets-manager");
    const send = () => Promise.resolve({ SecretString: secret.text });
    function SecretsManagerClient(config: SecretsManager.SecretsManagerClientConfig) {
      return Object.assign(new real.SecretsManagerClient(config), { send });
    }
    return { ...real, SecretsManagerClient };
  });
  const handlers = FUNCTIONS.map(
    (name) =>
      [name, jest.requireActual<{ handler: Handler }>(`../../lambda/handlers/${name}`)] as const,
  );
  const byName = new Map(handlers.map(([name, { handler }]) => [name, handler]));
  return {
    issuer,
    provider,
    /** What Secrets Manager has as client secret. */
    secret,
    kms,
    /** By its route; one that no function has goes to the first. */
    handle: async (event: unknown): Promise<GatewayResponse> => {
      const handler = byName.get(functionOf(event)) as Handler;
      return await handler(event, lambdaContext);
    },
  };
}

const OWNERS: readonly (readonly [RegExp, (typeof FUNCTIONS)[number]])[] = [
  [/^(?:PUT|GET) \/me\/refresh-token$/, "refresh-token"],
  [/^(?:POST \/(?:me|service)\/access-token|DELETE \/me\/refresh-token)$/, "access-token"],
  [/^(?:GET \/me\/export|DELETE \/me)$/, "account"],
  [/^[A-Z]+ \/sessions/, "sessions"],
];

function functionOf(event: unknown): (typeof FUNCTIONS)[number] {
  const routeKey = (event as { readonly routeKey?: unknown } | null | undefined)?.routeKey;
  const owner = OWNERS.find(([route]) => typeof routeKey === "string" && route.test(routeKey));
  return owner?.[1] ?? "users";
}
