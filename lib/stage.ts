/** What one deployment is. A value that is missing or wrong fails `cdk synth` with a sentence. */
import type { Environment as CdkEnvironment } from "aws-cdk-lib";
import type { RetentionDays } from "aws-cdk-lib/aws-logs";
import * as v from "valibot";
import type { IdpSettings, SessionSettings } from "../lambda/env";
import { DEFAULT_LIMITS, type Limits } from "../lambda/limits";
import type { RouteKey, Throttle } from "./route-throttles";
import { EXPECTED, STAGE_SCHEMA } from "./stage-schema";

export interface StageConfig {
  /** Part of the stack names: lower-case letters, digits and dashes. */
  readonly name: string;
  /** @default the account and region of the AWS CLI's profile */
  readonly env?: CdkEnvironment;
  readonly idp: IdpSettings;
  /** Origins of the frontends, exactly as browsers send them (`https://app.example`). */
  readonly corsOrigins: readonly string[];
  /** Where the provider may send users back to, exactly. */
  readonly redirectUris: readonly string[];
  /**
   * `transport: "cookie"` needs the frontends on the API's own site (app.example and
   * api.app.example). Session tokens are then in a cookie that no script can read, and nowhere
   * else.
   */
  readonly sessions: Omit<SessionSettings, "origins">;
  /**
   * IAM roles of the owner's backends that may call `POST /service/access-token`. Their own
   * policies must allow it, too: `execute-api:Invoke` on the stack's output `ServiceRouteArn`.
   * @default none, and then there is no such route
   */
  readonly serviceRoleArns?: readonly string[];
  /**
   * IAM roles of people who run admin commands that revoke at the provider (`erase`, `disconnect`,
   * `sweep`; only where the provider has a revocation endpoint) or move a user's refresh token
   * (`move`): besides the functions nobody else may use the key, whatever IAM allows them.
   * @default none
   */
  readonly operatorRoleArns?: readonly string[];
  readonly throttle: Throttle & {
    /**
     * Of single routes, no more than the stage's. API Gateway has a bucket for each, so one that is
     * flooded does not starve the others.
     * @default a share of the stage's for each (lib/route-throttles.ts)
     */
    readonly routes?: Partial<Record<RouteKey, Throttle>>;
  };
  /** How often one person may do what costs others something. @default lambda/limits.ts */
  readonly limits?: Partial<Limits>;
  readonly logRetention: RetentionDays;
  /**
   * Function instances that may run at once, taken out of the account's limit: 100 of that must
   * stay free for everything else. A new account may have a limit of 10 only: ask for more (Service
   * Quotas, Lambda, "Concurrent executions") before you deploy.
   */
  readonly reservedConcurrency: {
    readonly users: number;
    readonly account: number;
    readonly refreshToken: number;
    readonly accessToken: number;
    readonly sessions: number;
    readonly health: number;
    /** One sweep at a time is enough. */
    readonly sweep: number;
    /**
     * Deployed only where the provider rotates refresh tokens, or lets them lapse. Where it
     * rotates, two queues share it, with two at least for each; a third of it watches.
     */
    readonly recovery: number;
  };
}

/** Stands in a stage file until its owner has put in the real one. */
export const EXAMPLE_CLIENT_ID = "00000000000000000000000000000000";

/**
 * The stage file is run, not type-checked, by `cdk synth`: everything in it is looked at here.
 * @throws Error with one sentence that names the field and what to write there
 */
export function assertStage(stage: StageConfig): StageConfig {
  const result = v.safeParse(STAGE_SCHEMA, stage, { abortEarly: true });
  if (!result.success) {
    throw new Error(sentence(v.getDotPath(result.issues[0]) ?? ""));
  }
  return result.output;
}

export function limitsOf({ limits }: Pick<StageConfig, "limits">): Limits {
  return { ...DEFAULT_LIMITS, ...limits };
}

function sentence(path: string): string {
  // A route key has dots of its own.
  const field = path.replace(/\.\d+$/, "").replace(/^throttle\.routes\..+$/, "throttle.routes");
  const expected = EXPECTED[field];
  return expected === undefined
    ? `stage file: "${field}" is no setting of this kind of stage: remove it, or correct its name`
    : `stage file: "${field}" must be ${expected}`;
}
