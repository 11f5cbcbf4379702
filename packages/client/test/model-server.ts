/** A small model of the API's sessions, behind a network that does what it likes. */
import {
  accessToken,
  json,
  type Sent,
  unauthorized,
  unavailable,
  userOf,
} from "./browser-double.js";

/**
 * What becomes of a request: "unheard" never arrives, "unanswered" is processed and its answer
 * lost.
 */
export type Network = "fine" | "unheard" | "unanswered" | "portal" | "busy" | "held";

export interface ModelServer {
  /** By token: whose. */
  readonly live: Map<string, string>;
  /** Sessions that no client was ever told of, or whose end the network has swallowed. */
  readonly excused: Set<string>;
  /** For the requests to come, one each; "fine" after that. */
  readonly plans: Network[];
  readonly respond: (sent: Sent) => Promise<Response>;
  readonly release: () => void;
}

const lost = () => new TypeError("Failed to fetch");
const gone = () => new Response(null, { status: 204 });

export function createModelServer(): ModelServer {
  const live = new Map<string, string>();
  const excused = new Set<string>();
  const plans: Network[] = [];
  const waiting: (() => void)[] = [];
  let opened = 0;

  function open(name: string): Response {
    opened += 1;
    const token = `rvs_${name}_${String(opened)}`;
    live.set(token, name);
    return json({ session: { id: `id-${token}`, token }, user: userOf(name) }, 201);
  }

  function process({ route, headers, body }: Sent): Response {
    const bearer = (headers.get("authorization") ?? "").slice("Bearer ".length);
    if (route === "POST /sessions") {
      const { code = bearer } = body as { code?: string };
      return open(code);
    }
    const name = live.get(bearer);
    if (name === undefined) {
      return unauthorized();
    }
    switch (route) {
      case "GET /me":
        return json(userOf(name));
      case "POST /me/access-token":
        return json({ ...accessToken(), access_token: `access-${name}` });
      case "DELETE /sessions/current":
        live.delete(bearer);
        return gone();
      default:
        for (const [token, whose] of live) {
          if (whose === name) {
            live.delete(token);
          }
        }
        return gone();
    }
  }

  async function respond(sent: Sent): Promise<Response> {
    const plan = plans.shift() ?? "fine";
    if (plan === "held") {
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
    if (plan === "fine" || plan === "held" || plan === "unanswered") {
      const before = new Set(live.keys());
      const answer = process(sent);
      if (plan !== "unanswered") {
        return answer;
      }
      for (const token of live.keys()) {
        if (!before.has(token)) {
          excused.add(token);
        }
      }
      throw lost();
    }
    if (sent.route === "DELETE /sessions/current") {
      excused.add((sent.headers.get("authorization") ?? "").slice("Bearer ".length));
    }
    if (plan === "unheard") {
      throw lost();
    }
    return plan === "busy" ? unavailable(60) : new Response("<html>", { status: 401 });
  }

  const release = () => {
    waiting.splice(0).forEach((go) => {
      go();
    });
  };
  return { live, excused, plans, respond, release };
}
