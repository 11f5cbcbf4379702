import type { ClientCredentials, TokenEndpoint, TokenOutcome } from "../../lambda/ports/provider";
import type { Clock, Timer } from "../../lambda/ports/runtime";
import { secretIn } from "./client-credentials";

export interface TokenEndpointDouble extends TokenEndpoint {
  /** Refresh tokens presented, in order. */
  readonly presented: string[];
  readonly revoked: string[];
  readonly secretsSeen: string[];
  readonly credentialsSeen: ClientCredentials[];
  /** How many requests were on the wire at once, at most. */
  maxOnTheWire(): number;
  /**
   * What the next requests answer instead; `processed` says whether the provider acted on the
   * request before.
   */
  next(...answers: { outcome: TokenOutcome; processed?: boolean }[]): void;
  /** What happens while the request is on the wire. */
  during(act: () => Promise<void> | void): void;
  isLive(refreshToken: string): boolean;
}

export interface TokenEndpointDoubleOptions {
  readonly time: Clock & Timer;
  readonly rotation: "none" | "grace" | "strict";
  readonly firstToken: string;
  readonly clientSecret?: string;
  readonly latencyMs?: number;
  readonly lifetimeSeconds?: number;
}

/**
 * A provider with one user: `none` keeps one token for ever, `strict` revokes the family when a
 * spent token comes back, `grace` answers the predecessor with the same successor until that is
 * used.
 */
export function createTokenEndpointDouble(
  options: TokenEndpointDoubleOptions,
): TokenEndpointDouble {
  const { time, rotation, firstToken, latencyMs = 100, lifetimeSeconds = 3600 } = options;
  const presented: string[] = [];
  const revoked: string[] = [];
  const secretsSeen: string[] = [];
  const credentialsSeen: ClientCredentials[] = [];
  const programmed: { outcome: TokenOutcome; processed?: boolean }[] = [];
  let live = firstToken;
  let previous: string | undefined;
  let isFamilyRevoked = false;
  let serial = 0;
  let onTheWire = 0;
  let mostOnTheWire = 0;
  let act: (() => Promise<void> | void) | undefined;

  function rotate(token: string): boolean {
    if (isFamilyRevoked || (token !== live && !(rotation === "grace" && token === previous))) {
      isFamilyRevoked ||= rotation === "strict";
      return false;
    }
    if (rotation !== "none" && token === live) {
      previous = live;
      live = `refresh-token-${String(serial + 1)}`;
    }
    serial += 1;
    return true;
  }

  function process(token: string): TokenOutcome {
    if (!rotate(token)) {
      return { kind: "refused" };
    }
    return {
      kind: "tokens",
      accessToken: {
        accessToken: `access-token-${String(serial)}`,
        tokenType: "Bearer",
        expiresAt: time.now() + lifetimeSeconds * 1000,
        scope: "openid",
      },
      refreshToken: rotation === "none" ? undefined : live,
      foreign: false,
      sub: undefined,
    };
  }

  return {
    timeoutMs: 4_000,
    presented,
    revoked,
    secretsSeen,
    credentialsSeen,
    maxOnTheWire: () => mostOnTheWire,
    next: (...answers) => {
      programmed.push(...answers);
    },
    during: (what) => {
      act = what;
    },
    isLive: (token) =>
      !isFamilyRevoked && (token === live || (rotation === "grace" && token === previous)),
    async refresh(refreshToken, client) {
      const clientSecret = secretIn(client);
      credentialsSeen.push(client);
      presented.push(refreshToken);
      secretsSeen.push(clientSecret);
      onTheWire += 1;
      mostOnTheWire = Math.max(mostOnTheWire, onTheWire);
      const interlude = act;
      act = undefined;
      await interlude?.();
      await time.sleep(latencyMs);
      onTheWire -= 1;
      if (options.clientSecret !== undefined && clientSecret !== options.clientSecret) {
        return { kind: "client_rejected" };
      }
      const answer = programmed.shift();
      if (answer === undefined) {
        return process(refreshToken);
      }
      if (answer.processed === true) {
        process(refreshToken);
      }
      return answer.outcome;
    },
    exchangeCode: () => Promise.resolve({ kind: "refused" }),
    revoke(refreshToken, client) {
      credentialsSeen.push(client);
      revoked.push(refreshToken);
      return Promise.resolve(true);
    },
  };
}
