/**
 * A grant that does nothing but fail while others are served (decision 0032): told to the user and
 * the operator, and never given up.
 */
import { FAILING_COOLDOWN_MS } from "../../../lambda/grant/cooldown";
import type { FailureCause } from "../../../lambda/grant/grant";
import { toGrantStatusResponse } from "../../../lambda/http/grant-dto";
import type { TokenOutcome } from "../../../lambda/ports/provider";
import { createGetAccessToken } from "../../../lambda/refresh/get-access-token";
import {
  createPatience,
  DEFAULT_FAILING_SECONDS,
  LATELY_MS,
  MIN_ATTEMPTS,
} from "../../../lambda/refresh/patience";
import { createWorld, SUB, type World, type WorldOptions } from "../../support/exchange-world";

const HOUR_MS = 3_600_000;
const PATIENCE_MS = DEFAULT_FAILING_SECONDS * 1000;

type Cause = Exclude<FailureCause, "client_rejected">;

function failed(cause: Cause = "idp_unavailable", refreshToken?: string): TokenOutcome {
  const rest = { processed: "no", retryAfterSeconds: undefined } as const;
  return { kind: "failed", cause, ...rest, ...(refreshToken !== undefined && { refreshToken }) };
}

async function createFailing(options: WorldOptions = {}) {
  const patience = createPatience();
  const world = await createWorld({ patience, ...options });
  /** One call, once the cooldown is over: what it says. */
  const ask = async (outcome = failed()): Promise<string> => {
    world.tokenEndpoint.next({ outcome });
    return await told(world);
  };
  const rest = async (milliseconds: number = HOUR_MS) => {
    world.time.advance(milliseconds);
    await Promise.resolve();
  };
  /** Every hour, until it has failed for as long as patience lasts. */
  const failForLong = async (cause?: Cause) => {
    const reasons = new Set<string>();
    for (let hours = 0; hours <= PATIENCE_MS / HOUR_MS; hours += 1) {
      reasons.add(await ask(failed(cause)));
      await rest();
    }
    return [...reasons];
  };
  const serveAnother = () => {
    patience.noteSuccess("another", world.time.now());
  };
  return { ...world, patience, ask, rest, failForLong, serveAnother };
}

async function told(world: Pick<World, "get">): Promise<string> {
  return await world.get().then(
    ({ accessToken }) => accessToken,
    (error: unknown) => (error as { reason: string }).reason,
  );
}

const linesOf = ({ lines }: Pick<World, "lines">) =>
  lines.filter(({ event }) => event === "grant_failing");

test("after hours of nothing but failures, while others are served, its user is told to sign in", async () => {
  const world = await createFailing();
  expect(await world.failForLong()).toEqual(["idp_unavailable"]);
  world.serveAnother();
  expect(await world.ask()).toBe("refresh_token_failing");
  const grant = await world.grant();
  expect(grant.status).toBe("active");
  expect(await world.storedRefreshToken()).toBe("refresh-token-0");
  expect(toGrantStatusResponse(grant)).toMatchObject({
    status: "needs_sign_in",
    reason: "refresh_token_failing",
    since: new Date(grant.cooldown?.failing?.since ?? 0).toISOString(),
  });
  expect(linesOf(world).at(-1)).toEqual({
    level: "error",
    event: "grant_failing",
    fields: { reason: "idp_unavailable", count: 8 },
  });
});

test("it is tried again all the same, seldom, and heals by itself", async () => {
  const world = await createFailing();
  await world.failForLong();
  world.serveAnother();
  await world.ask();
  const asked = world.tokenEndpoint.presented.length;
  await world.rest(FAILING_COOLDOWN_MS - 1);
  expect(await told(world)).toBe("refresh_token_failing");
  expect(world.tokenEndpoint.presented).toHaveLength(asked);
  await world.rest(1);
  // By now nobody else may have been served for long: what was told stays told.
  expect(await world.ask()).toBe("refresh_token_failing");
  expect(world.tokenEndpoint.presented).toHaveLength(asked + 1);
  await world.rest(FAILING_COOLDOWN_MS);
  expect(await told(world)).toMatch(/^access-token-/);
  const healed = await world.grant();
  expect(healed.cooldown).toBeUndefined();
  expect(toGrantStatusResponse(healed)).toMatchObject({ status: "active", reason: null });
});

