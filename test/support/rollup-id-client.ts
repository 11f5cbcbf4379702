/** Speaks with the local Rollup ID as an app's backend does, and as a tester. */
import type { RollupId } from "../../local/rollup-id/start";

export const REDIRECT_URI = "http://127.0.0.1:4000/callback";

export interface Tokens {
  readonly id_token: string;
  readonly access_token: string;
  readonly refresh_token: string;
}

type Server = Pick<RollupId, "issuer" | "clientId" | "clientSecret">;

export interface RollupIdClient {
  authorize(params?: Record<string, string>): Promise<Response>;
  /** `undefined` leaves a usual field out. */
  token(fields: Record<string, string | undefined>): Promise<Response>;
  signIn(user?: string, scope?: string): Promise<Tokens>;
  faults(programme: unknown): Promise<Response>;
  ledger(): Promise<{ processed: Record<string, unknown>[]; unprocessed: number }>;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
}

export function createRollupIdClient(
  { issuer, clientId, clientSecret }: Server,
  redirectUri = REDIRECT_URI,
): RollupIdClient {
  const client: RollupIdClient = {
    authorize: async (params = {}) => {
      const usual = {
        client_id: clientId,
        redirect_uri: redirectUri,
        state: "s",
        scope: "openid profile",
      };
      const query = new URLSearchParams({ ...usual, ...params });
      return await fetch(`${issuer}/authorize?${query.toString()}`, { redirect: "manual" });
    },
    token: async (fields) => {
      const client = { client_id: clientId, client_secret: clientSecret };
      const all: Record<string, string | undefined> = { ...client, ...fields };
      const present = Object.entries(all).filter(
        (entry): entry is [string, string] => entry[1] !== undefined,
      );
      return await fetch(`${issuer}/token`, { method: "POST", body: new URLSearchParams(present) });
    },
    signIn: async (user = "Alice", scope = "openid profile") => {
      const response = await client.authorize({ user, scope });
      const location = new URL(response.headers.get("location") ?? "");
      const code = location.searchParams.get("code") ?? "";
      const answer = await client.token({ grant_type: "authorization_code", code });
      return (await answer.json()) as Tokens;
    },
    faults: async (programme) =>
      await fetch(`${issuer}/faults`, { method: "POST", body: JSON.stringify(programme) }),
    ledger: async () =>
      (await (await fetch(`${issuer}/ledger`)).json()) as Awaited<
        ReturnType<RollupIdClient["ledger"]>
      >,
    get: async (path, headers = {}) => await fetch(issuer + path, { headers, redirect: "manual" }),
  };
  return client;
}
