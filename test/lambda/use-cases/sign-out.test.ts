/**
 * From the moment that somebody has signed out everywhere, what they had before opens nothing; a
 * call that breaks off is gone on with.
 */
import { UnavailableError } from "../../../lambda/errors";
import { evidenceOf, evidenceOfSession, type Session } from "../../../lambda/model";
import { type AccountWorld, createAccountWorld } from "../../support/account-world";
import { SUB } from "../../support/exchange-world";
import { Crash, mortal } from "../../support/mortal";

/**
 * Signed in a while ago; `plan.fatal`: the call of a store at which it dies, before or after the
 * store has done it.
 */
async function createSignedIn() {
  const plan = { fatal: Infinity, isApplied: false, calls: 0 };
  const world: AccountWorld = await createAccountWorld({
    wrapPorts: (_, port) => mortal(plan, port),
  });
  const token = world.idToken();
  const { session } = await world.signInWith(token, "refresh-token-0");
  await world.get();
  world.time.advance(5_000);
  return { ...world, plan, token, session, evidence: evidenceOf(token) };
}

type SignedIn = Awaited<ReturnType<typeof createSignedIn>>;

const reasonOf = async (work: Promise<unknown>) =>
  await work.then(
    () => "done",
    (error: unknown) => (error as { reason?: string }).reason ?? String(error),
  );

/** What each use case says to the ID token and the session from before. */
async function verdicts(world: SignedIn): Promise<Set<string>> {
  const proofs = [world.evidence, evidenceOfSession(world.session)];
  const reasons = [
    await reasonOf(world.putUser(world.token)),
    await reasonOf(world.signInWith(world.token)),
    await reasonOf(world.signInWith(world.token, "refresh-token-0")),
    await reasonOf(world.listSessions(world.session)),
  ];
  for (const evidence of proofs) {
    reasons.push(
      await reasonOf(world.getUser(evidence)),
      await reasonOf(world.get({ evidence })),
      await reasonOf(world.storeWith(evidence, "refresh-token-0")),
      await reasonOf(world.export(evidence)),
      await reasonOf(world.disconnect(evidence)),
      await reasonOf(world.erase(evidence)),
    );
  }
  return new Set(reasons);
}

test("older proofs open nothing: no session, no record, no token, and they end nothing", async () => {
  const world = await createSignedIn();
  const before = await world.storedRefreshToken();
  await world.signOutEverywhere(world.session);
  expect(await verdicts(world)).toEqual(new Set(["signed_out"]));
  expect(world.sessionItems.allOf(SUB)).toEqual([]);
  expect(await world.storedRefreshToken()).toBe(before);
  expect((await world.userItems.find(SUB)).user).toMatchObject({ claims: { name: "Alice" } });
});

test("nor do they where nothing was connected before: they connect nothing either", async () => {
  const world = await createAccountWorld();
  const token = world.idToken({ sub: "urn:rollupid:identity/0x02" });
  const { session } = await world.signInWith(token);
  world.time.advance(5_000);
  await world.signOutEverywhere(session);
  const storing = world.storeWith(evidenceOf(token), "refresh-token-0");
  expect(await reasonOf(storing)).toBe("signed_out");
  expect(await world.store.read(token.sub)).toMatchObject({
    status: "disconnected",
    inbox: [],
    history: [],
    signedOut: { at: world.time.now() },
  });
});

test("whoever signs in anew has everything at once, and may sign out everywhere again", async () => {
  const world = await createSignedIn();
  await world.signOutEverywhere(world.session);
  world.time.advance(1_000);
  const token = world.idToken();
  const { session, user } = await world.signInWith(token, "refresh-token-0");
  expect(user.claims).toEqual({ name: "Alice" });
  for (const evidence of [evidenceOf(token), evidenceOfSession(session)]) {
    expect(await reasonOf(world.getUser(evidence))).toBe("done");
    expect(await reasonOf(world.get({ evidence }))).toBe("done");
    expect(await reasonOf(world.export(evidence))).toBe("done");
  }
  expect(await verdicts(world)).toEqual(new Set(["signed_out"]));
  world.time.advance(5_000);
  await world.signOutEverywhere(session);
  expect(await reasonOf(world.getUser(evidenceOf(token)))).toBe("signed_out");
  expect((await world.userItems.find(SUB)).signedOut?.tokenHashes).toEqual([
    token.tokenHash,
    world.token.tokenHash,
  ]);
});

