/** What becomes of a token answer, for whom, and what the row is afterwards. */
import { UnavailableError } from "../../../lambda/errors";
import type { Grant } from "../../../lambda/grant/grant";
import type { TokenOutcome } from "../../../lambda/ports/provider";
import type { GrantStore } from "../../../lambda/ports/stores";
import { conclude } from "../../../lambda/refresh/exchange";
import { SUB } from "../../support/exchange-world";
import { type RowChange, rowOf } from "../../support/rows";
import { createTaken, put, type TakenOptions } from "../../support/taken";

const OTHER = { owner: "other", expiresAt: Infinity, takenOver: true };

const accessToken = {
  ...({ accessToken: "access-token-1", tokenType: "Bearer", scope: undefined } as const),
  expiresAt: Date.UTC(2026, 1, 1),
};
const tokens = (refreshToken?: string): TokenOutcome & { kind: "tokens" } => ({
  kind: "tokens",
  accessToken,
  refreshToken,
  foreign: false,
  sub: undefined,
});
const failed = (more: object): TokenOutcome => ({
  kind: "failed",
  cause: "idp_protocol",
  processed: "maybe",
  retryAfterSeconds: undefined,
  ...more,
});

async function createAnswered(options: TakenOptions = {}) {
  const taken = await createTaken(options);
  return {
    ...taken,
    conclude: async (outcome: TokenOutcome) =>
      await conclude(taken.dependencies, taken.held, outcome),
    put: async (change: RowChange) => await put(taken.world, (grant) => rowOf(grant, change)),
    inbox: async () => {
      const { sub, grantId, inbox } = await taken.world.grant();
      return await Promise.all(
        inbox.map(({ ciphertext, gen }) =>
          taken.dependencies.opener.open(ciphertext, {
            sub,
            grantId,
            gen,
            purpose: "refresh_token",
          }),
        ),
      );
    },
  };
}

type Answered = Awaited<ReturnType<typeof createAnswered>>;

describe("tokens", () => {
  test("are stored under the lease, which ends, and handed out", async () => {
    const { world, conclude: end, held } = await createAnswered();
    expect(await end(tokens("refresh-token-1"))).toMatchObject({ kind: "done", accessToken });
    expect(await world.storedRefreshToken()).toBe("refresh-token-1");
    expect(await world.grant()).toMatchObject({
      lease: undefined,
      refreshToken: { gen: held.gen },
      accessToken: { gen: held.gen, obtainedBy: "me" },
    });
  });

  test("are stored and not handed out where the operator froze the grant meanwhile", async () => {
    const { world, conclude: end, put: change } = await createAnswered();
    await change({ frozenAt: 9 });
    await expect(end(tokens("refresh-token-1"))).rejects.toMatchObject({
      name: "ForbiddenError",
      reason: "frozen",
    });
    expect(await world.storedRefreshToken()).toBe("refresh-token-1");
  });

  test("S29: of somebody else end the grant, and the log says why", async () => {
    const { world, conclude: end } = await createAnswered();
    await expect(end({ ...tokens("theirs"), foreign: true })).rejects.toMatchObject({
      name: "NeedsSignInError",
      reason: "foreign_subject",
    });
    expect(world.lines).toEqual([
      { level: "error", event: "grant_quarantined", fields: { reason: "foreign_subject" } },
    ]);
  });
});

describe("S49: a refusal of a token while a newer one came into the inbox", () => {
  test.each(["none", "grace", "strict"] as const)(
    "ends no grant: the caller begins again with the row as it is now (rotation %s)",
    async (rotation) => {
      const { world, conclude: end, put: change } = await createAnswered({ rotation });
      await change({ inbox: [{ ciphertext: new Uint8Array([1]), gen: 9 }] });
      const outcome = await end({ kind: "refused" });
      expect(outcome).toEqual({ kind: "moved", grant: await world.grant() });
      expect(await world.grant()).toMatchObject({
        status: "active",
        lease: undefined,
        inbox: [{ gen: 9 }],
      });
    },
  );
});

