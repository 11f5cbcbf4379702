import { createSecretsManagerClient } from "../../../lambda/idp/client-secret";
import { createKmsClient } from "../../../lambda/kms/client";
import { isTransient, sdkDefaults } from "../../../lambda/platform/sdk";
import { createSqsClient } from "../../../lambda/queue/sqs-recovery";
import { createDocumentClient } from "../../../lambda/store/dynamodb";

const failure = (members: object) => Object.assign(new Error("message"), members);
const answered = (httpStatusCode: number) => ({ $metadata: { httpStatusCode }, $response: {} });

describe("whether waiting may help", () => {
  test.each([
    ["throttled", failure({ name: "ThrottlingException", $fault: "client", ...answered(400) })],
    ["a 5xx of the service", failure({ name: "Unheard", $fault: "server", ...answered(500) })],
    ["no answer in time", failure({ name: "TimeoutError" })],
    ["a broken connection", failure({ code: "ECONNRESET" })],
    ["a body that breaks off after 200", failure({ code: "ECONNRESET", ...answered(200) })],
    ["a proxy's page", failure({ name: "SyntaxError", ...answered(400) })],
  ])("yes: %s", (_, error) => {
    expect(isTransient(error)).toBe(true);
  });

  test.each([
    ["denied", failure({ name: "AccessDeniedException", $fault: "client", ...answered(400) })],
    ["refused", failure({ name: "ValidationException", $fault: "client", ...answered(400) })],
    ["a bug of ours before sending", new TypeError("undefined is not a function")],
    ["a value out of range before sending", new RangeError("Invalid time value")],
    ["no credentials to sign with", failure({ name: "CredentialsProviderError" })],
    ["something thrown that is no error", "ThrottlingException"],
  ])("no: %s", (_, error) => {
    expect(isTransient(error)).toBe(false);
  });
});

test("every attempt together leaves a 10 s function time to answer", () => {
  const { maxAttempts, requestHandler } = sdkDefaults();
  const attempt = requestHandler.connectionTimeout + requestHandler.requestTimeout;
  expect(maxAttempts * attempt).toBeLessThanOrEqual(6_000);
  expect(requestHandler.socketTimeout).toBeLessThanOrEqual(requestHandler.requestTimeout);
  expect(requestHandler.throwOnRequestTimeout).toBe(true);
});

test("Lambda's trace goes to the one service that calls functions", () => {
  const access = { region: "eu-central-1" };
  const clients = {
    dynamodb: createDocumentClient(access),
    kms: createKmsClient(access),
    secretsmanager: createSecretsManagerClient(access),
    sqs: createSqsClient(access),
  };
  const withTrace = Object.entries(clients).filter(([, { middlewareStack }]) =>
    middlewareStack.identify().some((step) => step.startsWith("recursionDetectionMiddleware ")),
  );
  expect(withTrace.map(([service]) => service)).toEqual(["sqs"]);
});