test("another instance, which has seen nobody, says the same, for it is in the row", async () => {
  const world = await createFailing();
  await world.failForLong();
  world.serveAnother();
  await world.ask();
  const { dependencies, time, rest } = world;
  const getAccessToken = createGetAccessToken({ ...dependencies, patience: createPatience() });
  const elsewhere = async () => {
    const { log } = dependencies;
    const call = { sub: SUB, by: "POST /me/access-token", deadline: time.now() + 15_000, log };
    return await time.run(getAccessToken({ ...call, minValiditySeconds: 60 })).catch(reasonIn);
  };
  expect(await elsewhere()).toBe("refresh_token_failing");
  await rest(FAILING_COOLDOWN_MS);
  world.tokenEndpoint.next({ outcome: failed() });
  expect(await elsewhere()).toBe("refresh_token_failing");
  await rest(FAILING_COOLDOWN_MS);
  expect(await elsewhere()).toMatchObject({ tokenType: "Bearer" });
});

test("an outage, which serves nobody, is an outage however long it takes; the operator is warned", async () => {
  const world = await createFailing();
  await world.failForLong();
  await world.failForLong();
  expect(await world.ask()).toBe("idp_unavailable");
  expect(new Set(linesOf(world).map(({ level }) => level))).toEqual(new Set(["warn"]));
  // The user's own success, a while ago, says nothing either.
  world.patience.noteSuccess((await world.grant()).sub, world.time.now());
  await world.rest();
  expect(await world.ask()).toBe("idp_unavailable");
});

test("a success of another that is long ago says nothing of now", async () => {
  const world = await createFailing();
  await world.failForLong();
  world.serveAnother();
  await world.rest(LATELY_MS);
  expect(await world.ask()).toBe("idp_unavailable");
});

test("a few failures long apart are too few, and many at once too short", async () => {
  const seldom = await createFailing();
  for (let attempts = 1; attempts < MIN_ATTEMPTS; attempts += 1) {
    expect(await seldom.ask()).toBe("idp_unavailable");
    await seldom.rest(PATIENCE_MS);
    seldom.serveAnother();
  }
  expect(await seldom.ask()).toBe("refresh_token_failing");
  const often = await createFailing();
  for (let attempts = 0; attempts < 3 * MIN_ATTEMPTS; attempts += 1) {
    often.serveAnother();
    expect(await often.ask()).toBe("idp_unavailable");
    await often.rest(60_000);
  }
});

test("whatever the provider answers counts, but for a rate limit, which only does not interrupt", async () => {
  for (const cause of ["idp_in_doubt", "idp_protocol"] as const) {
    const world = await createFailing();
    await world.failForLong(cause);
    world.serveAnother();
    expect(await world.ask(failed(cause))).toBe("refresh_token_failing");
  }
  const limited = await createFailing();
  await limited.failForLong("idp_rate_limited");
  limited.serveAnother();
  expect(await limited.ask(failed("idp_rate_limited"))).toBe("idp_rate_limited");
  await limited.rest();
  const mixed = await createFailing();
  await mixed.failForLong();
  mixed.serveAnother();
  await mixed.ask(failed("idp_rate_limited"));
  await mixed.rest(60_000);
  expect(await mixed.ask()).toBe("refresh_token_failing");
});

