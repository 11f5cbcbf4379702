/**
 * Two things at once about one user, in many orders: every call of a port waits until fast-check
 * picks it.
 */
import fc from "fast-check";
import type { Grant } from "../../../lambda/grant/grant";
import { evidenceOf, evidenceOfSession } from "../../../lambda/model";
import { type AccountWorld, createAccountWorld } from "../../support/account-world";
import { SUB } from "../../support/exchange-world";
import { createFamiliesDouble, type Rotation } from "../../support/families-double";
import { orders, ORDERS_TIMEOUT_MS } from "../../support/orders";

const ORDERS = orders(100);

jest.setTimeout(ORDERS_TIMEOUT_MS);

/**
 * A world in which every call of the three stores may be overtaken, on its way there and on its
 * way back.
 */
async function createRace(scheduler: fc.Scheduler, rotation: Rotation, isRevocable: boolean) {
  const provider = createFamiliesDouble({ rotation });
  const written: Grant[] = [];
  let isRacing = false;
  const world: AccountWorld = await createAccountWorld({
    rotation,
    isRevocable,
    endpoint: provider.endpoint,
    wrapPorts: (name, port) =>
      new Proxy(port, {
        get(target, method) {
          const real = Reflect.get(target, method) as (...all: unknown[]) => Promise<unknown>;
          return async (...all: unknown[]) => {
            const label = `${name}.${String(method)}`;
            await travel(label);
            const answer = await real(...all);
            const { written: isWritten, grant } = (answer ?? {}) as Record<string, unknown>;
            if (isWritten === true) {
              written.push(grant as Grant);
            }
            await travel(`${label} answers`);
            return answer;
          };
        },
      }),
  });

  async function travel(label: string): Promise<void> {
    if (isRacing) {
      await scheduler.schedule(Promise.resolve(), label);
      world.time.advance(1);
    }
  }

  async function step(): Promise<boolean> {
    const isWaiting = scheduler.count() > 0;
    if (isWaiting) {
      await scheduler.waitNext(1);
    }
    return isWaiting;
  }

  const first = provider.issue("first");
  const firstToken = world.idToken();
  world.time.advance(2_000);
  await world.signInWith(firstToken, first);
  world.time.advance(2 * 3_600_000);
  return {
    ...world,
    provider,
    written,
    firstToken,
    travel,
    run: async <T>(...work: Promise<T>[]) => {
      isRacing = true;
      const settled = await world.time.run(Promise.allSettled(work), step);
      isRacing = false;
      return settled;
    },
    /** I6: whatever is stored opens under the row's own context; undefined where nothing is. */
    stored: async () => {
      const { accessToken, inbox, sub, grantId } = await world.grant();
      for (const { ciphertext, gen } of accessToken === undefined ? [] : [accessToken]) {
        const context = { sub, grantId, gen, purpose: "access_token" } as const;
        await world.dependencies.opener.open(ciphertext, context);
      }
      expect(inbox).toEqual([]);
      return await world.storedRefreshToken();
    },
  };
}

type Race = Awaited<ReturnType<typeof createRace>>;

/** I3: within one grant `gen` never falls, and no revision is written twice. */
function assertOrder(written: readonly Grant[]): void {
  const byRevision = [...written].sort((a, b) => a.revision - b.revision);
  const wrong = byRevision.filter((grant, at) => {
    const before = byRevision[at - 1];
    const isSame = before?.grantId === grant.grantId;
    const falls = (grant.refreshToken?.gen ?? Infinity) < (before?.refreshToken?.gen ?? 0);
    return before?.revision === grant.revision || (isSame && falls);
  });
  // One assertion, since there are seven thousand orders.
  expect(wrong).toEqual([]);
}

function race(play: (race: Race) => Promise<void>, isRevocable = false) {
  return async (rotation: Rotation) => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const played = await createRace(scheduler, rotation, isRevocable);
        await play(played);
        assertOrder(played.written);
      }),
      { numRuns: ORDERS },
    );
  };
}

async function assertErased(world: Race): Promise<void> {
  const evidence = evidenceOf(world.firstToken);
  expect(await world.grant()).toMatchObject({ status: "disconnected", reason: "erased" });
  expect(await world.stored()).toBeUndefined();
  expect((await world.grant()).accessToken).toBeUndefined();
  expect((await world.grant()).history).toEqual([]);
  await expect(world.getUser(evidence)).rejects.toMatchObject({ reason: "erased_user" });
  await expect(world.get({ evidence })).rejects.toMatchObject({ reason: "erased_user" });
  expect(await world.userItems.find(SUB)).toMatchObject({ erasure: {} });
  expect((await world.userItems.find(SUB)).user).toBeUndefined();
}