describe("whoever has lost the lease", () => {
  const answers: [string, TokenOutcome][] = [
    ["tokens", tokens("refresh-token-1")],
    ["a failure with a successor", failed({ refreshToken: "refresh-token-1" })],
  ];

  test.each(answers)("to the next holder leaves it what came: %s", async (_, outcome) => {
    const { world, conclude: end, put: change, inbox } = await createAnswered();
    await change({ lease: OTHER });
    expect(await end(outcome)).toEqual({ kind: "moved", grant: await world.grant() });
    expect(await inbox()).toEqual(["refresh-token-1"]);
    expect((await world.grant()).lease).toEqual(OTHER);
    expect(world.tokenEndpoint.revoked).toEqual([]);
  });

  test.each([
    ["another sign-in", { grantId: "another" }],
    ["a disconnect", { status: "disconnected" }],
  ] as [string, RowChange][])(
    "to %s revokes what came by its predecessor, and leaves nothing",
    async (_, change) => {
      const { world, conclude: end, put: move } = await createAnswered();
      const current = await move(change);
      const outcome = await end(tokens("refresh-token-1"));
      expect(outcome).toEqual({ kind: "moved", grant: current });
      expect(await world.grant()).toEqual(current);
      expect(world.tokenEndpoint.revoked).toEqual(["refresh-token-0"]);
    },
  );

  test("to nobody, since the row is gone, revokes what came", async () => {
    const gone = { written: false, current: undefined } as const;
    const { world, conclude: end } = await createAnswered({
      wrapStore: ({ read }) => ({ read, write: () => Promise.resolve(gone) }),
    });
    const outcome = await end(tokens("refresh-token-1"));
    expect(outcome).toEqual({ kind: "moved", grant: undefined });
    expect(world.tokenEndpoint.revoked).toEqual(["refresh-token-0"]);
  });

  test.each([
    ["strict", [{ kind: "spill", sub: SUB, owner: "me" }]],
    ["none", []],
  ] as const)(
    "to a move has the recovery function follow it, where there is a queue (rotation %s), and revokes nothing",
    async (rotation, queued) => {
      const { world, conclude: end, put: move, held } = await createAnswered({ rotation });
      const { grantId } = held.grant;
      const movedTo = { id: "move", sub: "other", was: grantId, token: "moved" } as const;
      const current = await move({ status: "disconnected", reason: "erased", movedTo });
      const outcome = await end(tokens("refresh-token-1"));
      expect(outcome).toEqual({ kind: "moved", grant: current });
      expect(world.queue.items.map(({ task }) => task)).toMatchObject(queued);
      expect(world.tokenEndpoint.revoked).toEqual([]);
    },
  );

  test("S50: to its own write, whose answer never came, has nothing left to do", async () => {
    const answered = await createAnswered();
    const current = await ownWrite(answered, {});
    expect(await answered.conclude(tokens("refresh-token-1"))).toEqual({
      kind: "moved",
      grant: current,
    });
    expect(await answered.world.grant()).toEqual(current);
    expect(answered.world.tokenEndpoint.revoked).toEqual([]);
  });

  test("leaves what came in the row as it is by then, however often that moves", async () => {
    const answered = await createAnswered({ wrapStore: overtaken });
    await answered.put({ lease: OTHER });
    await answered.conclude(tokens("refresh-token-1"));
    expect(await answered.inbox()).toEqual(["refresh-token-1"]);
    expect(await answered.world.grant()).toMatchObject({ lease: OTHER, frozenAt: 9 });
  });

  test("and cannot reach the store either spills what came, and tells of the failure", async () => {
    let isDown = false;
    const {
      world,
      held,
      conclude: end,
      put: change,
    } = await createAnswered({
      wrapStore: (store) => ({
        read: store.read,
        write: async (next, expected) => {
          if (isDown) {
            throw new UnavailableError("store_unavailable");
          }
          isDown = true;
          return await store.write(next, expected);
        },
      }),
    });
    await change({ lease: OTHER });
    const outcome = end(tokens("refresh-token-1"));
    await expect(outcome).rejects.toMatchObject({ reason: "store_unavailable" });
    expect(world.queue.items.map(({ task }) => task)).toMatchObject([
      { kind: "spill", owner: "me", refreshToken: { gen: held.gen } },
    ]);
  });
});

/** The row as our commit would have left it. */
async function ownWrite({ put: change, held }: Answered, more: RowChange): Promise<Grant> {
  const refreshToken = { ciphertext: new Uint8Array([1]), gen: held.gen };
  return await change({ refreshToken, lease: OTHER, ...more });
}

/** Somebody else is there before the second write: the first one finds the lease gone. */
function overtaken(store: GrantStore): GrantStore {
  let writes = 0;
  return {
    read: store.read,
    write: async (next, expected) => {
      writes += 1;
      const row = writes === 2 ? await store.read(next.sub) : undefined;
      if (row !== undefined) {
        await store.write({ ...row, frozenAt: 9 }, row.revision);
      }
      return await store.write(next, expected);
    },
  };
}
