/** Every fault of a neighbour as data: its cause, and what must follow. */
import type { Break, FaultCase } from "./fault-case";

const ALL = ["none", "grace", "strict"] as const;
const ROTATING = ["grace", "strict"] as const;
const RETRY = [503, "temporarily_unavailable", "retry"] as const;
const OPERATOR = [500, "server_error", "contact_operator"] as const;
const ROTATING_STRICTLY = { lostAt: ["strict"] } as const;
const UNSPENT = { leaves: "unspent" } as const;
const UNSENT = { leaves: "unsent" } as const;

type Named = Pick<FaultCase, "fault" | "caller"> & Partial<FaultCase>;

function tokenEndpoint(fault: Readonly<Record<string, unknown>>, rest: Named): FaultCase {
  const common = { neighbour: "token endpoint", providers: ALL, withinSeconds: 25 };
  return { ...common, break: { kind: "token", fault }, ...rest };
}

function aws(
  neighbour: string,
  broken: Omit<Break & { readonly kind: "aws" }, "kind">,
  rest: Named,
): FaultCase {
  const common = { neighbour, providers: ALL, withinSeconds: 20 };
  return { ...common, break: { kind: "aws", ...broken }, ...rest };
}

export const CASES: readonly FaultCase[] = [
  tokenEndpoint(
    { kind: "slow", delay_ms: 6_000, processed: false },
    { fault: "slow, above the time limit; not processed", caller: RETRY, ...UNSPENT },
  ),
  tokenEndpoint(
    { kind: "slow", delay_ms: 6_000 },
    { fault: "slow, above the time limit; processed", caller: RETRY, ...ROTATING_STRICTLY },
  ),
  tokenEndpoint(
    { kind: "cut_off" },
    { fault: "answer cut off in its middle", caller: RETRY, ...ROTATING_STRICTLY },
  ),
  tokenEndpoint({ kind: "html" }, { fault: "HTML page, 502", caller: RETRY, ...UNSPENT }),
  tokenEndpoint(
    { kind: "status", status: 429 },
    { fault: "429 without Retry-After", caller: RETRY, ...UNSPENT },
  ),
  tokenEndpoint(
    { kind: "status", status: 429, headers: { "retry-after": "3" } },
    { fault: "429 with Retry-After: 3", caller: RETRY, ...UNSPENT },
  ),
  tokenEndpoint({ kind: "redirect" }, { fault: "redirect", caller: RETRY, ...UNSPENT }),
  // The part that arrived has the successor, which is stored.
  tokenEndpoint({ kind: "oversize" }, { fault: "answer above 64 KB", caller: RETRY }),
  tokenEndpoint(
    { kind: "malformed" },
    { fault: "200 with half a JSON object", caller: RETRY, ...UNSPENT },
  ),
  tokenEndpoint({ kind: "wrong_content_type" }, { fault: "wrong content type", caller: [200] }),
  tokenEndpoint(
    { kind: "wrong_sub" },
    { fault: "tokens of another subject", caller: [409, "needs_sign_in", "sign_in"], closes: true },
  ),
  {
    neighbour: "token endpoint",
    fault: "the client secret that is stored is wrong",
    break: { kind: "wrong_secret" },
    providers: ALL,
    caller: OPERATOR,
    withinSeconds: 10,
    ...UNSPENT,
  },
  aws(
    "DynamoDB",
    { service: "dynamodb", by: ["ProvisionedThroughputExceededException", 400] },
    { fault: "throttled", caller: RETRY, ...UNSENT },
  ),
  aws(
    "DynamoDB",
    { service: "dynamodb", action: "UpdateItem", by: ["InternalServerError", 500] },
    { fault: "every write fails, none is applied", caller: RETRY, ...UNSENT },
  ),
  aws(
    "DynamoDB",
    { service: "dynamodb", action: "UpdateItem", nth: 1, by: "lost_answer" },
    { fault: "the intent is applied, its answer lost", caller: [200] },
  ),
  aws(
    "DynamoDB",
    { service: "dynamodb", action: "UpdateItem", nth: 2, by: ["InternalServerError", 500] },
    { fault: "the commit fails once, not applied", caller: [200] },
  ),
  aws(
    "DynamoDB",
    { service: "dynamodb", action: "UpdateItem", nth: 2, by: "lost_answer" },
    { fault: "the commit is applied, its answer lost", caller: [200] },
  ),
  aws(
    "DynamoDB",
    { service: "dynamodb", action: "UpdateItem", from: 2, by: ["InternalServerError", 500] },
    { fault: "takes no write from the commit on", caller: RETRY, providers: ["none"] },
  ),
  aws(
    "DynamoDB",
    { service: "dynamodb", action: "UpdateItem", from: 2, by: ["InternalServerError", 500] },
    {
      fault: "takes no write from the commit on",
      caller: [200],
      providers: ROTATING,
      withinSeconds: 10,
    },
  ),
  aws(
    "DynamoDB",
    { service: "dynamodb", by: 700 },
    { fault: "slow: every call 0.7 s", caller: [200] },
  ),
  aws(
    "Secrets Manager",
    { service: "secretsmanager", by: ["InternalServiceError", 500], everybody: true },
    { fault: "down, and no process has read the secret", caller: RETRY, ...UNSENT },
  ),
  aws(
    "KMS",
    { service: "kms", by: ["AccessDeniedException", 400] },
    { fault: "denied", caller: OPERATOR, ...UNSENT },
  ),
  aws(
    "KMS",
    { service: "kms", by: ["ThrottlingException", 400] },
    { fault: "throttled", caller: RETRY, ...UNSENT },
  ),
  {
    neighbour: "KMS",
    fault: "key disabled",
    break: { kind: "key_disabled" },
    providers: ALL,
    caller: OPERATOR,
    withinSeconds: 20,
    ...UNSENT,
  },
  aws(
    "SQS",
    { service: "sqs", action: "SendMessage", everybody: true, by: ["InternalError", 500] },
    {
      fault: "down, so that no watchdog can be sent",
      caller: RETRY,
      ...UNSENT,
      providers: ROTATING,
      withinSeconds: 10,
    },
  ),
  aws(
    "SQS",
    { service: "sqs", action: "SendMessage", everybody: true, by: ["AccessDenied", 403] },
    {
      fault: "denied, so that no watchdog can be sent",
      caller: OPERATOR,
      ...UNSENT,
      providers: ROTATING,
      withinSeconds: 10,
    },
  ),
  {
    neighbour: "key set",
    fault: "down while a new key signs",
    break: { kind: "key_set_down" },
    providers: ALL,
    caller: RETRY,
    withinSeconds: 35,
  },
  {
    neighbour: "key set",
    fault: "rolled over just before signing",
    break: { kind: "key_rolled_over" },
    providers: ALL,
    caller: [200],
    withinSeconds: 10,
  },
];
