/**
 * Checks the checker: each variant breaks one rule of the protocol, from outside, around the real
 * code. A search that missed one would prove nothing. Each names a small configuration that shows
 * it.
 */
import type { Grant } from "../../../lambda/grant/grant";
import type { GrantStore } from "../../../lambda/ports/stores";
import type { Ports, Program, Request } from "./run";
import type { Configuration, Rules } from "./scenario";
import type { Invariant } from "./violation";

export interface Variant {
  readonly name: string;
  readonly configuration: Configuration;
  readonly rules: Rules;
  /** The invariants that the search finds broken; empty: none. */
  readonly breaks: readonly Invariant[];
}

type Write = Request & { kind: "write" };

/** The store accepts every write without its condition. */
function force(row: Grant | undefined, { next }: Write): { row: Grant; answer: Grant } {
  const forced = { ...next, revision: (row?.revision ?? 0) + 1 };
  return { row: forced, answer: forced };
}

const wrap =
  (change: (ports: Ports) => Partial<Ports>) =>
  (program: Program): Program =>
  async (ports) =>
    await program({ ...ports, ...change(ports) });

function changeWrites(ports: Ports, change: (next: Grant) => Grant): Partial<Ports> {
  const { grants } = ports;
  const write: GrantStore["write"] = async (next, expected) =>
    await grants.write(change(next), expected);
  return { grants: { ...grants, write } };
}

/** Leases end long before the platform ends their holder. */
const shortLease = wrap((ports) =>
  changeWrites(ports, (next) =>
    next.lease === undefined
      ? next
      : { ...next, lease: { ...next.lease, expiresAt: ports.clock.now() + 1_000 } },
  ),
);

/** The caller gets its access token at once, before the successor is stored. */
const releaseFirst =
  (program: Program): Program =>
  async (ports) =>
    await new Promise<string | undefined>((resolve, reject) => {
      const { tokenEndpoint } = ports;
      const refresh: typeof tokenEndpoint.refresh = async (...request) => {
        const outcome = await tokenEndpoint.refresh(...request);
        if (outcome.kind !== "tokens") {
          return outcome;
        }
        resolve(outcome.accessToken.accessToken);
        return await new Promise(() => undefined);
      };
      program({ ...ports, tokenEndpoint: { ...tokenEndpoint, refresh } }).then(resolve, reject);
    });

const inDoubtIsForgotten = wrap(({ tokenEndpoint }) => ({
  tokenEndpoint: {
    ...tokenEndpoint,
    refresh: async (...request) => {
      const outcome = await tokenEndpoint.refresh(...request);
      return outcome.kind === "failed" ? { ...outcome, processed: "no" } : outcome;
    },
  },
}));

const noWatchdog = wrap(({ recovery }) => ({
  recovery: recovery && { ...recovery, watch: () => Promise.resolve() },
}));

const noMark = wrap(() => ({ ended: { raise: () => Promise.resolve() } }));

const noSpill = wrap(({ recovery }) => ({
  recovery: recovery && { ...recovery, spill: () => Promise.resolve() },
}));

const noTakeOver = wrap(({ recovery }) => ({
  recovery: recovery && { ...recovery, takeOver: () => Promise.resolve() },
}));

/**
 * The protocol for a provider that does not rotate, save for the queue: no take-over is ordered,
 * and nothing is in doubt.
 */
const standsNowhere = wrap(() => ({ rotation: "none" }));

const wrongGen = wrap(({ sealer }) => ({
  sealer: { newKey: async (context) => await sealer.newKey({ ...context, gen: context.gen + 1 }) },
}));

const logsTokens = wrap(({ tokenEndpoint, log }) => ({
  tokenEndpoint: {
    ...tokenEndpoint,
    refresh: async (token, ...rest) => {
      log.info("request", { reason: token });
      return await tokenEndpoint.refresh(token, ...rest);
    },
  },
}));

function without(member: "lease" | "cooldown"): NonNullable<Rules["read"]> {
  const cleaned = new WeakMap<Grant, Grant>();
  return (row) => {
    if (row?.[member] === undefined) {
      return row;
    }
    const clean = cleaned.get(row) ?? { ...row, [member]: undefined };
    cleaned.set(row, clean);
    return clean;
  };
}

const TWO = { roles: ["access", "access"], crashes: 0, losses: 0 } as const;
const ONE = { roles: ["access"], crashes: 0, losses: 0 } as const;
const AGAIN = { roles: ["access", "sign-in"], crashes: 0, losses: 0 } as const;

/**
 * Leases that are too short break much else; only they show what a loser does with its successor.
 */
