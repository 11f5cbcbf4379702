/**
 * A local Rollup ID of one's own for every test, under a clock that stands still until it is
 * moved.
 */
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify, type JWTVerifyResult } from "jose";
import { type RollupId, startRollupId } from "../src/start";
import {
  createRollupIdClient,
  jsonOf,
  REDIRECT_URI,
  type RollupIdClient,
} from "./rollup-id-client";

/** When every test begins. */
export const NOW = Date.UTC(2026, 5, 1, 12);

export interface RollupIdWorld {
  readonly server: () => RollupId;
  readonly client: () => RollupIdClient;
  readonly advance: (milliseconds: number) => void;
  /** Against the key set as served, by an independent library. */
  readonly verify: (token: string) => Promise<JWTVerifyResult>;
}

export function useRollupId(redirectUris: readonly string[] = [REDIRECT_URI]): RollupIdWorld {
  let server: RollupId;
  let client: RollupIdClient;
  let now: number;

  beforeEach(async () => {
    now = NOW;
    server = await startRollupId({ port: 0, redirectUris, clock: () => now });
    client = createRollupIdClient(server);
  });

  afterEach(async () => {
    await server.close();
  });

  return {
    server: () => server,
    client: () => client,
    advance: (milliseconds) => {
      now += milliseconds;
    },
    verify: async (token) => {
      const jwks = await jsonOf(await client.get("/.well-known/jwks.json"));
      const keys = createLocalJWKSet(jwks as unknown as JSONWebKeySet);
      return await jwtVerify(token, keys, { currentDate: new Date(now) });
    },
  };
}
