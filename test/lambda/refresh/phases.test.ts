/**
 * What every caller does with a row of every phase: the access token's and the three tasks' of the
 * queue.
 */
import { createWorld } from "../../support/exchange-world";
import { type RowChange, rowOf } from "../../support/rows";
import { put } from "../../support/taken";

const DEAD = { owner: "dead", takenOver: false };
const COOLING = { cause: "idp_unavailable", failures: 1 } as const;

/** `now`: when the caller comes. */
const PHASES: Readonly<Record<string, (now: number) => RowChange>> = {
  ready: () => ({}),
  leased: () => ({ lease: { ...DEAD, expiresAt: Infinity } }),
  abandoned: (now) => ({ lease: { ...DEAD, expiresAt: now } }),
  cooling: (now) => ({ cooldown: { ...COOLING, until: now + 60_000 } }),
  "cooling, leased": (now) => ({
    lease: { ...DEAD, expiresAt: now + 60_000 },
    cooldown: { ...COOLING, until: now + 60_000 },
  }),
  frozen: (now) => ({ frozenAt: now }),
  needs_sign_in: () => ({ status: "needs_sign_in" }),
  disconnecting: () => ({ status: "disconnecting" }),
  disconnected: () => ({ status: "disconnected", reason: "disconnected" }),
  "put back": () => ({ lease: { ...DEAD, expiresAt: 0 } }),
};

const CALLERS = ["access", "watch", "take-over", "stale take-over", "renew"] as const;

type Caller = (typeof CALLERS)[number];

async function found(phase: string, caller: Caller): Promise<string> {
  // Whatever is not active is never due; the rest is.
  const world = await createWorld({ rotation: "strict", dueAt: () => 0 });
  const { sub, grantId } = await world.grant();
  const now = world.time.now();
  await put(world, (grant) => rowOf(grant, PHASES[phase]?.(now) ?? {}));
  if (phase === "put back") {
    await world.marks.raise(sub, now);
  }
  const ended = await act(world, caller, { sub, grantId });
  const queued = world.queue.items.filter(({ task }) => task.kind === "take-over").length;
  const sent = world.tokenEndpoint.presented.length;
  const told = world.lines.filter(({ event }) => event === "grant_put_back").length;
  return [
    ended,
    ...(sent > 0 ? ["refreshed"] : []),
    ...(queued > 0 ? ["queued"] : []),
    ...(told > 0 ? ["told"] : []),
  ].join(", ");
}

async function act(
  world: Awaited<ReturnType<typeof createWorld>>,
  caller: Caller,
  { sub, grantId }: { readonly sub: string; readonly grantId: string },
): Promise<string> {
  if (caller === "access") {
    // No consumer: the take-over stays in the queue.
    return await world.time.run(world.call()).then(
      () => "token",
      (error: unknown) => String((error as { reason: unknown }).reason),
    );
  }
  const { log } = world.dependencies;
  const lease = { sub, grantId, owner: caller === "stale take-over" ? "earlier" : "dead" };
  const tasks = {
    watch: { kind: "watch", ...lease },
    "take-over": { kind: "take-over", ...lease },
    "stale take-over": { kind: "take-over", ...lease },
    renew: { kind: "renew", sub },
  } as const;
  const deadline = world.time.now() + 15_000;
  const request = { task: tasks[caller], receiveCount: 1, deadline, log };
  return await world.time.run(world.recover(request));
}

test.each([
  ["ready", "token, refreshed", "done", "done", "done", "done, refreshed"],
  ["leased", "exchange_in_progress", "again", "again", "done", "done"],
  [
    "abandoned",
    "exchange_in_progress, queued",
    "done, queued",
    "done, refreshed",
    "done",
    "done, queued",
  ],
  ["cooling", "cooling_down", "done", "done", "done", "done"],
  ["cooling, leased", "cooling_down", "again", "again", "done", "done"],
  ["frozen", "frozen", "done", "done", "done", "done, refreshed"],
  ["needs_sign_in", "in_doubt", "done", "done", "done", "done"],
  ["disconnecting", "disconnected", "done", "done", "done", "done"],
  ["disconnected", "disconnected", "done", "done", "done", "done"],
  ["put back", "disconnected, told", "done, told", "done, told", "done", "done, told"],
])("a row that is %s", async (phase, ...expected) => {
  const each = [];
  for (const caller of CALLERS) {
    each.push(await found(phase, caller));
  }
  expect(each).toEqual(expected);
});
