/** What the runtime has to know about one function of the template. */
export interface FunctionSpec {
  readonly name: string;
  /** Short, for people: names the log file, and the function in options. */
  readonly label: string;
  readonly arn: string;
  /** Folder of the synthesized bundle. */
  readonly codeFolder: string;
  /** `file.export` */
  readonly handler: string;
  /** Exactly the template's. */
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** A label only: nothing limits the process. */
  readonly memoryMb: number;
  /** @default as many as the local cap allows */
  readonly reservedConcurrency?: number;
}

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

export interface AwsEndpoints {
  readonly dynamodb: string;
  readonly kms: string;
  readonly secretsmanager: string;
  readonly sqs?: string;
}

/** For tests that want a function to die at a chosen moment. */
export interface FunctionHooks {
  /** Arguments of the node process, before the script. */
  readonly nodeOptions?: readonly string[];
  /** CommonJS file that is loaded before the bundle. */
  readonly preload?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** `throttled`: it never ran; too many executions did already. */
export type FunctionFailure =
  "failed" | "init_failed" | "crashed" | "timed_out" | "throttled" | "stopped";

/** An invocation without an answer. */
export class FunctionError extends Error {
  readonly failure: FunctionFailure;

  constructor(functionName: string, failure: FunctionFailure) {
    super(`${functionName}: ${failure}`);
    this.name = "FunctionError";
    this.failure = failure;
  }
}