test("an exchange in flight for an older proof ends well, and what it yields is handed to nobody", async () => {
  const world = await createSignedIn();
  world.time.advance(2 * 3_600_000);
  const refresh = world.tokenEndpoint.refresh.bind(world.tokenEndpoint);
  jest.spyOn(world.tokenEndpoint, "refresh").mockImplementation(async (...all) => {
    const outcome = await refresh(...all);
    await world.signOutEverywhere(world.session);
    return outcome;
  });
  const before = (await world.grant()).accessToken?.obtainedBy;
  expect(await reasonOf(world.get({ evidence: world.evidence }))).toBe("signed_out");
  const { accessToken, lease, status } = await world.grant();
  expect([status, lease]).toEqual(["active", undefined]);
  expect(accessToken?.obtainedBy).not.toBe(before);
  expect(await world.get()).toMatchObject({ tokenType: "Bearer" });
});

test("in the second of it the tokens that are known are refused, however late they say they are", async () => {
  const world = await createAccountWorld();
  const ahead = { issuedAt: world.time.now() + 30_000 };
  const [first, second] = [world.idToken(ahead), world.idToken(ahead)];
  const { session } = await world.signInWith(first);
  await world.putUser(second);
  world.time.advance(1_000);
  await world.signOutEverywhere(session);
  expect(await reasonOf(world.signInWith(first))).toBe("signed_out");
  expect(await reasonOf(world.signInWith(second))).toBe("signed_out");
  expect(await reasonOf(world.signInWith(world.idToken(ahead)))).toBe("done");
});

test("an erasure takes the mark up, and one who comes back stays rid of the proofs from before both", async () => {
  const world = await createAccountWorld();
  const ahead = world.idToken({ issuedAt: world.time.now() + 30_000 });
  const { session } = await world.signInWith(ahead);
  await world.signOutEverywhere(session);
  const later = world.idToken({ issuedAt: world.time.now() + 31_000 });
  await world.signInWith(later);
  await world.erase(evidenceOf(later));
  const { erasure, signedOut } = await world.userItems.find(SUB);
  expect([erasure?.tokenHashes, signedOut]).toEqual([
    [later.tokenHash, ahead.tokenHash],
    undefined,
  ]);
  await world.signInWith(world.idToken({ issuedAt: world.time.now() + 32_000 }), "refresh-token-1");
  expect(await reasonOf(world.signInWith(ahead))).toBe("erased_user");
  expect(await reasonOf(world.signInWith(later))).toBe("erased_user");
});

test("a mark that is newer than an unfinished erasure outlives its finishing", async () => {
  const world = await createSignedIn();
  world.plan.calls = 0;
  // 1 read, 2 the tombstone, 3 the grant's read.
  world.plan.fatal = 3;
  await expect(world.erase(world.evidence)).rejects.toThrow(Crash);
  world.time.advance(2_000);
  const back = world.idToken();
  const { session } = await world.signInWith(back);
  world.time.advance(2_000);
  await world.signOutEverywhere(session);
  expect(await reasonOf(world.erase(evidenceOf(back)))).toBe("signed_out");
  await world.erase();
  const { signedOut } = (await world.store.read(SUB)) ?? {};
  expect(signedOut).toEqual((await world.userItems.find(SUB)).signedOut ?? signedOut);
  expect(await reasonOf(world.storeWith(evidenceOf(back), "refresh-token-0"))).not.toBe("done");
});

test.each([
  ["before the store hears of it", false],
  ["before its answer arrives", true],
])("a crash at any call, %s, is finished by the same call again", async (_, isApplied) => {
  let deaths = 0;
  for (let fatal = 1, isDead = true; isDead; fatal += 1) {
    const world = await createSignedIn();
    await world.signInWith(world.idToken());
    world.time.advance(2_000);
    Object.assign(world.plan, { fatal, isApplied, calls: 0 });
    isDead = (await reasonOf(world.signOutEverywhere(world.session))) !== "done";
    deaths += Number(isDead);
    world.plan.fatal = Infinity;
    // Only the very last call may take the session that is in use: then nothing is left to do.
    if (world.sessionItems.items.has(world.session.tokenHash)) {
      await world.signOutEverywhere(world.session);
    }
    expect(world.sessionItems.allOf(SUB)).toEqual([]);
    expect(await verdicts(world)).toEqual(new Set(["signed_out"]));
  }
  expect(deaths).toBe(7);
});