test.each<[string, TokenOutcome]>([
  ["a rejected client", { kind: "client_rejected" }],
  ["a successor in a useless answer", failed("idp_protocol", "refresh-token-1")],
])("%s begins it anew", async (_, outcome) => {
  const world = await createFailing();
  await world.failForLong();
  await world.ask(outcome);
  await world.rest(60_000);
  world.serveAnother();
  expect(await world.ask()).toBe("idp_unavailable");
  expect((await world.grant()).cooldown?.failing).toMatchObject({ attempts: 1, isTold: false });
});

test("signing in again ends it", async () => {
  const world = await createFailing();
  await world.failForLong();
  world.serveAnother();
  await world.ask();
  await world.time.run(world.signIn("refresh-token-0"));
  expect(await told(world)).toMatch(/^access-token-/);
});

test.each(["grace", "strict"] as const)(
  "where tokens rotate (%s) a lease in doubt is kept as ever, and the successor of a late success is stored",
  async (rotation) => {
    const world = await createFailing({ rotation });
    await world.failForLong();
    world.serveAnother();
    expect(await world.ask()).toBe("refresh_token_failing");
    await world.rest(FAILING_COOLDOWN_MS);
    expect(await told(world)).toMatch(/^access-token-/);
    expect(world.tokenEndpoint.isLive((await world.storedRefreshToken()) ?? "")).toBe(true);
  },
);

test("a token that is kept and good is handed out meanwhile", async () => {
  const world = await createFailing();
  const first = await told(world);
  const told409 = async () => await world.get({ minValiditySeconds: 86_400 }).catch(reasonIn);
  for (let minutes = 0; minutes < 8; minutes += 1) {
    world.tokenEndpoint.next({ outcome: failed() });
    await told409();
    await world.rest(61_000);
  }
  expect(await told(world)).toBe(first);
});

const reasonIn = (error: unknown) => (error as { reason: string }).reason;

test("without a memory of successes a failure is a failure", async () => {
  const world = await createWorld();
  for (let hours = 0; hours < 9; hours += 1) {
    world.tokenEndpoint.next({ outcome: failed() });
    expect(await told(world)).toBe("idp_unavailable");
    world.time.advance(HOUR_MS);
  }
  expect(linesOf(world)).toEqual([]);
});

describe("what an instance remembers", () => {
  const failing = { since: 0, attempts: MIN_ATTEMPTS, isTold: false };

  test("is long enough by time and by attempts", () => {
    const { isLong } = createPatience(3_600);
    expect(isLong(failing, HOUR_MS)).toBe(true);
    expect(isLong(failing, HOUR_MS - 1)).toBe(false);
    expect(isLong({ ...failing, attempts: MIN_ATTEMPTS - 1 }, HOUR_MS)).toBe(false);
    expect(createPatience().isLong(failing, PATIENCE_MS)).toBe(true);
    expect(createPatience().isLong(failing, PATIENCE_MS - 1)).toBe(false);
  });

  test("is the latest success of somebody else, whoever came after", () => {
    const patience = createPatience();
    expect(patience.servesOthers("a", 0)).toBe(false);
    patience.noteSuccess("b", 1_000);
    patience.noteSuccess("a", 2_000);
    patience.noteSuccess("a", 3_000);
    expect(patience.servesOthers("a", 1_000 + LATELY_MS - 1)).toBe(true);
    expect(patience.servesOthers("a", 1_000 + LATELY_MS)).toBe(false);
    expect(patience.servesOthers("b", 3_000 + LATELY_MS - 1)).toBe(true);
    patience.noteSuccess("c", 4_000);
    expect(patience.servesOthers("c", 3_000 + LATELY_MS - 1)).toBe(true);
    expect(patience.servesOthers("c", 3_000 + LATELY_MS)).toBe(false);
  });

  test("comes from exchanges that brought tokens", async () => {
    const patience = createPatience();
    const world = await createWorld({ patience });
    world.tokenEndpoint.next({ outcome: failed() });
    await told(world);
    expect(patience.servesOthers("another", world.time.now())).toBe(false);
    world.time.advance(60_000);
    await told(world);
    expect(patience.servesOthers("another", world.time.now())).toBe(true);
  });
});
