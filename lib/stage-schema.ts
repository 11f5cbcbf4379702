/** The schema of a stage file, and its error messages. */
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { RegionInfo } from "aws-cdk-lib/region-info";
import * as v from "valibot";
import {
  CLIENT_ASSERTION_AUDIENCES,
  CLIENT_AUTHENTICATIONS,
  CLIENT_SIGNING_ALGS,
} from "../lambda/client-authentication";
import { ID_TOKEN_ALGS, REFRESH_TOKEN_FORMATS, ROTATIONS } from "../lambda/facts";
import { MAX_SESSIONS_PER_USER } from "../lambda/limits";
import { MAX_TIME_LIMITS, MIN_TIME_LIMITS, type TimeLimits } from "../lambda/time-limits";
import { idleSecondsNeeded } from "./function-timeouts";
import { ROUTE_KEYS } from "./route-throttles";
import { isSafeUrl } from "./safe-url";

const MIN_IDLE_SECONDS = idleSecondsNeeded();
/** Ten times the default quota of API Gateway. */
const MAX_PER_SECOND = 100_000;
/** What one user or one instance may cause. */
const MAX_LIMIT = 10_000;
const MAX_EXCHANGE_INTERVAL_SECONDS = 3_600;
const MIN_SESSION_SECONDS = 60;
/** 400 days: no browser keeps a cookie for longer (RFC 6265bis section 5.5). */
const MAX_SESSION_SECONDS = 34_560_000;
/** Two for each of two queues is the least that Lambda accepts. */
const MIN_RECOVERY = 4;
const MAX_RECOVERY = 1_000;
const MAX_CONCURRENCY = 10_000;
const MAX_BACKUP_DAYS = 36_500;
const MAX_TAGS = 40;

export const FUNCTION_WORDS = [
  "users",
  "account",
  "refreshToken",
  "accessToken",
  "sessions",
  "health",
  "sweep",
  "recovery",
] as const;

const text = v.pipe(v.string(), v.regex(/^\S+$/));
const url = v.pipe(v.string(), v.check(isSafeUrl));
/** OpenID Connect Discovery 1.0 section 3: no query, no fragment. */
const issuer = v.pipe(
  url,
  v.check((value) => !value.includes("?")),
);
const origin = v.pipe(
  url,
  v.check((value) => new URL(value).origin === value),
);
/** Compared as a string, so a star in it stands for itself and matches nothing. */
const redirectUri = v.pipe(
  url,
  v.check((value) => !value.includes("*")),
);
const count = v.pipe(v.number(), v.integer(), v.minValue(1));
const atMost = (most: number) => v.pipe(count, v.maxValue(most));
const different = v.check((values: string[]) => new Set(values).size === values.length);

/** The account of twelve zeros is what templates of the local run use. */
const ACCOUNT = /^(?!0{12})\d{12}$/;
const regions = new Set(RegionInfo.regions.map(({ name }) => name));
const region = v.pipe(
  v.string(),
  v.check((value) => regions.has(value)),
);
/** Host name of two labels at least (RFC 1123 section 2.1). */
const hostName = v.pipe(
  v.string(),
  v.maxLength(253),
  v.regex(/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/),
);
const arnOf = (service: string, resource: string) =>
  v.pipe(
    v.string(),
    v.regex(new RegExp(`^arn:aws[a-z-]*:${service}:[a-z0-9-]+:\\d{12}:${resource}$`)),
  );

const roleArns = v.pipe(
  v.array(v.pipe(v.string(), v.regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/))),
  different,
);
const throttle = {
  rate: v.pipe(v.number(), v.gtValue(0), v.maxValue(MAX_PER_SECOND)),
  burst: atMost(MAX_PER_SECOND),
};
const between = (least: number, most: number) =>
  v.optional(v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most)));
const timeLimit = (name: keyof TimeLimits) => between(MIN_TIME_LIMITS[name], MAX_TIME_LIMITS[name]);

