/** Traffic and outages for the page Operations, in minutes that pass when one says so. */
import type { PageWorld } from "./page-world";

const MINUTE_MS = 60_000;

export interface Traffic {
  /** A minute in which one person signs in and asks for access tokens. */
  readonly minute: (requests: number, minValidity?: number) => Promise<void>;
  /** Somebody who signs in, gets an access token, and gets it again. */
  readonly person: (name: string) => Promise<{ readonly sub: string }>;
  /** Breaks or mends, as the page's own buttons do. */
  readonly tell: (troubles: object) => Promise<void>;
}

/** @param pass moves the clock of the page by so many milliseconds */
export function createTraffic({ stack }: PageWorld, pass: (ms: number) => void): Traffic {
  const { apiUrl, issuer, pageUrl, clientId, redirectUri } = stack.outputs;
  let session: string | undefined;

  async function signIn(name: string): Promise<{ token: string; sub: string }> {
    const query = new URLSearchParams({
      client_id: clientId,
      redirect_uri: redirectUri,
      scope: "openid profile",
      state: "s",
      user: name,
    });
    const asked = await fetch(`${issuer}/authorize?${query.toString()}`, { redirect: "manual" });
    const code = new URL(asked.headers.get("location") ?? "").searchParams.get("code");
    const answer = await fetch(`${apiUrl}/sessions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ code, redirect_uri: redirectUri }),
    });
    const body = (await answer.json()) as { session: { token: string }; user: { sub: string } };
    return { token: body.session.token, sub: body.user.sub };
  }

  async function ask(token: string, minValidity: number): Promise<void> {
    await fetch(`${apiUrl}/me/access-token`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ min_validity: minValidity }),
    });
  }

  return {
    minute: async (requests, minValidity) => {
      session ??= (await signIn("Operations")).token;
      for (let request = 0; request < requests; request += 1) {
        await ask(session, minValidity ?? (request % 3 === 0 ? 86_400 : 60));
        pass(MINUTE_MS / requests);
      }
    },
    person: async (name) => {
      const { token, sub } = await signIn(name);
      await ask(token, 60);
      await ask(token, 60);
      return { sub };
    },
    tell: async (troubles) => {
      await fetch(`${pageUrl}/local/neighbours`, {
        method: "POST",
        headers: { origin: pageUrl, "content-type": "application/json" },
        body: JSON.stringify(troubles),
      });
    },
  };
}
