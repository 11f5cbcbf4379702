import { randomBytes } from "node:crypto";
import { type Envelope, open, parseEnvelope, seal } from "../../../lambda/kms/envelope";

const additionalData = randomBytes(20);
const key = { plaintext: randomBytes(32), wrapped: randomBytes(184) };

function parsed(bytes: Uint8Array): Envelope {
  const envelope = parseEnvelope(bytes);
  if (envelope === undefined) {
    throw new Error("not an envelope");
  }
  return envelope;
}

test("S38: the purpose is in the key itself, not only in what is authenticated", () => {
  const envelope = parsed(seal("secret", key, { purpose: "refresh_token", additionalData }));
  expect(open(envelope, key.plaintext, { purpose: "refresh_token", additionalData })).toBe(
    "secret",
  );
  expect(() =>
    open(envelope, key.plaintext, { purpose: "access_token", additionalData }),
  ).toThrow();
});

test("sealing leaves the data key as it is, for the second secret of the write", () => {
  const before = Buffer.from(key.plaintext);
  seal("secret", key, { purpose: "refresh_token", additionalData });
  expect(before.equals(key.plaintext)).toBe(true);
});

test("takes apart what was put together, down to the shortest secret there is", () => {
  const { wrappedKey, nonce, tag, ciphertext } = parsed(
    seal("", key, { purpose: "access_token", additionalData }),
  );
  expect(Buffer.from(wrappedKey).equals(key.wrapped)).toBe(true);
  expect([nonce.length, tag.length, ciphertext.length]).toEqual([12, 16, 0]);
});

test.each([
  ["nothing at all", Buffer.alloc(0)],
  ["another format version", Buffer.concat([Buffer.of(2, 0, 1), randomBytes(60)])],
  ["no wrapped key", Buffer.concat([Buffer.of(1, 0, 0), randomBytes(60)])],
  ["a wrapped key longer than the rest", Buffer.concat([Buffer.of(1, 255, 255), randomBytes(60)])],
  ["one byte less than nonce and tag", Buffer.concat([Buffer.of(1, 0, 32), randomBytes(59)])],
])("S37: %s is no envelope", (_, bytes) => {
  expect(parseEnvelope(bytes)).toBeUndefined();
});
