import { sessionTokens } from "../../../lambda/auth/session-token";
import { UnavailableError } from "../../../lambda/errors";
import type { Cutoffs, Session } from "../../../lambda/model";
import {
  createEndOneSession,
  createEndSession,
  createListSessions,
  createOpenSession,
  createResolveSession,
} from "../../../lambda/use-cases/sessions";
import { createLogDouble } from "../../support/exchange-world";
import { createInMemorySessionStore } from "../../support/in-memory-session-store";
import { ALICE, BOB, NOW } from "../../support/tokens";

const DAY = 86_400_000;
const limits = { idleSeconds: 14 * 86_400, absoluteSeconds: 90 * 86_400 };

function createWorld(maxListed = 50) {
  let now = NOW;
  let cutoffs: Cutoffs & { readonly isUnreadable?: boolean } = {};
  const { log, lines } = createLogDouble();
  let serial = 0;
  let touches = 0;
  const store = createInMemorySessionStore();
  const sessions = {
    ...store,
    touch: (session: Parameters<typeof store.touch>[0]) => {
      touches += 1;
      return store.touch(session);
    },
  };
  const dependencies = {
    sessions,
    tokens: sessionTokens,
    limits,
    clock: { now: () => now },
    random: { id: () => `session-${String((serial += 1))}`, fraction: () => 0 },
  };
  const open = createOpenSession(dependencies);
  const own = {
    ...dependencies,
    maxListed,
    users: {
      find: () =>
        cutoffs.isUnreadable === true
          ? Promise.reject(new UnavailableError("unknown_schema_version"))
          : Promise.resolve({ ...cutoffs, user: undefined, revocation: undefined }),
    },
  };
  const list = createListSessions(own);
  const endOne = createEndOneSession(own);
  const request = (session: Session) => ({ session, deadline: now + 15_000, log });
  return {
    store,
    sessions,
    lines,
    setCutoffs: (next: typeof cutoffs) => {
      cutoffs = next;
    },
    touches: () => touches,
    advance: (milliseconds: number) => {
      now += milliseconds;
    },
    open: (sub = ALICE) =>
      open({ evidence: { sub, at: NOW, tokenHash: undefined }, userAgent: "Firefox" }),
    resolve: createResolveSession(dependencies),
    list: (session: Session) => list(request(session)),
    endOne: (session: Session, id: string) => endOne(request(session), id),
    end: createEndSession(dependencies),
  };
}

const reasonOf = async (work: Promise<unknown>) =>
  await work.then(
    () => "believed",
    (error: unknown) => (error as { reason: string }).reason,
  );

describe("a session", () => {
  test("stands for its user until it has been idle for too long", async () => {
    const { open, resolve, advance } = createWorld();
    const { token } = await open();
    expect(await resolve(token)).toMatchObject({ kind: "session", sub: ALICE });
    advance(14 * DAY - 1);
    expect(await reasonOf(resolve(token))).toBe("believed");
    advance(14 * DAY);
    expect(await reasonOf(resolve(token))).toBe("session_expired");
  });

  test("that is used every day serves for 89 days, and not for 90", async () => {
    const { open, resolve, advance } = createWorld();
    const { token } = await open();
    for (let day = 1; day < 90; day += 1) {
      advance(DAY);
      expect([day, await reasonOf(resolve(token))]).toEqual([day, "believed"]);
    }
    advance(DAY);
    expect(await reasonOf(resolve(token))).toBe("session_expired");
  });

  test("is written to at most once per tenth of its idle limit, however busy it is", async () => {
    const { open, resolve, advance, touches } = createWorld();
    const { token } = await open();
    for (let minute = 0; minute < 60 * 24 * 3; minute += 10) {
      advance(600_000);
      await resolve(token);
    }
    expect(touches()).toBe(2);
  });

  test("is stored by its hash alone", async () => {
    const { open, store } = createWorld();
    const { token } = await open();
    expect(JSON.stringify([...store.items.entries()])).not.toContain(token.slice(4, 30));
  });

  test("junk is refused without a read", async () => {
    const { resolve, store } = createWorld();
    const find = jest.spyOn(store, "find");
    expect(await reasonOf(resolve(`rvs_${"A".repeat(49)}`))).toBe("malformed_session");
    expect(find).not.toHaveBeenCalled();
    expect(await reasonOf(resolve(sessionTokens.create().token))).toBe("unknown_session");
  });

  test("is over for good once it has ended: replaying it is refused", async () => {
    const { open, resolve, end } = createWorld();
    const { token, session } = await open();
    await end(session);
    expect(await reasonOf(resolve(token))).toBe("unknown_session");
  });
});

