/**
 * The provider's key set as a small state machine: a maximum age, one fetch in flight, a budget for
 * unknown keys, and a defined answer to an outage.
 *
 * Invariants:
 *  - Keys come from the one configured address (S02).
 *  - An outage never makes a known key unusable before `MAX_STALE_MS`, and never makes an unknown
 *    one usable (S08). An answer without a usable key is an outage; one that shares no key with
 *    what is held is not believed alone until it is repeated (held-keys.ts).
 *  - Tokens with unknown keys cause no more fetches than their budget has (S06, reload-budget.ts).
 *  - An unknown key is answered with 401 only where a key set that was requested when the token
 *    already existed lacks it. Until then the truth is not known, and the answer is 503 (S09). So
 *    forged tokens never make a good token a bad one, and delay none for longer than a cooldown.
 *  - No caller can forge a token that comes from the token endpoint: its key is looked for whenever
 *    it is unknown.
 */
import { createHash } from "node:crypto";
import { type SettingName, UnauthorizedError, UnavailableError } from "../errors";
import { type HttpClient, isTimeout } from "../ports/http-client";
import type { IdTokenPolicy } from "../ports/profile";
import type { Clock } from "../ports/runtime";
import { CONFIRM_AFTER_MS, type HeldKeySets, isFamiliar, keysAsked, withAnswer } from "./held-keys";
import { type Alg, identityOf, readKeySet, type UsableJwk } from "./jwk";
import { COOLDOWN_MS, createReloadBudget } from "./reload-budget";

/** A token whose claims are right, and what it says about its key. */
export interface KeyRequest {
  /** Undefined where the token names none. */
  readonly kid: string | undefined;
  readonly alg: Alg;
  /** Epoch seconds, as the token says. */
  readonly iat: number;
  readonly token: string;
  /** It came straight from the token endpoint, over TLS. */
  readonly isFromTokenEndpoint: boolean;
}

export interface KeySet {
  /**
   * Makes sure that there are keys before an authorization code is spent.
   * @throws UnavailableError `key_set_unavailable`
   */
  ready(): Promise<void>;
  /**
   * The keys that may have signed the token, without those that were tried: one, or two while a
   * change of all keys is not yet confirmed.
   * @throws UnauthorizedError `unknown_key`, `ambiguous_key`, `disallowed_algorithm`;
   * UnavailableError `key_set_unavailable`
   */
  keysFor(request: KeyRequest, tried?: readonly UsableJwk[]): Promise<readonly UsableJwk[]>;
}

export interface KeySetOptions {
  readonly jwksUri: string;
  readonly algs: IdTokenPolicy["algs"];
  readonly http: HttpClient;
  readonly clock: Clock;
  /** Milliseconds for one request, from connecting to the last byte (S07). @default 1,500 */
  readonly timeoutMs?: number;
}

export const MAX_AGE_MS = 10 * 60_000;
export const MAX_STALE_MS = 24 * 60 * 60_000;
/**
 * After a failed fetch while there are no keys at all: no request can be served, so try again soon.
 */
const EMPTY_COOLDOWN_MS = 2_000;
/**
 * A token whose `iat` is so long before a fetch existed when that fetch began: clocks differ by
 * less (S12).
 */
const MAX_SKEW_MS = 60_000;
/**
 * Tokens that are remembered because a fetch has shown that their key does not exist. After
 * `MAX_SKEW_MS` their `iat` shows it, too.
 */
const MAX_REFUSED = 16;

const TIMEOUT_MS = 1_500;
const MAX_BYTES = 65_536;

