import type { RecoveryTask } from "../../../lambda/ports/queues";
import { readMessage, writeMessage } from "../../../lambda/queue/message";

const HOLDER = { sub: "urn:rollupid:identity/0x01", grantId: "grant", owner: "owner" };

const TASKS: readonly RecoveryTask[] = [
  { kind: "watch", ...HOLDER },
  {
    kind: "spill",
    ...HOLDER,
    refreshToken: { ciphertext: new Uint8Array([0, 1, 255]), gen: 7 },
  },
  { kind: "take-over", ...HOLDER },
  { kind: "renew", sub: HOLDER.sub },
];

test.each(TASKS)("a task travels as it is: $kind", (task) => {
  expect(readMessage(writeMessage(task))).toEqual(task);
});

test.each([
  ["no JSON", "{"],
  ["another version", '{"v":2,"kind":"renew","sub":"s"}'],
  ["no version", '{"kind":"renew","sub":"s"}'],
  ["another kind", '{"v":1,"kind":"erase","sub":"s"}'],
  ["a member too many", '{"v":1,"kind":"renew","sub":"s","admin":true}'],
  ["a member too few", '{"v":1,"kind":"watch","sub":"s","owner":"o"}'],
  [
    "a ciphertext that is none",
    '{"v":1,"kind":"spill","sub":"s","grantId":"g","owner":"o","refreshToken":{"ciphertext":"%","gen":1}}',
  ],
  [
    "a gen that is none",
    '{"v":1,"kind":"spill","sub":"s","grantId":"g","owner":"o","refreshToken":{"ciphertext":"AA==","gen":0}}',
  ],
])("a message with %s is no task", (_, text) => {
  expect(readMessage(text)).toBeUndefined();
});
