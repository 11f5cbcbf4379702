/**
 * Every phase of a row against everything that can happen to it, played through the real functions
 * of `lambda/grant/`. docs/architecture.md has the diagram that is made of this
 * (`npm run docs:states`), states.test.ts the table that is expected.
 */
import { applyTokenResponse, type TokenResponse } from "../../../lambda/grant/answer";
import {
  type ActiveGrant,
  type Grant,
  type GrantStatus,
  hasLease,
  isOver,
  type LeasedGrant,
  type Rotation,
} from "../../../lambda/grant/grant";
import { type Phase, phaseOf, refreshPhaseOf } from "../../../lambda/grant/phase";
import {
  beginDisconnect,
  beginErase,
  disconnect,
  erase,
  freeze,
  giveBackLease,
  leaveInInbox,
  placeSuccessor,
  refuse,
  replaceGrant,
  signOut,
  takeLease,
  unfreeze,
} from "../../../lambda/grant/transitions";

export const NOW = 1_000_000;
const LEASE_MS = 15_000;
const stamp = { at: NOW, by: "test" };
const erasure = { at: NOW, tokenHashes: [] };
const identity = { sub: "sub", grantId: "grant" };
export const token = (gen: number) => ({ ciphertext: new Uint8Array([gen]), gen });

/** An ended row is told by its status. */
export type State = Exclude<Phase["kind"], "ended"> | Exclude<GrantStatus, "active">;

const ready: ActiveGrant = {
  ...identity,
  revision: 3,
  status: "active",
  since: 1,
  refreshToken: token(3),
  inbox: [],
  history: [],
};
const leased: LeasedGrant = takeLease(ready, { owner: "holder", expiresAt: NOW + LEASE_MS });
const cooldown = { until: NOW + 2_000, cause: "idp_unavailable", failures: 1 } as const;

/** A row of each phase; `abandoned` only where tokens rotate. */
export const ROWS: Readonly<Record<State, Grant | undefined>> = {
  absent: undefined,
  ready,
  leased,
  abandoned: { ...leased, lease: { ...leased.lease, expiresAt: NOW - 1 } },
  cooling: { ...ready, cooldown },
  frozen: freeze(ready, identity, stamp),
  needs_sign_in: refuse(ready, "in_doubt", stamp),
  disconnecting: beginDisconnect(ready, NOW),
  disconnected: disconnect(ready, stamp),
};

export const STATES = Object.keys(ROWS) as readonly State[];

export function stateOf(grant: Grant | undefined, rotation: Rotation, now = NOW): State {
  const phase = phaseOf({ grant }, { now, rotation });
  if (phase.kind !== "ended") {
    return phase.kind;
  }
  const { status } = phase.grant;
  if (status === "active") {
    throw new Error("an active grant has ended only where a mark says so");
  }
  return status;
}

const TOKENS: TokenResponse & { kind: "tokens" } = {
  kind: "tokens",
  foreign: false,
  accessToken: { accessToken: "secret", tokenType: "Bearer", expiresAt: NOW, scope: undefined },
  cached: { ...token(4), expiresAt: NOW, obtainedBy: "holder" },
  refreshToken: token(4),
};
const FAILED: TokenResponse & { kind: "failed" } = {
  kind: "failed",
  cause: "idp_unavailable",
  processed: "no",
  retryAfterSeconds: undefined,
  refreshToken: undefined,
};

/** Every kind of answer that the token endpoint can give. */
export const RESPONSES = {
  tokens: TOKENS,
  "tokens without a successor": { ...TOKENS, refreshToken: undefined },
  "tokens of another subject": { ...TOKENS, foreign: true },
  refusal: { kind: "refused" },
  "client rejected": { kind: "client_rejected" },
  "failure, not processed": FAILED,
  "failure, in doubt": { ...FAILED, cause: "idp_in_doubt", processed: "maybe" },
  "failure with a successor": { ...FAILED, processed: "maybe", refreshToken: token(4) },
} as const satisfies Readonly<Record<string, TokenResponse>>;

export type ResponseName = keyof typeof RESPONSES;

interface Happened {
  readonly grant: Grant | undefined;
  readonly now: number;
}

/** Undefined: it cannot happen to such a row. */
type Event = (grant: Grant | undefined, rotation: Rotation) => Happened | undefined;

const at = (grant: Grant | undefined): Happened => ({ grant, now: NOW });
/** Of a row whose holder is alive. */
const ofHolder =
  (change: (row: LeasedGrant, rotation: Rotation) => Grant): Event =>
  (grant, rotation) =>
    stateOf(grant, rotation) === "leased" && grant !== undefined && hasLease(grant)
      ? at(change(grant, rotation))
      : undefined;

