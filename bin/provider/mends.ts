/**
 * The faults that an ID token can have: for each, the draft of a token without it. A mend changes
 * the token, or what is expected of it, and nothing that another mend is about.
 */
import type { Expectations } from "../../lambda/auth/claim-checks";
import { ID_TOKEN_ALGS } from "../../lambda/facts";

type Members = Readonly<Record<string, unknown>>;

/** A readable token, and what this stage expects of it. */
export interface Draft {
  readonly header: Members;
  readonly payload: Members;
  readonly expected: Expectations;
}

export const STEPS = [
  "grammar",
  "header",
  "issuer",
  "audience",
  "subject",
  "times",
  "kind",
  "key",
  "signature",
] as const;
export type StepName = (typeof STEPS)[number];

export interface Mend {
  readonly step: StepName;
  /** What is wrong, where the verifier refuses the token for this alone. */
  readonly because: string;
  /** The setting that the verifier names would not help. */
  readonly isFinal?: true;
  apply(draft: Draft): Draft;
}

/** In this order each mend can rely on those before it. */
export function mendsOf(draft: Draft): readonly Mend[] {
  return [
    ...headerMends(draft),
    ...partyMends(draft),
    ...timeMends(draft),
    ...kindMends(draft),
    ...lifetimeMends(draft),
  ];
}

function withClaim(name: string, value: (draft: Draft) => unknown): Mend["apply"] {
  return (draft) => ({ ...draft, payload: { ...draft.payload, [name]: value(draft) } });
}

function withoutClaim(name: string): Mend["apply"] {
  return (draft) => ({ ...draft, payload: without(draft.payload, name) });
}

/** A claim that is there may say by that what kind of token this is. */
function withText(name: string): Mend["apply"] {
  return (draft) =>
    Object.hasOwn(draft.payload, name) && typeof draft.payload[name] !== "string"
      ? withClaim(name, () => "text")(draft)
      : draft;
}

function withoutHeader(name: string): Mend["apply"] {
  return (draft) => ({ ...draft, header: without(draft.header, name) });
}

function without(members: Members, name: string): Members {
  return Object.fromEntries(Object.entries(members).filter(([each]) => each !== name));
}

function withPolicy(change: (draft: Draft) => Partial<Expectations["policy"]>): Mend["apply"] {
  return (draft) => ({
    ...draft,
    expected: { ...draft.expected, policy: { ...draft.expected.policy, ...change(draft) } },
  });
}

function headerMends({ expected: { policy } }: Draft): readonly Mend[] {
  const extensions = ["crit", "b64"].map((name): Mend => ({
    step: "header",
    because: `the extension \`${name}\` is not supported`,
    apply: withoutHeader(name),
  }));
  return [
    {
      step: "header",
      because: "`alg` is no signature by a provider's own key that is supported here",
      apply: (draft) => ({ ...draft, header: { ...draft.header, alg: policy.algs[0] } }),
    },
    {
      step: "header",
      because: "the stage does not list `alg`",
      apply: withPolicy(() => ({ algs: ID_TOKEN_ALGS })),
    },
    ...extensions,
    {
      step: "header",
      because: "`kid` is missing, empty, too long or no text",
      apply: (draft) => ({ ...draft, header: { ...draft.header, kid: "kid" } }),
    },
    {
      step: "kind",
      because: "`typ` in the header names another kind of token",
      apply: withoutHeader("typ"),
    },
  ];
}

function partyMends({ payload, expected: { issuer, clientId } }: Draft): readonly Mend[] {
  const { iss, aud } = payload;
  const isSlash = typeof iss === "string" && iss.replace(/\/$/, "") === issuer.replace(/\/$/, "");
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  const isOurs = audiences.includes(clientId);
  return [
    {
      step: "issuer",
      because: isSlash
        ? "`iss` and the stage's issuer differ by the slash at the end"
        : "`iss` is not the stage's issuer, character for character",
      apply: withClaim("iss", () => issuer),
    },
    {
      step: "audience",
      because: "`aud` does not have the stage's client id: the token is for somebody else",
      apply: isOurs ? (draft) => draft : withClaim("aud", () => clientId),
    },
    {
      step: "audience",
      because: "`aud` has others besides the stage's client id",
      apply: withPolicy(() => ({ trustedAudiences: audiences as readonly string[] })),
    },
    {
      step: "audience",
      because:
        payload["azp"] === undefined
          ? "`azp` is missing, although `aud` has others besides"
          : "`azp` is neither the stage's client id nor listed",
      ...(payload["azp"] === undefined && { isFinal: true }),
      apply: withClaim("azp", () => clientId),
    },
    {
      step: "subject",
      because: "`sub` is missing, too long, or not of the form that this provider's subjects have",
      apply: (draft) => withPolicy(() => ({ subPattern: /^/ }))(withClaim("sub", () => "x")(draft)),
    },
  ];
}

