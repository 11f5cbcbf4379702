import fc from "fast-check";
import {
  type ClaimRule,
  pickClaims,
  pickRecords,
  type RecordsRule,
} from "../../../lambda/idp/claims";
import { pickRollupUserinfo } from "../../../lambda/idp/profiles/rollup-identity";

const RULES: readonly ClaimRule[] = [
  { name: "name", kind: "string", maxLength: 5 },
  { name: "picture", kind: "url", maxLength: 40 },
  { name: "verified", kind: "boolean", maxLength: 0 },
];
const RECORDS: readonly RecordsRule[] = [
  { name: "accounts", maxLength: 5, maxEntries: 2, members: ["type", "id"] },
];

function pickAll(payload: Readonly<Record<string, unknown>>) {
  return { ...pickClaims(payload, RULES), ...pickRecords(payload, RECORDS) };
}

const account = { type: "email", id: "a@b" };

test.each([
  [{ name: "Alice" }, { name: "Alice" }],
  [{ name: "Alice B" }, {}],
  [{ name: "" }, {}],
  [{ name: ["Alice"] }, {}],
  [{ picture: "https://a.example/x" }, { picture: "https://a.example/x" }],
  [{ picture: "javascript:alert(1)" }, {}],
  [{ picture: "http://a.example/" }, {}],
  [{ verified: false }, { verified: false }],
  [{ verified: "true" }, { verified: true }],
  [{ verified: "false" }, { verified: false }],
  [{ verified: "TRUE" }, {}],
  [{ verified: "yes" }, {}],
  [{ verified: 1 }, {}],
  [{ accounts: [] }, { accounts: [] }],
  [{ accounts: [account, account] }, { accounts: [account, account] }],
  [{ accounts: [{ ...account, secret: "x" }] }, { accounts: [account] }],
  [{ accounts: [account, account, account] }, {}],
  [{ accounts: [account, { type: "email" }] }, {}],
  [{ accounts: [{ ...account, id: "longer" }] }, {}],
  [{ accounts: [null] }, {}],
  [{ accounts: { 0: account, length: 1 } }, {}],
  [{ other: "x", sub: "y" }, {}],
])("S23: of %p is kept %p", (payload, kept) => {
  expect(pickAll(payload)).toEqual(kept);
});

test("S23: names of an object's own machinery are neither read nor written", () => {
  const payload = JSON.parse(
    '{"__proto__":{"name":"Eve"},"constructor":"x","accounts":[{"__proto__":{"type":"a","id":"b"}}]}',
  ) as object;
  const kept = pickAll(payload as Record<string, unknown>);
  expect(kept).toEqual({});
  expect(Object.getPrototypeOf(kept)).toBe(Object.prototype);
});

test("S23: whatever comes, what is kept is on the list and within its caps", () => {
  const caps = 50 * 2 * 320 + 2_048 + 320 + 256 + 4_096;
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom("name", "type", "erc_4337", "x"), fc.jsonValue()),
      (answer) => {
        const kept = pickRollupUserinfo(answer);
        const known = ["name", "picture", "email", "type", "connected_accounts", "erc_4337"];
        expect(Object.keys(kept).filter((name) => !known.includes(name))).toEqual([]);
        expect(JSON.stringify(kept).length).toBeLessThan(caps);
      },
    ),
  );
});

test("F13: text with a surrogate by itself is left out, and the rest is kept", () => {
  const claims = {
    name: "\ud800",
    email: "a@b.example",
    type: "x\udfff",
    connected_accounts: [{ type: "email", identifier: "\udc00" }],
    erc_4337: [{ nickname: "\ud83d\ude00", address: "0x1" }],
  };
  expect(pickRollupUserinfo(claims)).toEqual({
    email: "a@b.example",
    erc_4337: [{ nickname: "\ud83d\ude00", address: "0x1" }],
  });
});
