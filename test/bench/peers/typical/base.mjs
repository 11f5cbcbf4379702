/**
 * A team's usual stack around every handler: powertools' logger, metrics and tracer as middlewares
 * of middy, zod for what comes in, jose for tokens, clients of the SDK with the default chain of
 * credentials. The tracer traces nothing: there is no daemon here, and that favours this side.
 */
import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { logMetrics } from "@aws-lambda-powertools/metrics/middleware";
import { Tracer } from "@aws-lambda-powertools/tracer";
import { captureLambdaHandler } from "@aws-lambda-powertools/tracer/middleware";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import middy from "@middy/core";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { z } from "zod";

const logger = new Logger({ serviceName: "vault" });
const metrics = new Metrics({ namespace: "Vault", serviceName: "vault" });
export const tracer = new Tracer({ serviceName: "vault" });

export const environment = z
  .object({
    USERS_TABLE: z.string(),
    REFRESH_TOKENS_TABLE: z.string(),
    SESSIONS_TABLE: z.string(),
    GRANT_KEY_ARN: z.string(),
    CLIENT_SECRET_ARN: z.string(),
    ISSUER: z.url(),
    CLIENT_ID: z.string(),
    JWKS_URI: z.url(),
    TOKEN_ENDPOINT: z.url(),
  })
  .parse(process.env);

export const documents = DynamoDBDocumentClient.from(
  tracer.captureAWSv3Client(new DynamoDBClient({})),
  { marshallOptions: { removeUndefinedValues: true } },
);

const keys = createRemoteJWKSet(new URL(environment.JWKS_URI));
const claimsSchema = z.object({
  sub: z.string().min(1),
  iat: z.number().int(),
  exp: z.number().int(),
  name: z.string().optional(),
});
const headerSchema = z.object({ authorization: z.string().regex(/^Bearer .+$/) });

export async function callerOf(event) {
  const { authorization } = headerSchema.parse(event.headers);
  const { payload } = await jwtVerify(authorization.slice("Bearer ".length), keys, {
    issuer: environment.ISSUER,
    audience: environment.CLIENT_ID,
    algorithms: ["ES256"],
  });
  return claimsSchema.parse(payload);
}

export const json = (statusCode, body) => ({
  statusCode,
  headers: { "content-type": "application/json", "cache-control": "no-store" },
  body: JSON.stringify(body),
});

/** @param work the handler proper */
export function endpoint(work) {
  return middy()
    .use(captureLambdaHandler(tracer))
    .use(injectLambdaContext(logger))
    .use(logMetrics(metrics))
    .handler(async (event, context) => {
      const answer = await work(event, context);
      metrics.addMetric("requests", MetricUnit.Count, 1);
      logger.info("request", { route: event.routeKey, status: answer?.statusCode });
      return answer;
    });
}
