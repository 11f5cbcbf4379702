/** Speaks with the local Rollup ID as an app's backend does, and as a tester. */
import type { RollupId } from "../src/start";

export const REDIRECT_URI = "http://127.0.0.1:4000/callback";

export interface Tokens {
  readonly id_token: string;
  readonly access_token: string;
  readonly refresh_token: string;
}

export type Json = Record<string, unknown>;

interface LedgerAnswer {
  readonly processed: readonly Json[];
  readonly unprocessed: number;
  readonly not_processed: readonly Json[];
  /** Only where asked for. */
  readonly live?: readonly Json[];
}

type Server = Pick<RollupId, "issuer" | "clientId" | "clientSecret">;

export interface RollupIdClient {
  authorize(params?: Record<string, string>): Promise<Response>;
  /** Signs in and answers the authorization code. */
  code(user?: string, scope?: string): Promise<string>;
  /** `undefined` leaves a usual field out. */
  token(fields: Record<string, string | undefined>): Promise<Response>;
  signIn(user?: string, scope?: string): Promise<Tokens>;
  faults(changes: unknown): Promise<Response>;
  ledger(query?: string): Promise<LedgerAnswer>;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
}

export function createRollupIdClient(
  { issuer, clientId, clientSecret }: Server,
  redirectUri = REDIRECT_URI,
): RollupIdClient {
  const client: RollupIdClient = {
    authorize: async (params = {}) => {
      const usual = { client_id: clientId, redirect_uri: redirectUri };
      const query = { ...usual, state: "s", scope: "openid profile", ...params };
      return await client.get(`/authorize?${new URLSearchParams(query).toString()}`);
    },
    code: async (user = "Alice", scope = "openid profile") => {
      const response = await client.authorize({ user, scope });
      const location = new URL(response.headers.get("location") ?? "");
      return location.searchParams.get("code") ?? "";
    },
    token: async (fields) => {
      const usual = { client_id: clientId, client_secret: clientSecret };
      const all: Record<string, string | undefined> = { ...usual, ...fields };
      const present = Object.entries(all).filter(
        (entry): entry is [string, string] => entry[1] !== undefined,
      );
      const body = new URLSearchParams(present);
      return await fetch(`${issuer}/token`, { method: "POST", redirect: "manual", body });
    },
    signIn: async (user, scope) => {
      const fields = { grant_type: "authorization_code", code: await client.code(user, scope) };
      return (await (await client.token(fields)).json()) as Tokens;
    },
    faults: async (changes) =>
      await fetch(`${issuer}/faults`, { method: "POST", body: JSON.stringify(changes) }),
    ledger: async (query = "") =>
      (await (await client.get(`/ledger${query}`)).json()) as LedgerAnswer,
    get: async (path, headers = {}) => await fetch(issuer + path, { headers, redirect: "manual" }),
  };
  return client;
}

export async function jsonOf(response: Response): Promise<Json> {
  return (await response.json()) as Json;
}
