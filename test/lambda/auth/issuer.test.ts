/** `iss` is compared by itself here: whatever judges a whole token would hide a hole in it. */
import { isAcceptedIssuer, isSpellingOf, issuersOf } from "../../../lambda/issuer";

const issuer = "https://id.example";
const acceptedIssuers = ["id.example", "https://id.example/"];

test.each([
  [issuer, undefined, true],
  [issuer, [], true],
  [issuer, acceptedIssuers, true],
  ["id.example", acceptedIssuers, true],
  ["https://id.example/", acceptedIssuers, true],
  ["id.example", undefined, false],
  ["id.example", [], false],
  ["https://stranger.example", acceptedIssuers, false],
  ["HTTPS://ID.EXAMPLE", acceptedIssuers, false],
  [["id.example"], acceptedIssuers, false],
  [undefined, acceptedIssuers, false],
])("S10: iss %j with accepted issuers %j: %p", (iss, accepted, expected) => {
  const settings = { issuer, ...(accepted && { acceptedIssuers: accepted }) };
  expect(isAcceptedIssuer(iss, settings)).toBe(expected);
});

test("the issuers are the issuer and the accepted ones, each once", () => {
  expect(issuersOf({ issuer })).toEqual([issuer]);
  expect(issuersOf({ issuer, acceptedIssuers: [issuer, "id.example"] })).toEqual([
    issuer,
    "id.example",
  ]);
});

test.each<readonly [iss: unknown, expected: boolean]>([
  ["https://op.example/x", true],
  ["http://op.example/x", true],
  ["op.example/x", true],
  ["https://op.example/x/", true],
  ["https://op.example/x//", true],
  ["https://op.example/x//y", false],
  ["https://op.example", false],
  ["https://stranger.example/x", false],
  // A scheme within it is a part of its name.
  ["op.https://example/x", false],
  ["https://https://op.example/x", false],
  [["https://op.example/x"], false],
  [undefined, false],
])("%p spells https://op.example/x otherwise, or is it: %p", (iss, expected) => {
  expect(isSpellingOf("https://op.example/x", iss)).toBe(expected);
});
