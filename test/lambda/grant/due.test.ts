import type { ActiveGrant } from "../../../lambda/grant/grant";
import { createDueAt } from "../../../lambda/grant/phase";
import { beginDisconnect, disconnect, refuse } from "../../../lambda/grant/transitions";

const DAY = 86_400_000;
const IDLE_SECONDS = (30 * DAY) / 1000;
const grant: ActiveGrant = {
  sub: "sub",
  grantId: "grant",
  revision: 3,
  status: "active",
  since: 5 * DAY,
  refreshToken: { ciphertext: new Uint8Array(), gen: 1 },
  inbox: [],
  history: [],
};
const lease = { owner: "holder", expiresAt: 7 * DAY, takenOver: false };
const cooldown = (until: number) => ({ until, cause: "idp_unavailable", failures: 1 }) as const;

const lapsing = createDueAt({
  refreshToken: { format: "opaque", rotation: "none", idleSeconds: IDLE_SECONDS },
});
const rotating = createDueAt({ refreshToken: { format: "opaque", rotation: "grace" } });

test("nothing is ever due where a token neither rotates nor lapses", () => {
  expect(createDueAt({ refreshToken: { format: "opaque", rotation: "none" } })).toBeUndefined();
});

test.each<[string, Partial<ActiveGrant>, number]>([
  ["it was stored", {}, 20 * DAY],
  ["it was exchanged", { lastExchangeAt: 6 * DAY }, 21 * DAY],
  ["it was stored, if that was later", { lastExchangeAt: 4 * DAY }, 20 * DAY],
  ["it was stored, whatever cooled down before", { cooldown: cooldown(6 * DAY) }, 20 * DAY],
])("a token that lapses is due after half of its time since %s", (_, change, expected) => {
  expect(lapsing?.({ ...grant, ...change })).toBe(expected);
  expect(rotating?.({ ...grant, ...change })).toBeUndefined();
});

test("a token that lapses is due when it has cooled down", () => {
  expect(lapsing?.({ ...grant, cooldown: cooldown(25 * DAY) })).toBe(25 * DAY);
});

test.each<[string, Partial<ActiveGrant>, number]>([
  ["the lease ends", { lease }, 7 * DAY],
  ["the lease ends, if it cooled down before", { lease, cooldown: cooldown(6 * DAY) }, 7 * DAY],
  ["it has cooled down, if that is later", { lease, cooldown: cooldown(8 * DAY) }, 8 * DAY],
])("an exchange under way is due when %s", (_, change, expected) => {
  expect(lapsing?.({ ...grant, ...change })).toBe(expected);
  expect(rotating?.({ ...grant, ...change })).toBe(expected);
});

const stamp = { at: 1, by: "" };

test.each([refuse(grant, "in_doubt", stamp), beginDisconnect(grant, 1), disconnect(grant, stamp)])(
  "nothing is due for a grant that is $status",
  (row) => {
    expect(lapsing?.(row)).toBeUndefined();
    expect(rotating?.(row)).toBeUndefined();
  },
);
