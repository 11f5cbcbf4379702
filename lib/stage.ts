/**
 * The configuration of one deployment. A missing or wrong value fails `cdk synth` with a sentence.
 */
import type { Environment as CdkEnvironment } from "aws-cdk-lib";
import type { RetentionDays } from "aws-cdk-lib/aws-logs";
import * as v from "valibot";
import type { IdpSettings, SessionSettings } from "../lambda/env";
import { DEFAULT_LIMITS, type Limits } from "../lambda/limits";
import type { RecordedProviders } from "./provider/recorded";
import { resolveIdp, type StageIdp } from "./provider/resolve";
import type { RouteKey, Throttle } from "./route-throttles";
import { EXPECTED, type FUNCTION_WORDS, STAGE_SCHEMA } from "./stage-schema";
import providers from "./stages/providers.json";

export interface StageConfig {
  /** Part of the stack names: lower-case letters, digits and dashes. */
  readonly name: string;
  /** @default the account and region of the AWS CLI's profile */
  readonly env?: CdkEnvironment;
  /**
   * `{ preset: "auth0", issuer, clientId }` and whatever differs from the preset
   * (docs/providers.md); or with `profile` every setting.
   */
  readonly idp: StageIdp;
  /** Origins of the frontends, exactly as browsers send them (`https://app.example`). */
  readonly corsOrigins: readonly string[];
  /** Redirect URIs, compared as strings. */
  readonly redirectUris: readonly string[];
  /**
   * `transport: "cookie"` needs the frontends on the API's own site (app.example and
   * api.app.example). Session tokens are then in a cookie that no script can read.
   */
  readonly sessions: Omit<SessionSettings, "origins">;
  /**
   * IAM roles of the owner's backends that may call `POST /service/access-token`. Their own
   * policies must allow it, too: `execute-api:Invoke` on the stack's output `ServiceRouteArn`.
   * @default none, and then there is no such route
   */
  readonly serviceRoleArns?: readonly string[];
  /**
   * IAM roles of operators who run admin commands that revoke at the provider (`erase`,
   * `disconnect`, `sweep`; only with a revocation endpoint) or move a user's refresh token
   * (`move`). Besides the functions no one else may use the key, whatever IAM allows.
   * @default none
   */
  readonly operatorRoleArns?: readonly string[];
  readonly throttle: Throttle & {
    /**
     * Throttles of single routes, at most the stage's. Each route has its own token bucket.
     * @default a share of the stage's for each (lib/route-throttles.ts)
     */
    readonly routes?: Partial<Record<RouteKey, Throttle>>;
  };
  /**
   * Bounds on what one user may cause.
   * @default lambda/limits.ts
   */
  readonly limits?: Partial<Limits>;
  /**
   * Where alarms are sent. AWS asks the address first; without one the topic has no subscriber.
   * @default nobody
   */
  readonly alarms?: { readonly email?: string };
  readonly logRetention: RetentionDays;
  /**
   * The API's own domain name. Needed by cookies. The API then has no other address.
   * @default an address of API Gateway
   */
  readonly domain?: StageDomain;
  /**
   * Function instances that may run at once, kept for single functions out of the account's limit;
   * AWS wants 100 of that to stay unreserved. docs/deploying.md says what this protects from.
   * @default none is reserved, so that the stage fits an account with a limit of 10
   */
  readonly reservedConcurrency?: Partial<Record<FunctionWord, number>>;
  /**
   * Instances of the recovery function at most, over both queues, where the provider rotates
   * refresh tokens or lets them lapse. With rotation a third, and two at least, is for the
   * watchdogs.
   * @default what is reserved for it, else 6
   */
  readonly recoveryConcurrency?: number;
  /** Tags of everything, besides `app` and `stage`. */
  readonly tags?: Readonly<Record<string, string>>;
  /**
   * Whether tables, keys, secret, queues and logs outlive the stacks, and tables are protected from
   * deletion. `false` is for a stage whose users may be lost.
   * @default true
   */
  readonly retain?: boolean;
  /**
   * Whether `cdk destroy` of the data stack is refused until someone turns it off.
   * @default the same as `retain`
   */
  readonly terminationProtection?: boolean;
  /**
   * AWS Backup of users and grants, daily, besides the tables' own point-in-time recovery.
   * @default none
   */
  readonly backup?: StageBackup;
  /**
   * Whether the client secret is encrypted with a key of its own (about one dollar a month) instead
   * of the account's default key.
   * @default false
   */
  readonly secretKey?: boolean;
  /**
   * Whether X-Ray traces the functions. It costs, and shows no more than whole invocations.
   * @default false
   */
  readonly tracing?: boolean;
  /**
   * Of the functions' processors.
   * @default "arm64", which costs a fifth less
   */
  readonly architecture?: "arm64" | "x86_64";
  /**
   * V8's compiled code beside each bundle: a cold start takes a fifth less of a processor. For one
   * Node only; every other one compiles as without it, and says so in the log.
   * @default none
   */
  readonly codeCache?: StageCodeCache;
}

interface StageCodeCache {
  /** Of the Node that Lambda runs, such as `24.21.0`. */
  readonly nodeVersion: string;
  /**
   * Flags of that Node which V8 compares.
   * @default --expose-gc, as in the start script of AWS's images
   */
  readonly nodeFlags?: readonly string[];
}

export type FunctionWord = (typeof FUNCTION_WORDS)[number];

export interface StageDomain {
  /** Such as `api.app.example`. */
  readonly name: string;
  /** The Route 53 zone of this account in which certificate and address are entered. */
  readonly hostedZone?: { readonly id: string; readonly name: string };
  /**
   * A certificate of Certificate Manager in the API's own region.
   * @default one is made, by way of `hostedZone`
   */
  readonly certificateArn?: string;
}

export interface StageBackup {
  readonly keepDays: number;
  /** ARN of a vault of another account or region that takes a copy of each backup. */
  readonly copyTo?: string;
}

/** A stage whose provider's settings are all there, as they are deployed. */
export interface Stage extends StageConfig {
  readonly idp: IdpSettings;
}

/** The placeholder in a stage file until its owner sets the real client id. */
export const EXAMPLE_CLIENT_ID = "00000000000000000000000000000000";

/**
 * `cdk synth` runs the stage file without a type check, so everything in it is checked here.
 * @param recorded what providers said of themselves (lib/stages/providers.json)
 * @throws Error with one sentence that names the field and what to write there
 */
export function assertStage(config: StageConfig, recorded: RecordedProviders = providers): Stage {
  const idp: unknown = config.idp;
  const isBlock = typeof idp === "object" && idp !== null;
  const stage = isBlock ? { ...config, idp: resolveIdp(config.idp, recorded) } : config;
  const result = v.safeParse(STAGE_SCHEMA, stage, { abortEarly: true });
  if (!result.success) {
    throw new Error(sentence(v.getDotPath(result.issues[0]) ?? ""));
  }
  return result.output;
}

export function limitsOf({ limits }: Pick<StageConfig, "limits">): Limits {
  return { ...DEFAULT_LIMITS, ...limits };
}

export function isRetained({ retain = true }: Pick<StageConfig, "retain">): boolean {
  return retain;
}

function sentence(path: string): string {
  // A route key may contain dots.
  const field = path
    .replace(/\.\d+$/, "")
    .replace(/^(throttle\.routes|tags|reservedConcurrency)\..+$/, "$1");
  const expected = EXPECTED[field];
  return expected === undefined
    ? `stage file: "${field}" is no setting of this kind of stage: remove it, or correct its name`
    : `stage file: "${field}" must be ${expected}`;
}
