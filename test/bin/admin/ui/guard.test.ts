/** Who may ask the operator's screen, as the browser says it. */
import { refusalOf } from "../../../../bin/admin/ui/guard";
import { createKeys } from "../../../../bin/admin/ui/key";

const ORIGIN = "http://127.0.0.1:4100";
const OWN = { host: "127.0.0.1:4100", "sec-fetch-site": "same-origin", origin: ORIGIN };
const KEYED = { ...OWN, authorization: "Bearer the-key" };
const JSON_TYPE = { "content-type": "application/json" };

const status = (method: string, path: string, headers: Record<string, string>) =>
  refusalOf({ method, path, headers }, ORIGIN, (key) => key === "the-key")?.status;

test.each([
  ["the address, opened", "GET", "/", { host: OWN.host, "sec-fetch-site": "none" }],
  ["its own files", "GET", "/operator.js", { host: OWN.host, "sec-fetch-site": "same-origin" }],
  ["a browser that tells nothing", "GET", "/", { host: OWN.host }],
  [
    "a link on another page, which shows nothing",
    "GET",
    "/",
    { host: OWN.host, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" },
  ],
  ["the token", "POST", "/session", { ...OWN, ...JSON_TYPE }],
  ["its own question with the key", "GET", "/api/counts", KEYED],
  ["its own change with the key", "POST", "/api/act", { ...KEYED, ...JSON_TYPE }],
])("%s is let in", (_, method, path, headers) => {
  expect(status(method, path, headers)).toBeUndefined();
});

test.each<[string, string, string, Record<string, string>, number]>([
  ["a name that resolves to this machine", "GET", "/", { ...KEYED, host: "evil.test:4100" }, 421],
  ["localhost", "GET", "/api/counts", { ...KEYED, host: "localhost:4100" }, 421],
  ["another port", "GET", "/api/counts", { ...KEYED, host: "127.0.0.1:4101" }, 421],
  ["no name", "GET", "/", {}, 421],
  [
    "another page of this machine",
    "GET",
    "/api/counts",
    { ...KEYED, "sec-fetch-site": "same-site", origin: "http://127.0.0.1:4002" },
    403,
  ],
  [
    "another page of this machine, by an image",
    "GET",
    "/icon.svg",
    { host: OWN.host, "sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors" },
    403,
  ],
  [
    "a page of the internet",
    "POST",
    "/api/act",
    { ...KEYED, ...JSON_TYPE, "sec-fetch-site": "cross-site" },
    403,
  ],
  ["another origin", "GET", "/api/counts", { ...KEYED, origin: "http://evil.test" }, 403],
  ["the null origin", "POST", "/session", { ...OWN, ...JSON_TYPE, origin: "null" }, 403],
  [
    "data, opened by an address",
    "GET",
    "/api/user",
    { host: OWN.host, "sec-fetch-site": "none" },
    403,
  ],
  [
    "data, opened by a link",
    "GET",
    "/api/user",
    { ...KEYED, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" },
    403,
  ],
  [
    "a change without an origin",
    "POST",
    "/api/act",
    { host: OWN.host, authorization: KEYED.authorization, ...JSON_TYPE },
    403,
  ],
  ["a form", "POST", "/api/act", { ...KEYED, "content-type": "text/plain" }, 415],
  ["no key", "GET", "/api/counts", OWN, 401],
  ["a wrong key", "GET", "/api/counts", { ...OWN, authorization: "Bearer other" }, 401],
  ["a preflight", "OPTIONS", "/api/act", { ...OWN, "sec-fetch-site": "cross-site" }, 403],
])("%s is refused", (_, method, path, headers, expected) => {
  expect(status(method, path, headers)).toBe(expected);
});

test("a token works once, and a key only after it was given out", () => {
  const keys = createKeys();
  expect(keys.redeem("another")).toBeUndefined();
  const key = keys.redeem(keys.token)!;
  expect(keys.isKey(key)).toBe(true);
  expect(keys.isKey(keys.token)).toBe(false);
  expect(keys.redeem(keys.token)).toBeUndefined();
  expect(key).toMatch(/^[\w-]{43}$/);
  expect(createKeys().token).not.toBe(keys.token);
});
