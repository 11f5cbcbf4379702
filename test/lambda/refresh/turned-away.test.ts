/**
 * A refresh that the provider has turned away (decision 0037): the grant is open again when the
 * provider says so, and a provider that acted all the same costs no more than a doubt does.
 */
import { failed, failure } from "../../support/exchange-failures";
import { createWorld, type World } from "../../support/exchange-world";
import { OIDC_SETTINGS, outcome } from "../idp/answers";

const later = { "retry-after": "2" };
const answerOf = (status: number, headers: Record<string, string>) => ({
  outcome: outcome(status, "", { settings: OIDC_SETTINGS, headers }),
});
const BUSY = answerOf(503, later);
const LIMITED = answerOf(429, later);
const GATEWAY = answerOf(504, later);

/** Seconds until a caller who does as told gets a token, or the reason why none ever will. */
async function wait(world: World): Promise<number | string> {
  const start = world.time.now();
  for (let tries = 0; tries < 20; tries += 1) {
    try {
      await world.get();
      return (world.time.now() - start) / 1_000;
    } catch (error) {
      const { reason, retryAfterSeconds } = error as Partial<
        Record<"reason", string> & Record<"retryAfterSeconds", number>
      >;
      if (retryAfterSeconds === undefined) {
        return reason ?? "no reason";
      }
      world.time.advance(retryAfterSeconds * 1_000);
    }
  }
  return "never";
}

describe.each(["grace", "strict"] as const)("S51: where refresh tokens rotate (%s)", (rotation) => {
  test.each([
    ["503 with Retry-After", BUSY, "idp_unavailable"],
    ["429", LIMITED, "idp_rate_limited"],
  ])("%s leaves no lease, and the next caller may go after it", async (_, answer, reason) => {
    const world = await createWorld({ rotation });
    world.tokenEndpoint.next(answer);
    expect(await failure(world.get())).toMatchObject({ reason, retryAfterSeconds: 2 });
    expect((await world.active()).lease).toBeUndefined();
    expect(await wait(world)).toBeLessThan(3);
    expect(world.tokenEndpoint.presented).toEqual(["refresh-token-0", "refresh-token-0"]);
    expect(await world.storedRefreshToken()).toBe("refresh-token-1");
  });

  test.each([
    ["503 alone", answerOf(503, {})],
    ["504 with Retry-After", GATEWAY],
    ["502 with Retry-After", answerOf(502, later)],
  ])("%s may have been processed: the lease stays", async (_, answer) => {
    const world = await createWorld({ rotation });
    world.tokenEndpoint.next(answer);
    await failure(world.get());
    expect((await world.active()).lease).toBeDefined();
    expect(await wait(world)).toBeGreaterThan(10);
  });

  test("a longer Retry-After is honoured, and nobody asks before", async () => {
    const world = await createWorld({ rotation });
    world.tokenEndpoint.next(failed("idp_unavailable", "no", 30));
    expect(await failure(world.get())).toMatchObject({ retryAfterSeconds: 30 });
    world.time.advance(29_000);
    await failure(world.get());
    expect(world.tokenEndpoint.presented).toHaveLength(1);
  });

  test("a take-over that is turned away stays a doubt: of its dead holder nothing is known", async () => {
    const world = await createWorld({ rotation });
    const dead = await world.active();
    const lease = { owner: "dead", expiresAt: world.time.now(), takenOver: false };
    await world.store.write({ ...dead, lease }, dead.revision);
    world.tokenEndpoint.next(BUSY);
    expect(await failure(world.get())).toBeInstanceOf(Error);
    expect((await world.active()).lease).toMatchObject({ takenOver: true });
  });
});

describe("a provider that says 503 and has rotated all the same", () => {
  const processed = { ...BUSY, processed: true };
  const doubt = { ...GATEWAY, processed: true };

  test("with a grace time it answers the old token sooner than after a doubt", async () => {
    const told = await createWorld({ rotation: "grace" });
    told.tokenEndpoint.next(processed);
    const inDoubt = await createWorld({ rotation: "grace" });
    inDoubt.tokenEndpoint.next(doubt);
    const waits = [await wait(told), await wait(inDoubt)] as const;
    expect(waits[0]).toBeLessThan(3);
    expect(waits[1]).toBeGreaterThan(10);
    expect(await told.storedRefreshToken()).toBe("refresh-token-1");
  });

  test("without one it refuses the old token, as it does after a doubt: a sign-in heals both", async () => {
    const ends: unknown[] = [];
    for (const answer of [processed, doubt]) {
      const world = await createWorld({ rotation: "strict" });
      world.tokenEndpoint.next(answer);
      const reason = await wait(world);
      const { status, reason: kept } = await world.grant();
      ends.push({ reason, status, kept, tokens: world.tokenEndpoint.presented });
      expect(await world.storedRefreshToken()).toBe("refresh-token-0");
      await world.signIn("refresh-token-1");
      expect((await world.grant()).status).toBe("active");
    }
    const tokens = ["refresh-token-0", "refresh-token-0"];
    const status = "needs_sign_in";
    expect(ends).toEqual([
      { reason: "refresh_token_refused", kept: "refresh_token_refused", status, tokens },
      { reason: "in_doubt", kept: "in_doubt", status, tokens },
    ]);
  });
});