describe("what touching wrote is believed as far as the limits go, since more functions may touch a session than may make one", () => {
  const HOUR = DAY / 24;
  /** In days after the opening; the session is looked at on the tenth day. */
  test.each<[string, { seen: number; idle: number }, string]>([
    ["an honest touch", { seen: 9, idle: 23 }, "believed"],
    ["one of now", { seen: 10, idle: 24 }, "believed"],
    ["an idle limit beyond what the last use gives", { seen: 9, idle: 9_000 }, "believed"],
    ["an idle limit that has passed", { seen: 9, idle: 9.5 }, "session_expired"],
    ["a last use too long ago, whatever the idle limit", { seen: -5, idle: 80 }, "session_expired"],
    ["a last use of the future", { seen: 9_000, idle: 9_000 }, "believed"],
  ])("%s", async (_, { seen, idle }, expected) => {
    const { open, resolve, advance, store } = createWorld();
    const { token, session } = await open();
    await store.touch({
      ...session,
      lastSeenAt: NOW + seen * DAY,
      idleExpiresAt: NOW + idle * DAY,
    });
    advance(10 * DAY);
    expect(await reasonOf(resolve(token))).toBe(expected);
  });

  test.each([
    ["a last use of the future counts from the opening", NOW + 9_000 * DAY, 14 * DAY],
    [
      "one that is ahead by two seconds, as clocks may be, does not",
      NOW + 15 * DAY + 2_000,
      29 * DAY + 2_000,
    ],
    ["one that is ahead by more does", NOW + 15 * DAY + 2_001, 14 * DAY],
  ])("%s", async (_, lastSeenAt, lasts) => {
    const { open, list, advance, store } = createWorld();
    const { session } = await open();
    advance(13 * DAY);
    await store.touch({ ...session, lastSeenAt, idleExpiresAt: NOW + 9_000 * DAY });
    advance(2 * DAY);
    const [listed] = await list(session);
    expect(listed?.idleExpiresAt ?? session.createdAt + 14 * DAY).toBe(NOW + lasts);
  });

  test("nothing that touching writes makes a session last beyond its absolute limit", async () => {
    const { open, resolve, advance, store } = createWorld();
    const { token, session } = await open();
    advance(90 * DAY - HOUR);
    const lastSeenAt = NOW + 90 * DAY - HOUR;
    await store.touch({ ...session, lastSeenAt, idleExpiresAt: NOW + 9_000 * DAY });
    expect(await resolve(token)).toMatchObject({ session: { idleExpiresAt: NOW + 90 * DAY } });
    advance(HOUR);
    expect(await reasonOf(resolve(token))).toBe("session_expired");
  });
});

describe("S22: a user's sessions", () => {
  const idsOf = (sessions: readonly Session[]) => sessions.map(({ id }) => id);

  test("are listed newest first, live ones only, and nobody else's", async () => {
    const { open, list, advance } = createWorld();
    const { session } = await open();
    advance(10 * DAY);
    await open();
    await open(BOB);
    expect(idsOf(await list(session))).toEqual(["session-2", "session-1"]);
    advance(5 * DAY);
    expect(idsOf(await list(session))).toEqual(["session-2"]);
  });

  test("are listed as far as they can be read", async () => {
    const { open, list, store } = createWorld();
    const { session } = await open();
    store.damaged.set("damaged", ALICE);
    expect(idsOf(await list(session))).toEqual(["session-1"]);
  });

  test("where there are too many, those that were used last are listed, however many pages there are", async () => {
    const { open, list, store, advance } = createWorld(3);
    const { session } = await open();
    for (let n = 0; n < 600; n += 1) {
      advance(1_000);
      await open();
    }
    advance(DAY);
    await store.touch({ ...session, lastSeenAt: NOW + DAY, idleExpiresAt: NOW + 2 * DAY });
    expect(idsOf(await list(session))).toEqual(["session-601", "session-600", "session-1"]);
  });

  test("are looked at up to five thousand, so that a list never takes as long as there are sessions", async () => {
    const { open, list, store, sessions } = createWorld(1_000);
    const { session } = await open();
    for (let n = 0; n < 7_000; n += 1) {
      const tokenHash = `~many-${String(n)}`;
      await store.create({ ...session, tokenHash, id: tokenHash });
    }
    const pages = jest.spyOn(sessions, "page");
    expect(await list(session)).toHaveLength(1_000);
    expect(pages).toHaveBeenCalledTimes(20);
  });

  test("end one by one, on whichever page they are; somebody else's do not", async () => {
    const { open, list, endOne } = createWorld(1_000);
    const [first, bobs] = [await open(), await open(BOB)];
    for (let n = 3; n <= 600; n += 1) {
      await open();
    }
    expect(await endOne(first.session, bobs.session.id)).toBe(false);
    for (const n of [3, 300, 600]) {
      expect(await endOne(first.session, `session-${String(n)}`)).toBe(true);
    }
    expect(await list(first.session)).toHaveLength(596);
    expect(await list(bobs.session)).toHaveLength(1);
  });

  test.each([
    ["erased", { erasure: { at: NOW, tokenHashes: [] } }, "erased_user"],
    ["signed out everywhere", { signedOut: { at: NOW, tokenHashes: [] } }, "signed_out"],
  ])("a session from before the user was %s sees and ends none", async (_, cutoffs, reason) => {
    const { open, list, endOne, setCutoffs, advance, store } = createWorld();
    const { session } = await open();
    advance(1_000);
    await open();
    setCutoffs(cutoffs);
    expect(await reasonOf(list(session))).toBe(reason);
    expect(await reasonOf(endOne(session, "session-2"))).toBe(reason);
    expect(store.items.size).toBe(2);
  });

  test("can be listed and ended by a user whose own record cannot be read", async () => {
    const { open, list, endOne, setCutoffs, lines } = createWorld();
    const { session } = await open();
    await open();
    setCutoffs({ isUnreadable: true });
    expect(await list(session)).toHaveLength(2);
    expect(await endOne(session, "session-2")).toBe(true);
    expect(lines).toMatchObject([{ event: "unreadable_item" }, { event: "unreadable_item" }]);
  });
});