const sessionSeconds = v.pipe(atMost(MAX_SESSION_SECONDS), v.minValue(MIN_SESSION_SECONDS));

const endpoints = {
  issuer,
  clientId: text,
  jwksUri: url,
  tokenEndpoint: url,
  userinfoEndpoint: v.optional(url),
  revocationEndpoint: v.optional(url),
  clockToleranceSeconds: between(0, 300),
  jwksTimeoutMs: timeLimit("jwksTimeoutMs"),
  tokenEndpointTimeoutMs: timeLimit("tokenEndpointTimeoutMs"),
  userinfoTimeoutMs: timeLimit("userinfoTimeoutMs"),
};

/** Also a part of logical ids and, where the provider makes the keys, its own id of the key. */
const keyName = v.pipe(v.string(), v.regex(/^[A-Za-z0-9]{1,32}$/));

const clientSigning = v.strictObject({
  keys: v.optional(
    v.pipe(
      v.array(keyName),
      v.nonEmpty(),
      v.check((names) => new Set(names).size === names.length),
    ),
  ),
  alg: v.optional(v.picklist(CLIENT_SIGNING_ALGS)),
  audience: v.optional(v.picklist(CLIENT_ASSERTION_AUDIENCES)),
  teamId: v.optional(v.pipe(v.string(), v.regex(/^[A-Z0-9]{10}$/))),
});

interface Signing {
  readonly clientAuthentication?: string | undefined;
  readonly clientSigning?: v.InferOutput<typeof clientSigning> | undefined;
}

/** Apple's keys have Apple's ids, sign with ES256 and are for its audience; others have no team. */
function isConsistent({ clientAuthentication: method, clientSigning: signing = {} }: Signing) {
  const { teamId, keys, alg = "ES256", audience } = signing;
  const isApples = teamId !== undefined && keys !== undefined;
  if (method === "signed_client_secret" && !isApples) {
    return false;
  }
  return teamId === undefined
    ? true
    : method !== "private_key_jwt" && isApples && alg === "ES256" && audience === undefined;
}

const idp = v.variant("profile", [
  v.strictObject({
    profile: v.literal("rollup"),
    ...endpoints,
    idTokenSigningAlgs: v.strictTuple([v.literal("ES256")]),
  }),
  v.strictObject({
    profile: v.literal("oidc"),
    ...endpoints,
    idTokenSigningAlgs: v.pipe(v.array(v.picklist(ID_TOKEN_ALGS)), v.nonEmpty()),
    clientAuthentication: v.optional(v.picklist(CLIENT_AUTHENTICATIONS)),
    clientSigning: v.optional(clientSigning),
    refreshTokenFormat: v.optional(v.picklist(REFRESH_TOKEN_FORMATS)),
    refreshTokenRotation: v.optional(v.picklist(ROTATIONS)),
    refreshTokenIdleSeconds: v.optional(v.pipe(count, v.minValue(MIN_IDLE_SECONDS))),
    idTokenMaxLifetimeSeconds: between(60, 604_800),
    idTokenMaxAgeSeconds: between(60, 86_400),
    idTokenAllowedClaims: v.optional(v.array(v.picklist(["scope", "scp", "client_id"]))),
    acceptedIssuers: v.optional(v.array(text)),
    trustedAudiences: v.optional(v.array(text)),
    trustedAzp: v.optional(v.array(text)),
    failingGrantSeconds: between(3_600, 604_800),
    refreshTokenParameters: v.optional(v.record(v.string(), v.string())),
  }),
]);

const domain = v.pipe(
  v.strictObject({
    name: hostName,
    hostedZone: v.optional(
      v.strictObject({ id: v.pipe(v.string(), v.regex(/^Z[A-Z0-9]{1,31}$/)), name: hostName }),
    ),
    certificateArn: v.optional(arnOf("acm", "certificate/[a-z0-9-]+")),
  }),
  v.check(({ hostedZone, certificateArn }) => (hostedZone ?? certificateArn) !== undefined),
);

