/** The nouns of the local AWS: a call, an error in AWS's words, the account and the region. */

export const LOCAL_REGION = "us-east-1";
export const LOCAL_ACCOUNT = "000000000000";

/** Names as in the SigV4 credential scope, which are also the prefixes of IAM actions. */
export type ServiceName = "dynamodb" | "kms" | "secretsmanager" | "sqs" | "execute-api";

/** A call's parameters. */
export type Input = Readonly<Record<string, unknown>>;

/** What a call touches, in the words of IAM. */
export interface CallSubject {
  /** E.g. `GetItem`; the IAM action is `service:action`. */
  readonly action: string;
  /**
   * ARN; undefined where the call names no single resource, so that only `Resource: "*"` permits
   * it.
   */
  readonly resource: string | undefined;
  /** Condition keys with one value, e.g. `kms:EncryptionContext:app`. */
  readonly context: Record<string, string>;
  /** Condition keys with several values, e.g. `dynamodb:LeadingKeys`, `dynamodb:Attributes`. */
  readonly contextLists: Readonly<Record<string, readonly string[]>>;
}

export interface AwsCall extends CallSubject {
  readonly accessKeyId: string;
  readonly service: ServiceName;
}

/** @returns whether the call is permitted */
export type Authorize = (call: AwsCall) => boolean;

/**
 * Told of every well-formed call, the denied ones too, before it has any effect. What it returns
 * is awaited, so it may delay the call; what it throws is the answer, so it may fail it
 * (`AwsError`); `LOSE_ANSWER`: the call takes effect and its caller never hears of it. `input`: of
 * this call alone; nothing here keeps it, because it may hold secrets.
 */
export type OnCall = (call: AwsCall, input: Input) => unknown;

export const LOSE_ANSWER = Symbol("lose the answer");

/** Answered as AWS does: `{"__type": name, "message": message}` with `status`. */
export class AwsError extends Error {
  readonly status: number;

  constructor(name: string, message: string, status = 400) {
    super(message);
    this.name = name;
    this.status = status;
  }
}

export function localArn(service: ServiceName, resource: string): string {
  return `arn:aws:${service}:${LOCAL_REGION}:${LOCAL_ACCOUNT}:${resource}`;
}
