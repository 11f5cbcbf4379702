/** Every fault of a neighbour, as data: how it is made, and what must come of it. */
import type { ServiceName } from "../../local/aws/call";
import type { ProviderName } from "../kills/providers/provider";

export type FaultProvider = Exclude<ProviderName, "oidc-provider">;

/** How the fault is made. It concerns the one user of its case, unless `everybody` says otherwise. */
export type Break =
  /** The user's next answer of the token endpoint: a member of `token` of `POST /faults`. */
  | { readonly kind: "token"; readonly fault: Readonly<Record<string, unknown>> }
  | {
      readonly kind: "aws";
      readonly service: ServiceName;
      /** Absent: every one. */
      readonly action?: string;
      /** Only this call of the user, from 1. Absent: all of them until the caller has an answer. */
      readonly nth?: number;
      /** Error name and status, or milliseconds before the call is served, or the answer lost after it was. */
      readonly by: readonly [name: string, status: number] | number | "lost_answer";
      readonly everybody?: true;
    }
  | { readonly kind: "key_disabled" }
  /** A new key signs, and the key set cannot be read. */
  | { readonly kind: "key_set_down" }
  /** A new key signs, and nobody has been told. */
  | { readonly kind: "key_rolled_over" };

export interface FaultCase {
  readonly neighbour: string;
  readonly fault: string;
  readonly break: Break;
  readonly providers: readonly FaultProvider[];
  /** What the caller gets: status, code and action; of a 200 nothing else. */
  readonly caller: readonly [status: number, code?: string, action?: string];
  /** Where the only successor went down with the answer, and another sign-in is due. */
  readonly lostAt?: readonly FaultProvider[];
  /** The connection ends, as it has to; what came is kept sealed, and out of use. */
  readonly closes?: true;
  /** Seconds from the fault's end until the user is served again, at most. */
  readonly withinSeconds: number;
}

const ALL = ["none", "grace", "strict"] as const;
const RETRY = [503, "temporarily_unavailable", "retry"] as const;
const OPERATOR = [500, "server_error", "contact_operator"] as const;
const ROTATING_STRICTLY = { lostAt: ["strict"] } as const;

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

const CLIENT_REFUSED = {
  code: "BAD_REQUEST",
  message: "invalid client credentials",
  name: "RollupError",
};

export const CASES: readonly FaultCase[] = [
  tokenEndpoint(
    { kind: "slow", delay_ms: 6_000, processed: false },
    { fault: "slow, above the time limit; not processed", caller: RETRY },
  ),
  tokenEndpoint(
    { kind: "slow", delay_ms: 6_000 },
    { fault: "slow, above the time limit; processed", caller: RETRY, ...ROTATING_STRICTLY },
  ),
  tokenEndpoint(
    { kind: "cut_off" },
    { fault: "answer cut off in its middle", caller: RETRY, ...ROTATING_STRICTLY },
  ),
  tokenEndpoint({ kind: "html" }, { fault: "HTML page, 502", caller: RETRY }),
  tokenEndpoint(
    { kind: "status", status: 429 },
    { fault: "429 without Retry-After", caller: RETRY },
  ),
  tokenEndpoint(
    { kind: "status", status: 429, headers: { "retry-after": "3" } },
    { fault: "429 with Retry-After: 3", caller: RETRY },
  ),
  tokenEndpoint({ kind: "redirect" }, { fault: "redirect", caller: RETRY }),
  tokenEndpoint(
    { kind: "oversize" },
    { fault: "answer above 64 KB", caller: RETRY, ...ROTATING_STRICTLY },
  ),
  tokenEndpoint({ kind: "malformed" }, { fault: "200 with half a JSON object", caller: RETRY }),
  tokenEndpoint({ kind: "wrong_content_type" }, { fault: "wrong content type", caller: [200] }),
  tokenEndpoint(
    { kind: "wrong_sub" },
    { fault: "tokens of somebody else", caller: [409, "needs_sign_in", "sign_in"], closes: true },
  ),
  tokenEndpoint(
    { kind: "status", status: 400, body: CLIENT_REFUSED, count: 2 },
    { fault: "client secret refused", caller: OPERATOR, providers: ["none"] },
  ),
  aws(
    "DynamoDB",
    { service: "dynamodb", by: ["ProvisionedThroughputExceededException", 400] },
    { fault: "throttled", caller: RETRY },
  ),
  aws(
    "DynamoDB",
    { service: "dynamodb", action: "UpdateItem", by: ["InternalServerError", 500] },
    { fault: "every write fails, none is applied", caller: RETRY },
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
    { service: "dynamodb", by: 700 },
    { fault: "slow: every call 0.7 s", caller: [200] },
  ),
  aws(
    "Secrets Manager",
    { service: "secretsmanager", by: ["InternalServiceError", 500], everybody: true },
    { fault: "down, and no process has read the secret", caller: RETRY },
  ),
  aws(
    "KMS",
    { service: "kms", by: ["AccessDeniedException", 400] },
    { fault: "denied", caller: OPERATOR },
  ),
  aws(
    "KMS",
    { service: "kms", by: ["ThrottlingException", 400] },
    { fault: "throttled", caller: RETRY },
  ),
  {
    ...{ neighbour: "KMS", fault: "key disabled", break: { kind: "key_disabled" } },
    ...{ providers: ["none", "strict"], caller: OPERATOR, withinSeconds: 20 },
  },
  {
    ...{ neighbour: "key set", fault: "down while a new key signs" },
    ...{ break: { kind: "key_set_down" }, providers: ["none"] },
    ...{ caller: RETRY, withinSeconds: 35 },
  },
  {
    ...{ neighbour: "key set", fault: "rolled over just before signing" },
    ...{ break: { kind: "key_rolled_over" }, providers: ["strict"] },
    ...{ caller: [200], withinSeconds: 10 },
  },
];