test("a call that goes on with one that broke off spares who has signed in since", async () => {
  const world = await createSignedIn();
  world.plan.calls = 0;
  // 1 the record, 2 the mark on it, 3 the grant's read.
  world.plan.fatal = 3;
  await expect(world.signOutEverywhere(world.session)).rejects.toThrow(Crash);
  const { signedOut } = await world.userItems.find(SUB);
  world.time.advance(2_000);
  const token = world.idToken();
  const { session } = await world.signInWith(token);
  world.time.advance(2_000);
  await world.signOutEverywhere(world.session);
  expect(world.sessionItems.allOf(SUB)).toEqual([session]);
  expect((await world.userItems.find(SUB)).signedOut).toEqual(signedOut);
  expect(await reasonOf(world.getUser(evidenceOf(token)))).toBe("done");
});

test("thousands of sessions end page by page; what one call has no time for the next one does", async () => {
  const world = await createSignedIn();
  const own = world.session;
  for (let n = 0; n < 2_000; n += 1) {
    const tokenHash = `many-${String(n)}`;
    await world.sessionItems.create({ ...own, tokenHash, id: tokenHash });
  }
  world.sessionItems.damaged.set("damaged", SUB);
  const end = world.sessionItems.end.bind(world.sessionItems);
  jest.spyOn(world.sessionItems, "end").mockImplementation(async (tokenHash) => {
    world.time.advance(10);
    await end(tokenHash);
  });
  const left: number[] = [];
  for (let calls = 1; world.sessionItems.items.has(own.tokenHash); calls += 1) {
    expect(calls).toBeLessThan(5);
    const reason = await reasonOf(world.signOutEverywhere(own));
    expect(["done", "too_little_time_left"]).toContain(reason);
    left.push(world.sessionItems.items.size);
  }
  // 9 of the 15 seconds are spent on it each time, 32 at once.
  expect(left).toHaveLength(3);
  expect(left[0]).toBeGreaterThan(1_000);
  expect(left[1]).toBeGreaterThan(100);
  expect(world.sessionItems.damaged.size).toBe(0);
});

test.each<["find" | "read", number]>([
  ["find", 0],
  ["read", 1],
])("sessions end also where the %s of what says more cannot be understood", async (name, marks) => {
  const world = await createSignedIn();
  await world.signInWith(world.idToken());
  const unreadable = new UnavailableError("unknown_schema_version");
  if (name === "find") {
    jest.spyOn(world.userItems, "find").mockRejectedValue(unreadable);
  } else {
    jest.spyOn(world.store, "read").mockRejectedValue(unreadable);
  }
  await world.signOutEverywhere(world.session);
  expect(world.sessionItems.allOf(SUB)).toEqual([]);
  const marked = [...world.userItems.items.values()].filter(({ signedOut }) => signedOut);
  expect(marked).toHaveLength(marks);
  expect(world.lines.map(({ event }) => event)).toContain("unreadable_item");
});

test("a store that is down is an outage, and no sign-out", async () => {
  const world = await createSignedIn();
  const down = new UnavailableError("store_unavailable");
  jest.spyOn(world.userItems, "find").mockRejectedValueOnce(down);
  expect(await reasonOf(world.signOutEverywhere(world.session))).toBe("store_unavailable");
  expect(world.sessionItems.allOf(SUB)).toHaveLength(1);
});

test("somebody erased signs nobody out who came back since", async () => {
  const world = await createSignedIn();
  const leftover: Session = world.session;
  await world.erase(world.evidence);
  world.time.advance(2_000);
  const { session } = await world.signInWith(world.idToken());
  expect(await reasonOf(world.signOutEverywhere(leftover))).toBe("erased_user");
  expect(world.sessionItems.allOf(SUB)).toEqual([session]);
});