export function createKeySet(options: KeySetOptions): KeySet {
  const { clock } = options;
  const budget = createReloadBudget(clock);
  let held: HeldKeySets = [];
  let refused = new Set<string>();
  let failedAt = -Infinity;
  let inFlight: Promise<void> | undefined;
  /** The setting of the time limit, where the last request exceeded it. */
  let setting: SettingName | undefined;

  const since = (time: number) => clock.now() - time;
  const isFailing = (within: number) => since(failedAt) < within;
  const usable = () => held.filter(({ askedAt }) => since(askedAt) < MAX_STALE_MS);

  async function load(): Promise<void> {
    const askedAt = clock.now();
    setting = undefined;
    const keys = await fetchKeys(options).catch((error: unknown) => {
      setting = isTimeout(error) ? "idp.jwksTimeoutMs" : undefined;
      return undefined;
    });
    if (keys === undefined) {
      failedAt = clock.now();
      return;
    }
    held = withAnswer(usable(), keys, askedAt);
    failedAt = -Infinity;
  }

  async function loadOnce(): Promise<void> {
    inFlight ??= load().finally(() => {
      inFlight = undefined;
    });
    await inFlight;
  }

  /**
   * While there are two sets, the provider is asked again as soon as its answer can confirm the
   * newer one.
   */
  function isDue(): boolean {
    const [newest, older] = held;
    const isOld = newest === undefined || since(newest.askedAt) >= MAX_AGE_MS;
    return isOld || (older !== undefined && since(newest.since) >= CONFIRM_AFTER_MS);
  }

  /**
   * A fetch because of age is not charged to the budget: a key that is published right after one
   * must not be refused (S09).
   */
  async function ready(): Promise<void> {
    if (isDue() && !isFailing(usable().length === 0 ? EMPTY_COOLDOWN_MS : COOLDOWN_MS)) {
      await loadOnce();
    }
    if (usable().length === 0) {
      throw new UnavailableError("key_set_unavailable", { retryAfterSeconds: 2, setting });
    }
  }

  function untried(request: KeyRequest, tried?: readonly UsableJwk[]): readonly UsableJwk[] {
    const asked = keysAsked(usable(), request);
    if (tried === undefined) {
      return asked;
    }
    const known = new Set(tried.map(identityOf));
    return asked.filter((key) => !known.has(identityOf(key)));
  }

  /**
   * Whether the newest set was requested when the token already existed: then it has the token's
   * key, or no such key exists.
   */
  function isOlderThanNewest({ iat }: KeyRequest): boolean {
    return held.some(({ askedAt }) => iat * 1000 + MAX_SKEW_MS < askedAt);
  }

  function isFamiliarAndNew(request: KeyRequest): boolean {
    return isFamiliar(held, request.kid) && !isOlderThanNewest(request);
  }

  function mayReload(request: KeyRequest): boolean {
    return (
      request.isFromTokenEndpoint ||
      (!isFailing(COOLDOWN_MS) && budget.allows(isFamiliarAndNew(request)))
    );
  }

  async function reload(
    request: KeyRequest,
    tried?: readonly UsableJwk[],
  ): Promise<readonly UsableJwk[]> {
    const refund = request.isFromTokenEndpoint
      ? undefined
      : budget.spend(isFamiliarAndNew(request));
    await loadOnce();
    const keys = untried(request, tried);
    if (keys.length > 0) {
      refund?.();
      return keys;
    }
    if (isFailing(COOLDOWN_MS)) {
      throw notKnownYet();
    }
    refused = new Set([...refused, digestOf(request)].slice(-MAX_REFUSED));
    throw new UnauthorizedError("unknown_key");
  }

  /**
   * The key may be new. Refusing it would sign a user out because of an outage, or because of
   * tokens that others forged.
   */
  function notKnownYet(): UnavailableError {
    const until = Math.max(failedAt + COOLDOWN_MS, budget.renewedAt());
    return new UnavailableError("key_set_unavailable", {
      retryAfterSeconds: (until - clock.now()) / 1000,
      setting: isFailing(COOLDOWN_MS) ? setting : undefined,
    });
  }

  return {
    ready,
    async keysFor(request, tried) {
      await ready();
      let keys = untried(request, tried);
      if (keys.length === 0 && inFlight !== undefined) {
        await inFlight;
        keys = untried(request, tried);
      }
      if (keys.length > 0) {
        return keys;
      }
      if (mayReload(request)) {
        return await reload(request, tried);
      }
      const isRefused = isOlderThanNewest(request) || refused.has(digestOf(request));
      throw isRefused ? new UnauthorizedError("unknown_key") : notKnownYet();
    },
  };
}

function digestOf({ token }: KeyRequest): string {
  return createHash("sha256").update(token).digest("base64url");
}

/** Undefined where the answer is not a key set (S07), or has no usable key. @throws HttpFailure */
async function fetchKeys({
  jwksUri,
  algs,
  http,
  timeoutMs = TIMEOUT_MS,
}: KeySetOptions): Promise<readonly UsableJwk[] | undefined> {
  const { status, body } = await http.send({
    method: "GET",
    url: jwksUri,
    timeoutMs,
    maxBytes: MAX_BYTES,
    headers: { accept: "application/json" },
  });
  return status === 200 ? readKeySet(body, algs) : undefined;
}
