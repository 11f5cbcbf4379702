import type { Tokens, World } from "../world";

type Counts = Record<string, number>;

/**
 * One read of the grant is a BatchGetItem where the instance has not asked for the switch for five
 * seconds: a slow machine may take those between two calls.
 */
function splitReads(calls: Counts): { readonly reads: number; readonly others: Counts } {
  const { "dynamodb:GetItem": single = 0, "dynamodb:BatchGetItem": batch = 0, ...others } = calls;
  return { reads: single + batch, others };
}

/** On a warm instance, counted at the endpoints. */
export function describeRoundTrips(world: () => World): void {
  describe("round trips", () => {
    let tokens: Tokens;

    beforeAll(async () => {
      // Warms every function: keys and the client secret are known from here on.
      const warm = await world().signIn("Warm");
      const call = (method: string, path: string, json?: unknown) =>
        world().call({ method, path, bearer: warm.idToken, json });
      await call("PUT", "/me");
      await call("PUT", "/me/refresh-token", { refresh_token: warm.refreshToken });
      await call("POST", "/me/access-token");
      tokens = await world().signIn("Counted");
    });

    async function count(
      method: string,
      path: string,
      options: { json?: unknown; bearer?: string } = {},
    ) {
      world().takeAwsCalls();
      const before = await world().refreshes();
      const answer = await world().call({ method, path, bearer: tokens.idToken, ...options });
      const refreshes = (await world().refreshes()) - before;
      return { status: answer.status, calls: world().takeAwsCalls(), refreshes };
    }

    const rows: [string, string, string, number, Counts, number][] = [
      ["a new user", "PUT", "/me", 201, { "dynamodb:UpdateItem": 1 }, 0],
      ["a known user", "PUT", "/me", 200, { "dynamodb:UpdateItem": 1 }, 0],
      ["the user", "GET", "/me", 200, { "dynamodb:GetItem": 1 }, 0],
    ];

    test.each(rows)("%s: %s %s", async (_, method, path, status, calls, refreshes) => {
      expect(await count(method, path)).toEqual({ status, calls, refreshes });
    });

    test("PUT /me/refresh-token: one write, at most one read, one data key", async () => {
      const { calls, refreshes } = await count("PUT", "/me/refresh-token", {
        json: { refresh_token: tokens.refreshToken },
      });
      const { "dynamodb:GetItem": reads = 0, ...others } = calls;
      expect(reads).toBeLessThanOrEqual(1);
      expect(others).toEqual({ "dynamodb:UpdateItem": 1, "kms:GenerateDataKey": 1 });
      expect(refreshes).toBe(0);
    });

    test("POST /me/access-token with an exchange: one read, two writes, two KMS calls, one token request", async () => {
      const { status, calls, refreshes } = await count("POST", "/me/access-token");
      const { reads, others } = splitReads(calls);
      expect([status, reads, refreshes]).toEqual([200, 1, 1]);
      const written = { "dynamodb:UpdateItem": 2 };
      expect(others).toEqual({ ...written, "kms:Decrypt": 1, "kms:GenerateDataKey": 1 });
    });

    test("POST /me/access-token with a kept one: one read, one KMS call at most", async () => {
      const { status, calls, refreshes } = await count("POST", "/me/access-token");
      const { reads, others } = splitReads(calls);
      const { "kms:Decrypt": opened = 0, ...more } = others;
      expect([status, reads, more, refreshes]).toEqual([200, 1, {}, 0]);
      expect(opened).toBeLessThanOrEqual(1);
    });

    test("a refused token: none at all", async () => {
      const bearer = `${tokens.idToken.slice(0, -4)}AAAA`;
      const counted = await count("POST", "/me/access-token", { bearer });
      expect(counted).toEqual({ status: 401, calls: {}, refreshes: 0 });
    });
  });
}
