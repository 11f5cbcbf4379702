/** What one deployment is. A value that is missing or wrong fails `cdk synth` with a sentence. */
import type { Environment as CdkEnvironment } from "aws-cdk-lib";
import type { RetentionDays } from "aws-cdk-lib/aws-logs";
import type { IdpSettings } from "../lambda/env";

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
  readonly throttle: {
    /** Requests per second over all routes. */
    readonly rate: number;
    readonly burst: number;
  };
  readonly logRetention: RetentionDays;
  /** Function instances that may run at once; the account's limit is shared by everything in it. */
  readonly reservedConcurrency: {
    readonly users: number;
    readonly refreshToken: number;
    readonly accessToken: number;
    readonly health: number;
  };
}

/** Stands in a stage file until its owner has put in the real one. */
export const EXAMPLE_CLIENT_ID = "00000000000000000000000000000000";

const LOOPBACK = /^http:\/\/(?:127\.0\.0\.1|localhost)(?::\d+)?$/;

/** @throws Error with one sentence that names the field and what to write there */
export function assertStage(stage: StageConfig): StageConfig {
  const { name, idp, corsOrigins, redirectUris, throttle } = stage;
  check(/^[a-z][a-z0-9-]{0,20}$/.test(name), "name", "a short word in lower-case letters");
  assertIdp(idp);
  check(corsOrigins.length > 0, "corsOrigins", "at least one origin of a frontend");
  for (const origin of corsOrigins) {
    check(isOrigin(origin), "corsOrigins", "exact origins, such as https://app.example");
  }
  check(redirectUris.length > 0, "redirectUris", "at least one redirect URI");
  for (const uri of redirectUris) {
    check(isSafeUrl(uri), "redirectUris", "absolute https URLs");
  }
  check(throttle.rate > 0 && throttle.burst > 0, "throttle", "a rate and a burst above zero");
  for (const [func, instances] of Object.entries(stage.reservedConcurrency)) {
    const field = `reservedConcurrency.${func}`;
    check(Number.isInteger(instances) && instances > 0, field, "a whole number above zero");
  }
  return stage;
}

function assertIdp(idp: IdpSettings): void {
  const { profile, clientId, idTokenSigningAlgs: algs } = idp;
  check(clientId !== "", "idp.clientId", "the client id from the provider's console");
  for (const field of ["issuer", "jwksUri", "tokenEndpoint"] as const) {
    check(isSafeUrl(idp[field]), `idp.${field}`, "an absolute https URL");
  }
  for (const field of ["userinfoEndpoint", "revocationEndpoint"] as const) {
    const url = idp[field];
    check(url === undefined || isSafeUrl(url), `idp.${field}`, "an absolute https URL, or nothing");
  }
  check(algs.length > 0, "idp.idTokenSigningAlgs", "at least one JOSE algorithm");
  const isRollup = profile === "rollup";
  check(
    !isRollup || (algs.length === 1 && algs[0] === "ES256"),
    "idp.idTokenSigningAlgs",
    "exactly ES256, which is all that Rollup ID signs with",
  );
  const isOwnHabit = idp.clientAuthentication ?? idp.refreshTokenFormat ?? idp.refreshTokenRotation;
  check(!isRollup || isOwnHabit === undefined, "idp", "no habits of its own for Rollup ID");
}

/** The tokens travel there: https, or plain http on this very machine. */
function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text)) {
    return false;
  }
  const { protocol, origin } = new URL(text);
  return protocol === "https:" || LOOPBACK.test(origin);
}

function isOrigin(text: string): boolean {
  return isSafeUrl(text) && new URL(text).origin === text;
}

function check(isRight: boolean, field: string, expected: string): void {
  if (!isRight) {
    throw new Error(`stage file: "${field}" must be ${expected}`);
  }
}