/** Whether a token came into the row before that was marked. */
function isExchangedBefore(written: readonly Grant[]): boolean {
  return written.some(
    ({ accessToken, signedOut }) => accessToken !== undefined && signedOut === undefined,
  );
}

async function isSignedOut(world: Race): Promise<boolean> {
  const { signedOut } = await world.userItems.find(SUB);
  return signedOut !== undefined;
}

const ROTATIONS: readonly Rotation[] = ["none", "grace", "strict"];

describe.each(ROTATIONS)("S30: with a provider that rotates: %s", (rotation) => {
  test("erasing wins over a refresh in flight", async () => {
    await race(async (world) => {
      await world.run<unknown>(world.call(), world.erase(evidenceOf(world.firstToken)));
      await assertErased(world);
      expect(world.sessionItems.allOf(SUB)).toEqual([]);
    })(rotation);
  });

  test("erasing with revocation at the provider wins, and no token of the user lives on there", async () => {
    await race(async (world) => {
      await world.run<unknown>(world.call(), world.erase(evidenceOf(world.firstToken)));
      await assertErased(world);
      for (const serial of [0, 1, 2]) {
        expect(world.provider.isLive(`first.${String(serial)}`)).toBe(false);
      }
    }, true)(rotation);
  });

  test("disconnecting wins over a refresh in flight", async () => {
    await race(async (world) => {
      await world.run<unknown>(world.call(), world.disconnect());
      expect(await world.grant()).toMatchObject({ status: "disconnected" });
      expect(await world.stored()).toBeUndefined();
      await expect(world.get()).rejects.toMatchObject({ reason: "disconnected" });
    })(rotation);
  });

  test("signing in again wins over refreshes in flight, and its token is usable afterwards", async () => {
    await race(async (world) => {
      const second = world.provider.issue("second");
      const signIn = world.signInWith(world.idToken(), second);
      const [, , signedIn] = await world.run<unknown>(world.call(), world.call(), signIn);
      expect(signedIn).toMatchObject({ status: "fulfilled" });
      const stored = await world.stored();
      expect(stored).toMatch(/^second\./);
      expect(world.provider.isLive(stored ?? "")).toBe(true);
      expect(world.provider.reused).toEqual([]);
      world.time.advance(2 * 3_600_000);
      expect(await world.get()).toMatchObject({ tokenType: "Bearer" });
    })(rotation);
  });

  test("of two sign-ins one grant is left, whole and usable, and both sessions live", async () => {
    await race(async (world) => {
      const tokens = ["second", "third"].map((name) => world.provider.issue(name));
      await world.run(...tokens.map((token) => world.signInWith(world.idToken(), token)));
      expect(tokens).toContain(await world.stored());
      expect(await world.get()).toMatchObject({ tokenType: "Bearer" });
      expect(world.sessionItems.allOf(SUB)).toHaveLength(3);
    })(rotation);
  });

  test("erasing wins over a sign-in with an ID token from before, which leaves nothing usable", async () => {
    await race(async (world) => {
      const token = world.idToken();
      const second = world.provider.issue("second");
      world.time.advance(2_000);
      const [signedIn] = await world.run<unknown>(
        world.signInWith(token, second),
        world.erase(evidenceOf(world.firstToken)),
      );
      await assertErased(world);
      for (const session of world.sessionItems.allOf(SUB)) {
        await expect(world.getUser(evidenceOfSession(session))).rejects.toMatchObject({
          reason: "erased_user",
        });
      }
      if (signedIn?.status === "rejected") {
        expect(world.sessionItems.allOf(SUB)).toEqual([]);
      }
    })(rotation);
  });

  test("a sign-in that follows the erasure wins over what is left of the erasure to do", async () => {
    await race(async (world) => {
      const signInAfterwards = async () => {
        while ((await world.userItems.find(SUB)).erasure === undefined) {
          await world.travel("look for the erasure");
        }
        world.time.advance(2_000);
        await world.signInWith(world.idToken(), world.provider.issue("second"));
      };
      const work = [world.erase(evidenceOf(world.firstToken)), signInAfterwards()];
      const settled = await world.run<unknown>(...work);
      expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
      expect(await world.stored()).toMatch(/^second\./);
      expect((await world.userItems.find(SUB)).user).toMatchObject({ version: 1 });
      expect(world.sessionItems.allOf(SUB)).toHaveLength(1);
      expect(await world.get()).toMatchObject({ tokenType: "Bearer" });
    })(rotation);
  });

  test("signing out everywhere wins over a refresh in flight that an older proof asked for, and loses nothing", async () => {
    await race(async (world) => {
      const evidence = evidenceOf(world.firstToken);
      const [first] = world.sessionItems.allOf(SUB);
      const work = [
        world.call({ evidence }),
        world.call({ evidence }),
        world.signOutEverywhere(first!),
      ];
      const settled = await world.run<unknown>(...work);
      expect(settled[2]).toMatchObject({ status: "fulfilled" });
      const isHandedOut = settled.slice(0, 2).some(({ status }) => status === "fulfilled");
      expect(isHandedOut && !isExchangedBefore(world.written)).toBe(false);
      expect(world.sessionItems.allOf(SUB)).toEqual([]);
      await expect(world.get({ evidence })).rejects.toMatchObject({ reason: "signed_out" });
      expect(world.provider.isLive((await world.stored()) ?? "")).toBe(true);
      expect(world.provider.reused).toEqual([]);
      // By a proof of the operator's own backends, say: the connection is as good as before.
      expect(await world.get()).toMatchObject({ tokenType: "Bearer" });
    })(rotation);
  });

  test("signing out everywhere wins over a sign-in with an ID token from before, which leaves nothing usable", async () => {
    await race(async (world) => {
      const token = world.idToken();
      const second = world.provider.issue("second");
      world.time.advance(2_000);
      const [first] = world.sessionItems.allOf(SUB);
      const [signedIn, signedOut] = await world.run<unknown>(
        world.signInWith(token, second),
        world.signOutEverywhere(first!),
      );
      expect(signedOut).toMatchObject({ status: "fulfilled" });
      const left = world.sessionItems.allOf(SUB);
      for (const evidence of [evidenceOf(token), ...left.map(evidenceOfSession)]) {
        await expect(world.getUser(evidence)).rejects.toMatchObject({ reason: "signed_out" });
        await expect(world.get({ evidence })).rejects.toMatchObject({ reason: "signed_out" });
      }
      if (signedIn?.status === "rejected") {
        expect(left).toEqual([]);
      }
    })(rotation);
  });

  test("a sign-in that follows the mark survives what is left of signing out everywhere to do", async () => {
    await race(async (world) => {
      const [first] = world.sessionItems.allOf(SUB);
      const token = async () => {
        while (!(await isSignedOut(world))) {
          await world.travel("look for the mark");
        }
        world.time.advance(2_000);
        return world.idToken();
      };
      const signInAfterwards = async () => {
        const idToken = await token();
        await world.signInWith(idToken, world.provider.issue("second"));
        return idToken;
      };
      const work = [world.signOutEverywhere(first!), signInAfterwards()];
      const settled = await world.run<unknown>(...work);
      expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
      const [session, ...others] = world.sessionItems.allOf(SUB);
      expect(others).toEqual([]);
      const evidence = evidenceOfSession(session!);
      expect(await world.getUser(evidence)).toMatchObject({ sub: SUB });
      expect(await world.stored()).toMatch(/^second\./);
      expect(await world.get({ evidence })).toMatchObject({ tokenType: "Bearer" });
      const old = evidenceOf(world.firstToken);
      await expect(world.get({ evidence: old })).rejects.toMatchObject({ reason: "signed_out" });
    })(rotation);
  });

  test("freezing in the middle of a refresh: nothing is handed out afterwards, and nothing is lost", async () => {
    await race(async (world) => {
      const [called] = await world.run<unknown>(world.call(), world.freeze());
      const { history } = await world.grant();
      const outcomes = history.map(({ outcome }) => outcome);
      const isExchangedBefore =
        outcomes.includes("exchanged") &&
        outcomes.indexOf("exchanged") < outcomes.indexOf("frozen");
      expect(called?.status).toBe(isExchangedBefore ? "fulfilled" : "rejected");
      await expect(world.get()).rejects.toMatchObject({ reason: "frozen" });
      expect(world.provider.isLive((await world.stored()) ?? "")).toBe(true);
      await world.unfreeze();
      world.time.advance(2 * 3_600_000);
      expect(await world.get()).toMatchObject({ tokenType: "Bearer" });
    })(rotation);
  });
});
