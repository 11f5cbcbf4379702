/**
 * The provider's key set as a small state machine: a maximum age, one fetch in flight, a cooldown for unknown keys, and a defined answer
 * to an outage. Invariants: keys come from the one configured address (S02); an outage never makes a known key unusable before
 * `MAX_STALE_MS`, and never makes an unknown one usable (S08).
 */
import { UnauthorizedError, UnavailableError, type SettingName } from "../errors";
import type { EpochMs } from "../model";
import { HttpFailure, type Clock, type HttpClient, type IdTokenPolicy } from "../ports";
import { readKeySet, type KeySetSnapshot } from "./jwk";

export interface KeySet {
  /**
   * The key set that holds `kid`.
   * @throws UnauthorizedError `unknown_key`; UnavailableError `key_set_unavailable`
   */
  holding(kid: string): Promise<KeySetSnapshot>;
}

export interface KeySetOptions {
  readonly jwksUri: string;
  readonly algs: IdTokenPolicy["algs"];
  readonly http: HttpClient;
  readonly clock: Clock;
  /** For one request, from connecting to the last byte (S07). @default 1,500 */
  readonly timeoutMs?: number;
}

export const MAX_AGE_MS = 10 * 60_000;
export const MAX_STALE_MS = 24 * 60 * 60_000;
/**
 * Between two fetches that unknown keys cause (S06), and after a fetch that failed while keys are at hand. A fetch for age does not count:
 * a key that is brought out right after one must not be refused (S09).
 */
export const COOLDOWN_MS = 30_000;
/** After a fetch that failed while there are no keys at all: nobody can be served, so try again soon. */
const EMPTY_COOLDOWN_MS = 2_000;

const TIMEOUT_MS = 1_500;
const MAX_BYTES = 65_536;

export function createKeySet(options: KeySetOptions): KeySet {
  const { clock } = options;
  let current: { readonly snapshot: KeySetSnapshot; readonly fetchedAt: EpochMs } | undefined;
  let failedAt = -Infinity;
  let unknownAt = -Infinity;
  let inFlight: Promise<void> | undefined;
  /** The time limit, where the last request ran into it. */
  let setting: SettingName | undefined;

  async function load(): Promise<void> {
    setting = undefined;
    const snapshot = await fetchKeySet(options).catch((error: unknown) => {
      const isSlow = error instanceof HttpFailure && error.limit === "time";
      setting = isSlow ? "idp.jwksTimeoutMs" : undefined;
      return undefined;
    });
    if (snapshot === undefined) {
      failedAt = clock.now();
    } else {
      current = { snapshot, fetchedAt: clock.now() };
      failedAt = -Infinity;
    }
  }

  async function loadOnce(): Promise<void> {
    inFlight ??= load().finally(() => {
      inFlight = undefined;
    });
    await inFlight;
  }

  const age = () => (current === undefined ? Infinity : clock.now() - current.fetchedAt);
  const isFailing = (within: number) => clock.now() - failedAt < within;

  async function fresh(): Promise<KeySetSnapshot> {
    const isUsable = age() < MAX_STALE_MS;
    if (age() >= MAX_AGE_MS && !isFailing(isUsable ? COOLDOWN_MS : EMPTY_COOLDOWN_MS)) {
      await loadOnce();
    }
    if (current === undefined || age() >= MAX_STALE_MS) {
      throw new UnavailableError("key_set_unavailable", { retryAfterSeconds: 2, setting });
    }
    return current.snapshot;
  }

  return {
    async holding(kid) {
      const snapshot = await fresh();
      if (snapshot.keys.has(kid)) {
        return snapshot;
      }
      if (clock.now() - unknownAt >= COOLDOWN_MS && !isFailing(COOLDOWN_MS)) {
        unknownAt = clock.now();
        await loadOnce();
      } else if (inFlight !== undefined) {
        await inFlight;
      }
      if (current?.snapshot.keys.has(kid) === true) {
        return current.snapshot;
      }
      if (isFailing(COOLDOWN_MS)) {
        // It may be a new key, and refusing it would sign somebody out over an outage.
        throw new UnavailableError("key_set_unavailable", { retryAfterSeconds: 30, setting });
      }
      throw new UnauthorizedError("unknown_key");
    },
  };
}

/** Undefined where it is none (S07). @throws HttpFailure */
async function fetchKeySet({
  jwksUri,
  algs,
  http,
  timeoutMs = TIMEOUT_MS,
}: KeySetOptions): Promise<KeySetSnapshot | undefined> {
  const { status, body } = await http.send({
    ...{ method: "GET", url: jwksUri, timeoutMs, maxBytes: MAX_BYTES },
    headers: { accept: "application/json" },
  });
  return status === 200 ? readKeySet(body, algs) : undefined;
}