const KEPT_ALONE: Rules = {
  breakProgram: (program) => shortLease(noWatchdog(standsNowhere(program))),
  isGraceEndless: true,
  isSuspended: ["I1", "I2", "I3", "I4", "I5", "I8", "I9", "I10"],
};

export const VARIANTS: readonly Variant[] = [
  {
    name: "no lease",
    configuration: { ...TWO, name: "two callers", rotation: "strict" },
    rules: { read: without("lease"), isSuspended: ["I10"] },
    breaks: ["I1"],
  },
  {
    name: "no fence: a commit does not look whose row it is",
    configuration: { ...AGAIN, name: "caller and sign-in", rotation: "strict" },
    rules: {
      write: (row, request) =>
        request.next.grantId === "g0" && request.next.lease === undefined
          ? force(row, request)
          : undefined,
    },
    breaks: ["I7"],
  },
  {
    name: "release before persist",
    configuration: { ...ONE, name: "one caller", rotation: "grace" },
    rules: { breakProgram: releaseFirst },
    breaks: ["I4"],
  },
  {
    name: "a refusal is not checked against the row",
    configuration: { ...AGAIN, name: "caller and sign-in", rotation: "none", isExclusive: true },
    rules: {
      write: (row, request) =>
        request.next.status === "needs_sign_in" ? force(row, request) : undefined,
    },
    breaks: ["I7", "I8"],
  },
  {
    name: "a disconnect leaves no mark",
    configuration: { ...ONE, roles: ["disconnect"], name: "disconnecting", rotation: "none" },
    rules: { breakProgram: noMark },
    breaks: ["I7"],
  },
  {
    name: "an erasure leaves no mark",
    configuration: { ...ONE, roles: ["erase"], name: "erasing", rotation: "none" },
    rules: { breakProgram: noMark },
    breaks: ["I7"],
  },
  {
    name: "no watchdog",
    configuration: { ...ONE, name: "one caller", rotation: "grace", crashes: 1 },
    rules: { breakProgram: noWatchdog },
    breaks: ["I2"],
  },
  {
    name: "what the store does not take is not spilled",
    configuration: { ...ONE, name: "one caller", rotation: "strict", losses: 1 },
    rules: { breakProgram: noSpill },
    breaks: ["I4"],
  },
  {
    name: "a take-over does not wait for its turn",
    configuration: { ...ONE, name: "one caller", rotation: "strict", losses: 1 },
    rules: { isUnordered: true },
    breaks: ["I5"],
  },
  {
    name: "any caller takes an expired lease over",
    configuration: { ...ONE, name: "one caller", rotation: "strict", losses: 1 },
    rules: { breakProgram: standsNowhere, isSuspended: ["I9"] },
    breaks: ["I5"],
  },
  {
    name: "no message asks for a take-over of an expired lease",
    configuration: { ...ONE, name: "one caller", rotation: "strict", crashes: 1 },
    rules: { breakProgram: noTakeOver },
    breaks: ["I9"],
  },
  {
    name: "a lease shorter than its holder",
    configuration: { ...TWO, name: "two callers", rotation: "strict" },
    rules: { breakProgram: shortLease },
    breaks: ["I1"],
  },
  {
    name: "a loser drops its successor",
    configuration: { ...TWO, name: "two callers", rotation: "grace" },
    rules: {
      ...KEPT_ALONE,
      write: (row, { next }) =>
        row !== undefined && next.inbox.length > row.inbox.length
          ? { row, answer: { ...next, revision: row.revision } }
          : undefined,
    },
    breaks: ["I2 kept"],
  },
  {
    name: "(none: a loser with the same short lease that keeps its successor)",
    configuration: { ...TWO, name: "two callers", rotation: "grace" },
    rules: KEPT_ALONE,
    breaks: [],
  },
  {
    name: "a lease in doubt is given back at once",
    configuration: { ...ONE, name: "one caller", rotation: "grace", losses: 1 },
    rules: { breakProgram: inDoubtIsForgotten },
    breaks: ["I2"],
  },
  {
    name: "the cooldown is not looked at",
    configuration: { ...TWO, name: "two callers", rotation: "none", losses: 1 },
    rules: { read: without("cooldown") },
    breaks: ["I10"],
  },
  {
    name: "sealed under another generation",
    configuration: { ...ONE, name: "one caller", rotation: "grace" },
    rules: { breakProgram: wrongGen },
    breaks: ["I6"],
  },
  {
    name: "a refresh token in the log",
    configuration: { ...ONE, name: "one caller", rotation: "none" },
    rules: { breakProgram: logsTokens },
    breaks: ["I11"],
  },
];