const answered = (response: TokenResponse) =>
  ofHolder(
    (row, rotation) =>
      applyTokenResponse(row, response, {
        stamp,
        rotation,
        restoredAt: undefined,
        isLong: () => false,
        servesOthers: false,
      }).next,
  );

export const EVENTS = {
  "sign-in": (grant) =>
    at(replaceGrant(grant, { ...identity, grantId: "next", refreshToken: token(1) }, stamp)),
  intent: (grant, rotation) => {
    const phase = refreshPhaseOf({ grant }, { now: NOW, rotation });
    return phase.kind === "ready" || phase.kind === "abandoned"
      ? at(takeLease(phase.grant, { owner: "next", expiresAt: NOW + LEASE_MS }))
      : undefined;
  },
  "watchdog refused": ofHolder((row) => giveBackLease(row, ready)),
  ...(Object.fromEntries(
    Object.entries(RESPONSES).map(([name, response]) => [name, answered(response)]),
  ) as Record<ResponseName, Event>),
  "refusal, newer in the inbox": ofHolder((row, rotation) => {
    const { grant } = answered(RESPONSES.refusal)(leaveInInbox(row, token(9)), rotation) ?? {};
    return grant ?? row;
  }),
  "lease lapses": (grant, rotation) =>
    stateOf(grant, rotation) === "leased"
      ? { grant, now: grant?.lease?.expiresAt ?? NOW }
      : undefined,
  "cooldown ends": (grant, rotation) =>
    stateOf(grant, rotation) === "cooling"
      ? { grant, now: grant?.cooldown?.until ?? NOW }
      : undefined,
  /** That of a request which the provider may have processed: its lease has stayed. */
  "cooldown ends, in doubt": (grant, rotation) =>
    grant?.status === "active" && stateOf(grant, rotation) === "cooling"
      ? { grant: { ...grant, lease: leased.lease }, now: leased.lease.expiresAt }
      : undefined,
  "successor from the queue": (grant) => {
    const successor = { owner: "holder", grantId: "grant", refreshToken: token(4) };
    const placement = placeSuccessor(grant, successor, stamp);
    return placement.kind === "placed" ? at(placement.grant) : undefined;
  },
  "disconnect begins": (grant) =>
    grant === undefined || isOver(grant) ? undefined : at(beginDisconnect(grant, NOW)),
  disconnect: (grant) =>
    grant === undefined || grant.status === "disconnected"
      ? undefined
      : at(disconnect(grant, stamp)),
  "erasure begins": (grant) =>
    grant?.refreshToken === undefined ? undefined : at(beginErase(grant, erasure)),
  erasure: (grant) => at(erase(grant, erasure, identity)),
  "sign-out everywhere": (grant) => at(signOut(grant, erasure, identity)),
  freeze: (grant) => at(freeze(grant, identity, stamp)),
  unfreeze: (grant) => (grant?.frozenAt === undefined ? undefined : at(unfreeze(grant, stamp))),
} as const satisfies Readonly<Record<string, Event>>;

export type EventName = keyof typeof EVENTS;

/** What a row of this phase becomes; undefined: the event cannot happen to it. */
export function played(state: State, name: EventName, rotation: Rotation): State | undefined {
  const event: Event = EVENTS[name];
  const happened = event(ROWS[state], rotation);
  return happened && stateOf(happened.grant, rotation, happened.now);
}

/** Beside the others: it comes and goes in each of them, and changes none. */
const APART: readonly State[] = ["frozen"];
const NOT_DRAWN: readonly EventName[] = ["freeze", "unfreeze"];

/** The Mermaid diagram of docs/architecture.md: where tokens rotate. */
export function diagram(): string {
  const arrows = new Map<string, string[]>();
  const names = (Object.keys(EVENTS) as EventName[]).filter((name) => !NOT_DRAWN.includes(name));
  for (const state of STATES.filter((one) => !APART.includes(one))) {
    for (const name of names) {
      const next = played(state, name, "strict");
      if (next !== undefined && next !== state) {
        const arrow = `${state} --> ${next}`;
        arrows.set(arrow, [...(arrows.get(arrow) ?? []), name]);
      }
    }
  }
  const lines = [...arrows].map(([arrow, why]) => `  ${arrow}: ${why.join("<br>")}`);
  return ["```mermaid", "stateDiagram-v2", "  [*] --> absent", ...lines, "```"].join("\n");
}
