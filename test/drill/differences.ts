import type { Missing } from "./assemblies";

/**
 * Where ministack 1.5.33 differs from AWS, as far as the drill meets it. Each has its reason, and a
 * difference that is not observed any more fails the drill, so that none outlives its reason.
 */
interface SmokeDifference {
  /** A check of the smoke suite that fails for it. */
  readonly check: string;
  readonly reason: string;
  /** What the check says. */
  readonly observed: RegExp;
}

const CORS =
  "CloudFormation stores CorsConfiguration in the template's spelling (AllowOrigins), and the gateway " +
  "reads the API's (allowOrigins): no origin is allowed";

export const SMOKE_DIFFERENCES: readonly SmokeDifference[] = [
  {
    check: "CORS: a preflight of each allowed origin is allowed",
    reason: CORS,
    observed: /is 403, and not allowed$/,
  },
  {
    check: "CORS: each allowed origin may read an answer",
    reason: CORS,
    observed: /may not read the answer$/,
  },
];

/**
 * CloudFormation of ministack refuses a template with the first two, and rolls back at an alarm of
 * metric math, which all alarms of this product are. So no alarm and no saved query is deployed to
 * it; dashboard, topic and key of the alarms are. The drill first sees it refuse each.
 */
export const MISSING: readonly Missing[] = [
  { type: "AWS::CloudWatch::CompositeAlarm" },
  { type: "AWS::Logs::QueryDefinition" },
  { type: "AWS::CloudWatch::Alarm", property: "Metrics" },
];

/** What the drill does in another way than at AWS. */
export const OTHER_DIFFERENCES: Readonly<Record<string, string>> = {
  "the API's address":
    "*.execute-api.127.0.0.1 resolves nowhere: the path /_aws/execute-api is used",
  "an empty secret":
    "DescribeSecret calls a secret without a value AWSCURRENT, so no doctor sees it",
  "import of the secret": "CloudFormation imports no AWS::SecretsManager::Secret: it is made anew",
  "role policies": "calls of functions are not authorized: the local run's front door does that",
};
