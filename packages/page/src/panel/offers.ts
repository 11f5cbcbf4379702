/** What can be broken at a local provider, in plain words. */
import type { Faults } from "../settings";

export type Programme = Readonly<Record<string, unknown>>;

export interface Fault {
  readonly id: string;
  readonly name: string;
  readonly says: string;
  readonly programme: Programme;
}

export interface Choice {
  readonly id: string;
  readonly label: string;
  readonly says: string;
  readonly member: string;
  readonly options: readonly (readonly [value: string, text: string])[];
}

interface Offer {
  readonly faults: readonly Fault[];
  readonly choices: readonly Choice[];
}

const next = (fault: object) => ({ token: [fault] });
const REFUSED = { code: "UNAUTHORIZED", message: "invalid token", name: "RollupError" };

const ANSWERS: readonly Fault[] = [
  {
    id: "down",
    name: "Down",
    says: "Nothing answers until you bring it back.",
    programme: { down: true },
  },
  {
    id: "500",
    name: "Server error",
    says: "The next token answer is a 500.",
    programme: next({ kind: "status", status: 500 }),
  },
  {
    id: "slow",
    name: "Slow answer",
    says: "The next token answer takes 3 s.",
    programme: next({ kind: "slow", delay_ms: 3_000 }),
  },
  {
    id: "html",
    name: "Web page as answer",
    says: "The next token answer is HTML, as from a proxy.",
    programme: next({ kind: "html" }),
  },
  {
    id: "cut-off",
    name: "Half an answer",
    says: "The next token answer ends in the middle.",
    programme: next({ kind: "cut_off" }),
  },
];

const LIFETIME = {
  id: "lifetime",
  label: "Access tokens live for",
  says: "From the next one on: those that are out keep their time.",
  member: "access_token_lifetime_seconds",
} as const;

const ROTATION: Choice = {
  id: "rotation",
  label: "Refresh tokens rotate",
  says: "How often the one that is kept is replaced.",
  member: "rotation",
  options: [
    ["none", "never (Rollup ID)"],
    ["grace", "with grace"],
    ["strict", "strictly"],
  ],
};

const SHORT = [
  ["90", "90 seconds"],
  ["20", "20 seconds"],
] as const;

/** What each kind of local provider can be told. */
export const OFFERS: Readonly<Record<Faults["kind"], Offer>> = {
  "rollup-id": {
    faults: [
      ...ANSWERS,
      {
        id: "dead-grant",
        name: "Connection refused for good",
        says: "The next token answer is 401: a new sign-in is needed.",
        programme: next({ kind: "status", status: 401, body: REFUSED }),
      },
      {
        id: "new-keys",
        name: "New signing key",
        says: "Tokens are signed with another key from now on.",
        programme: { keys: "rotate" },
      },
    ],
    choices: [{ ...LIFETIME, options: [["3600", "1 hour"], ...SHORT] }, ROTATION],
  },
  oidc: {
    faults: [
      ...ANSWERS,
      {
        id: "answer-lost",
        name: "Answer lost",
        says: "The next token request is processed, and its answer never comes.",
        programme: next({ kind: "no_answer" }),
      },
      {
        id: "revoke",
        name: "Revoke all connections",
        says: "They end at the provider, now.",
        programme: { revoke: "all" },
      },
    ],
    choices: [{ ...LIFETIME, options: [["null", "as long as the provider’s"], ...SHORT] }],
  },
};

interface Queued {
  readonly kind: string;
  readonly status?: number;
}

function queued(programme: Programme): readonly Queued[] {
  return (programme["token"] ?? []) as readonly Queued[];
}

export function isOn({ programme: wanted }: Fault, programme: Programme): boolean {
  const [fault] = queued(wanted);
  return fault === undefined
    ? wanted["down"] === true && programme["down"] === true
    : queued(programme).some(({ kind, status }) => kind === fault.kind && status === fault.status);
}

export function isNormal(programme: Programme): boolean {
  return programme["down"] !== true && queued(programme).length === 0;
}

/** No fault any more; what was chosen of lifetimes and rotation stays. */
export function normal(programme: Programme, choices: readonly Choice[]): Programme {
  const kept = choices
    .map(({ member }) => [member, programme[member]] as const)
    .filter(([, value]) => value !== undefined);
  return { reset: true, ...Object.fromEntries(kept) };
}

export function describe(title: string, programme: Programme): string {
  if (programme["down"] === true) {
    return `${title} is down until you bring it back.`;
  }
  const count = queued(programme).length;
  return count === 0
    ? `${title} works as usual.`
    : `The next token answer is broken${count > 1 ? `, ${String(count)} in all` : ""}.`;
}