/** IAM User Guide, "Tag naming limits and requirements"; `app` and `stage` are the product's. */
const tags = v.pipe(
  v.record(
    v.pipe(v.string(), v.regex(/^(?!aws:)(?!(?:app|stage)$)[\w .:/=+@-]{1,128}$/i)),
    v.pipe(v.string(), v.regex(/^[\w .:/=+@-]{0,256}$/)),
  ),
  v.check((all) => Object.keys(all).length <= MAX_TAGS),
);

export const STAGE_SCHEMA = v.strictObject({
  name: v.pipe(v.string(), v.regex(/^[a-z](?:[a-z0-9-]{0,19}[a-z0-9])?$/)),
  env: v.optional(
    v.strictObject({
      account: v.optional(v.pipe(v.string(), v.regex(ACCOUNT))),
      region: v.optional(region),
    }),
  ),
  idp: v.pipe(
    idp,
    v.forward(
      v.check((settings) => settings.profile === "rollup" || isConsistent(settings)),
      ["clientSigning"] as never,
    ),
  ),
  corsOrigins: v.pipe(v.array(origin), v.nonEmpty(), different),
  redirectUris: v.pipe(v.array(redirectUri), v.nonEmpty(), different),
  sessions: v.pipe(
    v.strictObject({
      idleSeconds: sessionSeconds,
      absoluteSeconds: sessionSeconds,
      transport: v.optional(v.picklist(["bearer", "cookie"])),
    }),
    v.check(({ idleSeconds, absoluteSeconds }) => idleSeconds <= absoluteSeconds),
  ),
  serviceRoleArns: v.optional(roleArns),
  operatorRoleArns: v.optional(roleArns),
  throttle: v.pipe(
    v.strictObject({
      ...throttle,
      routes: v.optional(v.record(v.picklist(ROUTE_KEYS), v.strictObject(throttle))),
    }),
    v.forward(
      v.partialCheck([["rate"], ["burst"], ["routes"]], ({ rate, burst, routes = {} }) =>
        Object.values(routes).every((route) => route.rate <= rate && route.burst <= burst),
      ),
      ["routes"],
    ),
  ),
  limits: v.optional(
    v.partial(
      v.strictObject({
        sessionsPerUser: v.pipe(count, v.maxValue(MAX_SESSIONS_PER_USER)),
        exchangeIntervalSeconds: v.pipe(
          v.number(),
          v.integer(),
          v.minValue(0),
          v.maxValue(MAX_EXCHANGE_INTERVAL_SECONDS),
        ),
        waitingCallers: atMost(MAX_LIMIT),
        refusedCodesPerMinute: atMost(MAX_LIMIT),
        refreshTokensPerMinute: atMost(MAX_LIMIT),
        userinfoPerMinute: atMost(MAX_LIMIT),
      }),
    ),
  ),
  logRetention: v.enum(RetentionDays),
  domain: v.optional(domain),
  reservedConcurrency: v.optional(
    v.record(v.picklist(FUNCTION_WORDS), v.pipe(count, v.maxValue(MAX_CONCURRENCY))),
  ),
  recoveryConcurrency: between(MIN_RECOVERY, MAX_RECOVERY),
  alarms: v.optional(v.strictObject({ email: v.optional(v.pipe(v.string(), v.email())) })),
  tags: v.optional(tags),
  retain: v.optional(v.boolean()),
  terminationProtection: v.optional(v.boolean()),
  backup: v.optional(
    v.strictObject({
      keepDays: atMost(MAX_BACKUP_DAYS),
      copyTo: v.optional(arnOf("backup", "backup-vault:[A-Za-z0-9_-]{2,50}")),
    }),
  ),
  secretKey: v.optional(v.boolean()),
  tracing: v.optional(v.boolean()),
  architecture: v.optional(v.picklist(["arm64", "x86_64"])),
  codeCache: v.optional(
    v.strictObject({
      nodeVersion: v.pipe(v.string(), v.regex(/^\d+\.\d+\.\d+$/)),
      nodeFlags: v.optional(v.array(v.pipe(v.string(), v.regex(/^--[a-z][a-z0-9-]*(?:=\d+)?$/)))),
    }),
  ),
});

