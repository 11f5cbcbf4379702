/** The schema of a stage file, and its error messages. */
import { RetentionDays } from "aws-cdk-lib/aws-logs";
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
const count = v.pipe(v.number(), v.integer(), v.minValue(1));

const roleArns = v.array(
  v.pipe(v.string(), v.regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/)),
);
const throttle = { rate: v.pipe(v.number(), v.gtValue(0)), burst: count };
const between = (least: number, most: number) =>
  v.optional(v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most)));
const timeLimit = (name: keyof TimeLimits) => between(MIN_TIME_LIMITS[name], MAX_TIME_LIMITS[name]);

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
  }),
]);

export const STAGE_SCHEMA = v.strictObject({
  name: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{0,20}$/)),
  env: v.optional(
    v.strictObject({
      account: v.optional(v.pipe(v.string(), v.regex(/^\d{12}$/))),
      region: v.optional(v.pipe(v.string(), v.regex(/^[a-z]{2,4}(?:-[a-z]+)+-\d$/))),
    }),
  ),
  idp: v.pipe(
    idp,
    v.forward(
      v.check((settings) => settings.profile === "rollup" || isConsistent(settings)),
      ["clientSigning"] as never,
    ),
  ),
  corsOrigins: v.pipe(v.array(origin), v.nonEmpty()),
  redirectUris: v.pipe(v.array(url), v.nonEmpty()),
  sessions: v.pipe(
    v.strictObject({
      idleSeconds: count,
      absoluteSeconds: count,
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
        exchangeIntervalSeconds: v.pipe(v.number(), v.integer(), v.minValue(0)),
        waitingCallers: count,
        refusedCodesPerMinute: count,
        refreshTokensPerMinute: count,
        userinfoPerMinute: count,
      }),
    ),
  ),
  alarms: v.optional(v.strictObject({ email: v.optional(v.pipe(v.string(), v.email())) })),
  logRetention: v.enum(RetentionDays),
  reservedConcurrency: v.strictObject({
    users: count,
    account: count,
    refreshToken: count,
    accessToken: count,
    sessions: count,
    health: count,
    sweep: count,
    recovery: count,
  }),
});

const URL_WORDS = "an absolute https URL";
const ROLES_WORDS =
  "a list of ARNs of IAM roles (arn:aws:iam::<account>:role/<name>), without stars, or left out";
const COUNT_WORDS = "a whole number above zero";

const within = (least: number, most: number, unit: string) =>
  `a whole number of ${unit} from ${String(least)} to ${String(most)}`;
const limitWords = (name: keyof TimeLimits) =>
  `${within(MIN_TIME_LIMITS[name], MAX_TIME_LIMITS[name], "milliseconds")}, or left out`;
const OIDC_ONLY = "for an oidc profile, or left out";

/** By field: the end of the sentence "… must be …". */
export const EXPECTED: Readonly<Record<string, string>> = {
  name: "a short word in lower-case letters, digits and dashes",
  env: "an account and a region, or left out",
  "env.account": "the twelve digits of an AWS account",
  "env.region": "an AWS region, such as eu-central-1",
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
  "idp.failingGrantSeconds": `${within(3_600, 604_800, "seconds")} ${OIDC_ONLY}`,
  corsOrigins: "a list of exact origins, such as https://app.example",
  redirectUris: `a list of redirect URIs, each ${URL_WORDS}`,
  sessions: "an idle limit and an absolute limit that is no shorter",
  "sessions.idleSeconds": COUNT_WORDS,
  "sessions.transport": '"bearer" or "cookie", or left out',
  "sessions.absoluteSeconds": COUNT_WORDS,
  serviceRoleArns: ROLES_WORDS,
  operatorRoleArns: ROLES_WORDS,
  throttle: "a rate and a burst",
  "throttle.rate": "a number of requests per second above zero",
  "throttle.burst": COUNT_WORDS,
  "throttle.routes":
    'a rate and a burst for some of the routes, such as "POST /sessions", ' +
    "neither above the stage's, or left out",
  limits: "some of the limits of lambda/limits.ts, or left out",
  "limits.sessionsPerUser": `a whole number from 1 to ${String(MAX_SESSIONS_PER_USER)}`,
  "limits.exchangeIntervalSeconds": "a whole number of seconds, or 0 for none",
  "limits.waitingCallers": COUNT_WORDS,
  "limits.refusedCodesPerMinute": COUNT_WORDS,
  "limits.refreshTokensPerMinute": COUNT_WORDS,
  "limits.userinfoPerMinute": COUNT_WORDS,
  alarms: "an address that gets the alarms, or left out",
  "alarms.email": "an e-mail address, or left out",
  logRetention: "one of RetentionDays",
  reservedConcurrency: "a number for each function",
  "reservedConcurrency.users": COUNT_WORDS,
  "reservedConcurrency.account": COUNT_WORDS,
  "reservedConcurrency.refreshToken": COUNT_WORDS,
  "reservedConcurrency.accessToken": COUNT_WORDS,
  "reservedConcurrency.sessions": COUNT_WORDS,
  "reservedConcurrency.health": COUNT_WORDS,
  "reservedConcurrency.sweep": COUNT_WORDS,
  "reservedConcurrency.recovery": COUNT_WORDS,
};
