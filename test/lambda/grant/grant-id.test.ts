import type { Grant } from "../../../lambda/grant/grant";
import { endBefore, endOf, isEnded, madeAt, newGrantId } from "../../../lambda/grant/grant-id";
import { asEnded } from "../../../lambda/grant/transitions";
import { reportPutBack } from "../../../lambda/refresh/reason";
import { sampleGrant } from "../../contract/grant-store.contract";
import { createLogDouble } from "../../support/exchange-world";
import { type RowChange, rowOf } from "../../support/rows";
import { NOW } from "../../support/tokens";

const UUID = "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed";
const idOf = (at: number) => newGrantId({ id: () => UUID }, at);
const BARE = 0;
const made = (at: number, change: RowChange = {}) =>
  rowOf(sampleGrant({ grantId: at === BARE ? UUID : idOf(at) }), change);

test("a grantId says when its grant was made, in thirteen digits, and fits an SQS message group", () => {
  expect(idOf(NOW)).toBe(`${String(NOW)}.${UUID}`);
  expect(idOf(7)).toBe(`0000000000007.${UUID}`);
  expect(idOf(NOW)).toMatch(/^[\w.-]{1,128}$/);
});

test.each([
  [idOf(NOW), NOW],
  [idOf(7), 7],
  [UUID, 0],
  ["", 0],
  [String(NOW), 0],
  [`${String(NOW)}0.${UUID}`, 0],
  [`x${String(NOW)}.${UUID}`, 0],
  [`-176722560000.${UUID}`, 0],
])("%j was made at %p", (grantId, at) => {
  expect(madeAt({ grantId })).toBe(at);
});

test.each<[string, number, number | undefined, boolean]>([
  ["nothing ever ended", NOW, undefined, false],
  ["made after the end", NOW + 1, NOW, false],
  ["made at the end", NOW, NOW, true],
  ["made before the end", NOW - 1, NOW, true],
  ["of an earlier version, and something ended", BARE, 0, true],
  ["of an earlier version, and nothing ever ended", BARE, undefined, false],
])("F13: a grant counts as ended: %s", (_, at, endedAt, expected) => {
  expect(isEnded(made(at), endedAt)).toBe(expected);
});

const OVER = { status: "disconnected", since: NOW - 10 } as const;
const ENDING = { status: "disconnecting", since: NOW - 10 } as const;

test.each<[string, Grant, number]>([
  ["now", made(NOW - 99), NOW],
  ["now, also where it asks for a sign-in", made(1, { status: "needs_sign_in", since: 2 }), NOW],
  ["not before it was made, by a clock ahead of ours", made(NOW + 5), NOW + 5],
  ["now, where it does not say when it was made", made(BARE), NOW],
  ["when its tombstone says", made(NOW - 99, OVER), NOW - 10],
  ["when its end began", made(NOW - 99, ENDING), NOW - 10],
  ["when it was made, where its tombstone is older", made(NOW - 5, OVER), NOW - 5],
])("a grant ends %s", (_, grant, at) => {
  expect(endOf(grant, NOW)).toBe(at);
});

const erasure = (at: number) => ({ at, tokenHashes: [] });

test.each<[string, Grant | undefined, number | undefined, number]>([
  ["nothing", undefined, undefined, 0],
  ["what is in use", made(NOW), undefined, 0],
  ["a tombstone", made(NOW - 99, OVER), undefined, NOW - 10],
  ["a tombstone of a grant from a clock ahead of ours", made(NOW + 5, OVER), undefined, NOW + 5],
  ["an end that is not finished", made(NOW - 99, ENDING), undefined, NOW - 10],
  ["what knows of an erasure", made(NOW, { erasure: erasure(7) }), undefined, 7],
  ["nothing, after an erasure", undefined, 8, 8],
  ["a tombstone, after a later erasure", made(NOW - 99, OVER), NOW, NOW],
])("what is stored over %s is to be younger", (_, previous, erasedAt, end) => {
  expect(endBefore(previous, erasedAt === undefined ? undefined : erasure(erasedAt))).toBe(end);
});

test.each<[string, number | undefined, string]>([
  ["a moment ago: it may be under way", NOW - 59_999, "warn"],
  ["a minute ago", NOW - 60_000, "error"],
  ["at a time nobody knows", undefined, "error"],
])("the operator is told of a grant that ended %s", (_, endedAt, level) => {
  const { log, lines } = createLogDouble();
  reportPutBack(log, NOW, endedAt);
  expect(lines).toMatchObject([{ level, event: "grant_put_back" }]);
});

test.each<[string, Grant | undefined, number | undefined, object | undefined]>([
  ["none", undefined, NOW, undefined],
  ["one in use", made(NOW + 1), NOW, made(NOW + 1)],
  ["one where nothing ever ended", made(NOW), undefined, made(NOW)],
  [
    "one that was put back",
    made(NOW),
    NOW,
    made(NOW, { status: "disconnected", since: NOW, reason: "disconnected" }),
  ],
  [
    "one that was put back, and asks for a sign-in",
    made(NOW, { status: "needs_sign_in", reason: "in_doubt" }),
    NOW,
    made(NOW, { status: "disconnected", since: NOW, reason: "disconnected" }),
  ],
  [
    "a tombstone",
    made(1, { ...OVER, reason: "erased" }),
    NOW,
    made(1, { ...OVER, reason: "erased" }),
  ],
])("its owner is shown %s as it is", (_, grant, endedAt, shown) => {
  expect(asEnded(grant, endedAt)).toEqual(shown);
});
