import { unfinishedMove, whyNotMoved } from "../../../bin/admin/move-words";
import { reportMove, reportOutlook } from "../../../bin/admin/show-move";
import { InternalError, UnavailableError } from "../../../lambda/errors";
import {
  type MovePlan,
  type MoveRefusal,
  MoveRefusedError,
} from "../../../lambda/use-cases/move-plan";
import type { MoveReceipt } from "../../../lambda/use-cases/move-receipt";
import { ALICE, BOB, NOW } from "../../support/tokens";

const pair = { from: ALICE, to: BOB };
const receipt: MoveReceipt = {
  ...pair,
  movedAt: NOW,
  user: "merged",
  refreshToken: "moved",
  sessionsEnded: 3,
  kept: ["theme", "\u001b[2J"],
  dropped: ["plan"],
};

test("the receipt, in lines and as JSON, names attributes and obeys no terminal", () => {
  const { json, lines } = reportMove(receipt);
  expect(json).toEqual({
    from: ALICE,
    to: BOB,
    moved_at: new Date(NOW).toISOString(),
    user: "merged",
    refresh_token: "moved",
    sessions_ended: 3,
    attributes_kept: ["theme", "\u001b[2J"],
    attributes_dropped: ["plan"],
  });
  expect(lines).toContain('attributes kept "theme", "\\u001b[2J"');
  expect(lines.join("")).not.toContain("\u001b");
});

test("a dry run says what there is to wait for, and what broke off", () => {
  const plan: MovePlan = {
    user: "created",
    refreshToken: "moved",
    kept: [],
    dropped: [],
    mustWait: true,
  };
  const { json, lines } = reportOutlook(pair, { kind: "plan", plan, sessions: 2 });
  expect(json).toMatchObject({ state: "not_begun", must_wait: true, sessions: 2 });
  expect(lines.join("\n")).toContain("waits");
  expect(reportOutlook(pair, { kind: "unfinished" }).json).toMatchObject({ state: "unfinished" });
  expect(reportOutlook(pair, { kind: "done", receipt }).json).toMatchObject({ state: "done" });
});

test.each<[MoveRefusal, string]>([
  ["same_subject", "the same"],
  ["invalid_to", BOB],
  ["unknown_from", ALICE],
  ["erased_from", ALICE],
  ["moved_from", "there"],
  ["damaged_from", ALICE],
  ["set_aside_from", ALICE],
  ["erasing_from", "admin sweep"],
  ["disconnecting_from", `admin disconnect ${ALICE}`],
  ["erased_to", BOB],
  ["moved_to", "there"],
  ["damaged_to", BOB],
  ["erasing_to", "admin sweep"],
  ["disconnecting_to", `admin disconnect ${BOB}`],
  ["attributes_too_large", "8,192"],
  ["other_move", "admin move there elsewhere"],
])("%s is one sentence that says what can be done", (reason, words) => {
  const told = whyNotMoved(new MoveRefusedError(reason, "there", "elsewhere"), pair);
  expect(told).toMatch(/^nothing was moved: [^\n.]+(?:\.md)?$/);
  expect(told).toContain(words);
});

test.each([
  [new InternalError("cipher_denied"), "operatorRoleArns"],
  [new InternalError("ciphertext_rejected"), "ciphertext_rejected"],
  [new UnavailableError("store_unavailable", { cause: new Error("arn") }), "arn; run the same"],
  [new InternalError("store_denied"), "run the same command again"],
  [new TypeError("bug"), "bug"],
])("%p says how to go on", (error, words) => {
  expect(whyNotMoved(error, pair)).toContain(words);
});

test("who meets a locked item is told which move it is", () => {
  expect(unfinishedMove(pair).message).toContain(`admin move ${ALICE} ${BOB}`);
});
