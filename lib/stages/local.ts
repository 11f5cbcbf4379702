/**
 * The stage of `npm start`: the same stacks, with a provider on this machine. Its values come from
 * the CDK context.
 */
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Node } from "constructs";
import type { IdpSettings } from "../../lambda/env";
import type { StageConfig } from "../stage";

/** Context `local`: a JSON object. */
export interface LocalContext {
  readonly issuer: string;
  readonly clientId: string;
  readonly redirectUris: readonly string[];
  readonly corsOrigins: readonly string[];
  /** In the place of the defaults below. */
  readonly sessions?: Partial<StageConfig["sessions"]>;
  /** In the place of the defaults of lambda/limits.ts. */
  readonly limits?: StageConfig["limits"];
  readonly throttle?: Partial<StageConfig["throttle"]>;
  readonly serviceRoleArns?: readonly string[];
  /** Other settings of the provider, for another profile than `rollup`. */
  readonly idp?: Partial<IdpSettings>;
  /** All settings of a provider that runs elsewhere. Nothing is added to them. */
  readonly provider?: IdpSettings;
}

/** @throws Error where the context is missing */
export function localStage(node: Pick<Node, "tryGetContext">): StageConfig {
  const context = node.tryGetContext("local") as LocalContext | undefined;
  if (context === undefined) {
    throw new Error('stage "local" is what npm start synthesizes; deploy another one');
  }
  const { issuer, clientId, redirectUris, corsOrigins, serviceRoleArns = [] } = context;
  return {
    name: "local",
    idp: context.provider ?? {
      profile: "rollup",
      issuer,
      clientId,
      jwksUri: `${issuer}/.well-known/jwks.json`,
      tokenEndpoint: `${issuer}/token`,
      userinfoEndpoint: `${issuer}/userinfo`,
      idTokenSigningAlgs: ["ES256"],
      ...context.idp,
    },
    corsOrigins,
    redirectUris,
    serviceRoleArns,
    sessions: { idleSeconds: 14 * 86_400, absoluteSeconds: 90 * 86_400, ...context.sessions },
    ...(context.limits && { limits: context.limits }),
    // High enough not to disturb development and tests.
    throttle: { rate: 5_000, burst: 10_000, ...context.throttle },
    logRetention: RetentionDays.ONE_DAY,
  };
}