const URL_WORDS = "an absolute https URL";
const ROLES_WORDS =
  "a list of different ARNs of IAM roles (arn:aws:iam::<account>:role/<name>), without stars, " +
  "or left out";

const within = (least: number, most: number, unit: string) =>
  `a whole number of ${unit} from ${String(least)} to ${String(most)}`;
const LIMIT_WORDS = `a whole number from 1 to ${String(MAX_LIMIT)}`;
const SESSION_WORDS = within(MIN_SESSION_SECONDS, MAX_SESSION_SECONDS, "seconds");
const limitWords = (name: keyof TimeLimits) =>
  `${within(MIN_TIME_LIMITS[name], MAX_TIME_LIMITS[name], "milliseconds")}, or left out`;
const OIDC_ONLY = "for an oidc profile, or left out";

/** By field: the end of the sentence "… must be …". */
export const EXPECTED: Readonly<Record<string, string>> = {
  name: "a short word in lower-case letters, digits and dashes, and no dash at its end",
  env: "an account and a region, or left out",
  "env.account": "the twelve digits of an AWS account, in quotes",
  "env.region": "an AWS region that exists, such as eu-central-1",
  idp: "the provider's settings (see docs/providers.md)",
  "idp.profile": '"rollup" or "oidc"',
  "idp.issuer":
    `${URL_WORDS} without a query, ` + 'letter for letter as the provider writes it into "iss"',
  "idp.clientId": "the client id from the provider's console",
  "idp.jwksUri": URL_WORDS,
  "idp.tokenEndpoint": URL_WORDS,
  "idp.userinfoEndpoint": `${URL_WORDS}, or left out`,
  "idp.revocationEndpoint": `${URL_WORDS}, or left out`,
  "idp.idTokenSigningAlgs":
    `a list out of ${ID_TOKEN_ALGS.join(", ")}, ` + 'and exactly ["ES256"] for Rollup ID',
  "idp.clientAuthentication":
    '"client_secret_basic", "client_secret_post", "private_key_jwt", "signed_client_secret" or ' +
    '"none" for an oidc profile, else left out',
  "idp.clientSigning":
    'keys, alg and audience; for "signed_client_secret" Apple\'s teamId and, as keys, the ids of ' +
    "its keys; or left out",
  "idp.clientSigning.keys": "a list of names of letters and digits, the one that signs first",
  "idp.clientSigning.alg": '"ES256", "PS256" or "RS256", or left out',
  "idp.clientSigning.audience": '"issuer" or "token_endpoint", or left out',
  "idp.clientSigning.teamId": "the ten letters and digits of Apple's team id, or left out",
  "idp.refreshTokenFormat": '"jwt" or "opaque" for an oidc profile, else left out',
  "idp.refreshTokenRotation": '"none", "grace" or "strict" for an oidc profile, else left out',
  "idp.refreshTokenIdleSeconds":
    `a whole number of seconds ${OIDC_ONLY}, and ${String(MIN_IDLE_SECONDS)} at least: ` +
    "an unused token is renewed after half of them, and the sweeper may take as long to do it",
  "idp.clockToleranceSeconds": `${within(0, 300, "seconds")}, or left out`,
  "idp.jwksTimeoutMs": limitWords("jwksTimeoutMs"),
  "idp.tokenEndpointTimeoutMs": limitWords("tokenEndpointTimeoutMs"),
  "idp.userinfoTimeoutMs": limitWords("userinfoTimeoutMs"),
  "idp.idTokenMaxLifetimeSeconds": `${within(60, 604_800, "seconds")} ${OIDC_ONLY}`,
  "idp.idTokenMaxAgeSeconds": `${within(60, 86_400, "seconds")} ${OIDC_ONLY}`,
  "idp.idTokenAllowedClaims": `a list out of scope, scp and client_id ${OIDC_ONLY}`,
  "idp.acceptedIssuers": `a list of other spellings of the issuer ${OIDC_ONLY}`,
  "idp.trustedAudiences": `a list of audiences ${OIDC_ONLY}`,
  "idp.trustedAzp": `a list of client ids of your own apps ${OIDC_ONLY}`,
  "idp.refreshTokenParameters": `names and texts ${OIDC_ONLY}`,
  "idp.failingGrantSeconds": `${within(3_600, 604_800, "seconds")} ${OIDC_ONLY}`,
  corsOrigins: "a list of exact and different origins, such as https://app.example",
  redirectUris: `a list of different redirect URIs, each ${URL_WORDS} without a star`,
  sessions: "an idle limit and an absolute limit that is no shorter",
  "sessions.idleSeconds": SESSION_WORDS,
  "sessions.transport": '"bearer" or "cookie", or left out',
  "sessions.absoluteSeconds": SESSION_WORDS,
  serviceRoleArns: ROLES_WORDS,
  operatorRoleArns: ROLES_WORDS,
  throttle: "a rate and a burst",
  "throttle.rate": `a number of requests per second above zero, up to ${String(MAX_PER_SECOND)}`,
  "throttle.burst": within(1, MAX_PER_SECOND, "requests"),
  "throttle.routes":
    'a rate and a burst for some of the routes, such as "POST /sessions", ' +
    "neither above the stage's, or left out",
  limits: "some of the limits of lambda/limits.ts, or left out",
  "limits.sessionsPerUser": `a whole number from 1 to ${String(MAX_SESSIONS_PER_USER)}`,
  "limits.exchangeIntervalSeconds":
    within(0, MAX_EXCHANGE_INTERVAL_SECONDS, "seconds") + "; 0: none",
  "limits.waitingCallers": LIMIT_WORDS,
  "limits.refusedCodesPerMinute": LIMIT_WORDS,
  "limits.refreshTokensPerMinute": LIMIT_WORDS,
  "limits.userinfoPerMinute": LIMIT_WORDS,
  logRetention: "one of RetentionDays",
  domain: "a name, and the hosted zone that it is in or the ARN of its certificate; or left out",
  "domain.name": "a host name, such as api.app.example",
  "domain.hostedZone": "the id and the name of a hosted zone of Route 53, or left out",
  "domain.hostedZone.id": "the id of a hosted zone of Route 53, which begins with Z",
  "domain.hostedZone.name": "the name of the hosted zone, such as app.example",
  "domain.certificateArn": "the ARN of a certificate of Certificate Manager, or left out",
  reservedConcurrency:
    `whole numbers above zero for some of ${FUNCTION_WORDS.join(", ")}; ` + "or left out",
  recoveryConcurrency: `${within(MIN_RECOVERY, MAX_RECOVERY, "instances")}, or left out`,
  alarms: "an email address, or left out",
  "alarms.email": "an email address, or left out",
  tags: `${String(MAX_TAGS)} texts at most that AWS accepts as tags, none named app, stage, aws:…`,
  retain: "true or false, or left out",
  terminationProtection: "true or false, or left out",
  backup: "the days to keep, and a vault for copies; or left out",
  "backup.keepDays": within(1, MAX_BACKUP_DAYS, "days"),
  "backup.copyTo": "the ARN of a backup vault (arn:aws:backup:…:backup-vault:<name>), or left out",
  secretKey: "true or false, or left out",
  tracing: "true or false, or left out",
  architecture: '"arm64" or "x86_64", or left out',
  codeCache: "the version and the flags of the Node that functions run on, or left out",
  "codeCache.nodeVersion": "the whole version of the Node that functions run on, such as 24.21.0",
  "codeCache.nodeFlags": "a list of flags of Node, such as --expose-gc, or left out",
};
