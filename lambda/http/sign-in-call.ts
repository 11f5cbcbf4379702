/** What a sign-in needs to know of its request, by whichever of its two routes it comes. */
import type { Session } from "../model";
import type { SessionTokens } from "../ports/tokens";
import { sessionTokenIn } from "./authenticate";
import { networkOf } from "./caller-network";
import type { RouteRequest } from "./endpoint";
import { userAgentFamily } from "./session-dto";
import type { SessionTransport } from "./session-transport";

export interface SignInCallOptions {
  readonly transport: SessionTransport;
  readonly tokens: SessionTokens;
  /** The session of a token, undefined where it is over. */
  readonly findSession: (token: string) => Promise<Session | undefined>;
}

/**
 * Reads the call. The CSRF check also runs without a session cookie: another site's page must not
 * sign its visitor in under an account of the attacker ("login CSRF").
 * @throws ForbiddenError `cross_site`; UnauthorizedError, UnavailableError
 */
export function createReadSignInCall({ transport, tokens, findSession }: SignInCallOptions) {
  return async ({ event, routeKey, deadline, log }: Omit<RouteRequest<unknown>, "body">) => {
    transport.assertNoCsrf(event);
    const presented = sessionTokenIn({ tokens, transport }, event);
    return {
      by: routeKey,
      userAgent: userAgentFamily(event.headers["user-agent"]),
      network: networkOf(event.sourceIp),
      replaces: presented === undefined ? undefined : await findSession(presented),
      deadline,
      log,
    };
  };
}
