/** The sign-ins over doubles that note what is done, in order. */
import { sessionTokens } from "../../lambda/auth/session-token";
import { InvalidRequestError } from "../../lambda/errors";
import type { Grant } from "../../lambda/grant/grant";
import type { VerifiedIdToken } from "../../lambda/model";
import type { ClientCredentials, CodeOutcome } from "../../lambda/ports/provider";
import { createBudget } from "../../lambda/use-cases/budget";
import {
  createSignInByCode,
  createSignInByIdToken,
  type SignInDependencies,
} from "../../lambda/use-cases/sign-in";
import { authenticateBy, secretIn } from "./client-credentials";
import { createLogDouble } from "./exchange-world";
import { createInMemoryCipher } from "./in-memory-cipher";
import { createInMemorySessionStore } from "./in-memory-session-store";
import { createInMemoryUserStore } from "./in-memory-user-store";
import { ALICE, NOW } from "./tokens";

export const REDIRECT_URI = "https://app.example/callback";
export const ACCESS = {
  accessToken: "at",
  tokenType: "Bearer",
  expiresAt: NOW,
  scope: undefined,
} as const;
export const TOKENS = {
  kind: "tokens",
  idToken: "id",
  accessToken: ACCESS,
  refreshToken: "rt",
} as const;

/** Of one network that may be refused. */
export const CODES = 2;

export interface Setting {
  readonly outcomes?: CodeOutcome[];
  readonly idToken?: Partial<VerifiedIdToken>;
  readonly erasedAt?: number;
  readonly signedOutAt?: number;
  /** ID tokens that are known by then. */
  readonly known?: readonly string[];
  readonly secrets?: string[];
  readonly fail?: string;
  /** What verifying says, before it says that the token is good. */
  readonly unverified?: readonly Error[];
  /** @default one that only tells who is at fault */
  readonly failure?: Error;
  readonly isCodeReusable?: boolean;
  readonly idTokenPolicy?: SignInDependencies["idTokenPolicy"];
}

/** Notes what is done, in order; `fail` breaks at that step. */
export function createSignInWorld(setting: Setting = {}) {
  const { outcomes = [TOKENS], idToken = {}, secrets, erasedAt, signedOutAt, fail } = setting;
  const { known: tokenHashes = [], unverified = [] } = setting;
  const { failure = new InvalidRequestError("foreign_subject") } = setting;
  const { log, lines } = createLogDouble();
  const problems = [...unverified];
  const steps: string[] = [];
  const step = <T>(name: string, value: T): Promise<T> => {
    steps.push(name);
    return fail === name ? Promise.reject(failure) : Promise.resolve(value);
  };
  const verified: VerifiedIdToken = {
    sub: ALICE,
    issuedAt: NOW,
    expiresAt: NOW + 1,
    claims: {},
    tokenHash: "hash",
    ...idToken,
  };
  const answers = [...outcomes];
  const [first = "secret", second = first] = secrets ?? [];
  const dependencies = {
    verifier: {
      ready: () => step("keys", undefined),
      verify: () => Promise.reject(new Error("it came straight from the token endpoint")),
      verifyExchanged: () => {
        const problem = problems.shift();
        return problem
          ? step("no key", verified).then(() => Promise.reject(problem))
          : step("verify", verified);
      },
    },
    tokenEndpoint: {
      exchangeCode: (_: unknown, client: ClientCredentials) =>
        step(`exchange with ${secretIn(client)}`, answers.shift() ?? TOKENS),
    },
    clientAuthentication: authenticateBy({
      current: () => step("secret", first),
      reread: () => step("reread", second),
    }),
    redirectUris: [REDIRECT_URI],
    ownership: {
      precheck: () => step("precheck", undefined),
      verify: (refreshToken: string) => Promise.resolve({ refreshToken }),
    },
    refreshTokens: createBudget({ perMinute: CODES, clock: { now: () => NOW } }),
    users: {
      ...createInMemoryUserStore(),
      upsert: () =>
        step("user", { user: { sub: ALICE } as never, erasure: undefined, created: true }),
      find: () =>
        step("find", {
          user: undefined,
          erasure: erasedAt === undefined ? undefined : { at: erasedAt, tokenHashes },
          signedOut: signedOutAt === undefined ? undefined : { at: signedOutAt, tokenHashes },
          revocation: undefined,
        }),
    },
    grants: {
      read: () => Promise.resolve(undefined),
      write: (grant: Grant) => step("store", { written: true, grant } as const),
    },
    ended: { read: () => Promise.resolve(undefined) },
    sealer: createInMemoryCipher(),
    sessions: {
      ...createInMemorySessionStore(),
      create: () => step("open", undefined),
      page: () => step("cap", { entries: [], next: undefined }),
      end: (tokenHash: string) => step(`end ${tokenHash}`, undefined),
    },
    tokens: { ...sessionTokens, create: () => ({ token: "rvs_new", tokenHash: "new" }) },
    limits: { idleSeconds: 60, absoluteSeconds: 60 },
    sessionsPerUser: 50,
    random: { id: () => "id", fraction: () => 0 },
    refusedCodes: createBudget({ perMinute: CODES, clock: { now: () => NOW } }),
    clock: { now: () => NOW + 500 },
    timer: { sleep: (milliseconds: number) => step(`sleep ${String(milliseconds)}`, undefined) },
    isPossibleCode: (each: string) => each !== "junk",
    isCodeReusable: setting.isCodeReusable ?? true,
    idTokenPolicy: setting.idTokenPolicy ?? { clockToleranceSeconds: 60 },
  };
  const signInByCode = createSignInByCode(dependencies);
  const network = "192.0.2.1";
  const call = {
    by: "POST /sessions",
    userAgent: "Other",
    network,
    replaces: undefined,
    deadline: NOW + 15_000,
    log,
  };
  const code = { code: "c", redirectUri: REDIRECT_URI, codeVerifier: undefined };
  return {
    steps,
    lines,
    call,
    byCode: (
      overrides: Partial<typeof code> & { nonce?: string; network?: string } = {},
      replaces?: { tokenHash: string },
    ) => {
      const { network = call.network, ...rest } = overrides;
      return signInByCode({ ...code, ...rest }, { ...call, network, replaces: replaces as never });
    },
    byIdToken: (refreshToken?: string) =>
      createSignInByIdToken(dependencies)(verified, refreshToken, call),
  };
}