function secondsOf({ expected: { now } }: Draft): number {
  return Math.floor(now / 1000);
}

function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/**
 * While the token was good: what it says besides of its times is then judged as it stands. Not
 * before `nbf`, and never later than now, or a time ahead would pass.
 */
function inItsTime(draft: Draft): Draft {
  const { payload, expected } = draft;
  const { iat, nbf, exp } = payload;
  const now = expected.now / 1000;
  const since = Math.max(Number(iat), isTime(nbf) ? Math.min(nbf, now) : 0);
  const isOver = !(now < Number(exp));
  return isOver ? { ...draft, expected: { ...expected, now: since * 1000 } } : draft;
}

/** The token lives as long as before. */
function notAhead(draft: Draft): Draft {
  const { iat, exp } = draft.payload;
  const ahead = Math.max(0, Number(iat) - secondsOf(draft));
  const shifted = (time: unknown) => (isTime(time) ? time - ahead : time);
  return { ...draft, payload: { ...draft.payload, iat: shifted(iat), exp: shifted(exp) } };
}

function timeMends(original: Draft): readonly Mend[] {
  const { iat, nbf, exp } = original.payload;
  const now = secondsOf(original);
  const aheadWords = (name: string, time: unknown) =>
    isTime(time)
      ? `\`${name}\` is ${duration(time - now)} ahead of this machine's clock`
      : `\`${name}\` is missing, or no whole number of seconds`;
  return [
    {
      step: "times",
      because: aheadWords("iat", iat),
      apply: isTime(iat)
        ? notAhead
        : withClaim("iat", () => (isTime(exp) ? Math.min(now, exp - 1) : now)),
    },
    { step: "times", because: aheadWords("nbf", nbf), apply: withoutClaim("nbf") },
    {
      step: "times",
      because: "`exp` is missing, no whole number of seconds, or not after `iat`",
      apply: withClaim("exp", ({ payload }) => Number(payload["iat"]) + 60),
    },
    {
      step: "times",
      because: isTime(exp) ? `the token expired ${duration(now - exp)} ago (\`exp\`)` : "",
      apply: inItsTime,
    },
  ];
}

function kindMends({ payload, expected: { policy } }: Draft): readonly Mend[] {
  const marks = (policy.kindClaims ?? []).filter(({ name }) => Object.hasOwn(payload, name));
  const alike = policy.forbiddenClaims.filter((name) => Object.hasOwn(payload, name));
  return [
    ...marks.map(({ name }): Mend => ({
      step: "kind",
      because: `\`${name}\` marks another kind of token`,
      apply: withoutClaim(name),
    })),
    {
      step: "kind",
      because:
        `it looks like an access token, by ${alike.map((name) => `\`${name}\``).join(", ")}` +
        " beside its other claims",
      apply: withPolicy(() => ({ forbiddenClaims: [] })),
    },
    ...["scope", "jti"].map((name): Mend => ({
      step: "kind",
      because: `\`${name}\` is no text`,
      apply: withText(name),
    })),
  ];
}

function lifetimeMends(original: Draft): readonly Mend[] {
  const { iat, exp } = original.payload;
  const now = secondsOf(original);
  const lifetime = isTime(iat) && isTime(exp) ? `${duration(exp - iat)} (${exp - iat} s)` : "long";
  return [
    {
      step: "times",
      because: `from \`iat\` to \`exp\` it lives too long: ${lifetime}`,
      apply: withPolicy(() => ({ maxLifetimeSeconds: Infinity })),
    },
    {
      step: "times",
      because: isTime(iat) ? `it is too old for a request: ${duration(now - iat)} (\`iat\`)` : "",
      apply: withPolicy(() => ({ maxAgeSeconds: Infinity })),
    },
  ];
}

const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;

/** In the largest unit of which there are two, or in seconds. */
export function duration(seconds: number): string {
  const [name, size] = UNITS.find(([, each]) => seconds >= 2 * each) ?? UNITS[3];
  const count = Math.floor(seconds / size);
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}
