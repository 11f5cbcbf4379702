/** The operator's screen over HTTP, with an operator that only writes down what it was told. */
import { AdminError } from "../../../../bin/admin/admin-error";
import type { Operator } from "../../../../bin/admin/operator";
import { type OperatorScreen, serveOperatorScreen } from "../../../../bin/admin/ui/serve";
import { UnavailableError } from "../../../../lambda/errors";

const PLACE = { stage: "prod", account: "123456789012", region: "eu-central-1" };
const SUB = "urn:rollupid:identity/0xA1%/ü";

let screen: OperatorScreen;
let done: string[];

const operator = {
  counts: () => Promise.resolve([{ status: "active", count: 2, isAll: true }]),
  isFrozen: () => Promise.resolve(false),
  freeze: (sub: string) => Promise.resolve(void done.push(`freeze ${sub}`)),
  unfreeze: (sub: string) => Promise.resolve(void done.push(`unfreeze ${sub}`)),
  disconnect: () => Promise.reject(new UnavailableError("store_unavailable")),
  erase: (sub: string) => {
    done.push(`erase ${sub}`);
    return Promise.resolve({ sub, erasedAt: 0, revocation: "no_token" });
  },
  freezeAll: () => Promise.resolve(void done.push("freeze all")),
  unfreezeAll: () => Promise.reject(new AdminError("a sentence")),
  list: () => Promise.reject(new RangeError("no cursor of this list")),
} as unknown as Operator;

beforeEach(async () => {
  done = [];
  screen = await serveOperatorScreen(
    { place: PLACE, operator: () => Promise.resolve(operator) },
    0,
  );
});

afterEach(async () => {
  await screen.close();
});

async function send(path: string, options: { key?: string; body?: unknown } = {}) {
  const { key, body } = options;
  const answer = await fetch(`${screen.origin}${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      origin: screen.origin,
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  const isJson = answer.headers.get("content-type")?.includes("json") === true;
  return { status: answer.status, headers: answer.headers, body: isJson ? JSON.parse(text) : text };
}

async function unlock(): Promise<string> {
  const token = new URL(screen.address).hash.replace("#t=", "");
  return ((await send("/session", { body: { token } })).body as { key: string }).key;
}

test("the address is of this machine alone, and its token is in no request line", () => {
  expect(screen.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#t=[\w-]{43}$/);
});

test.each(["/", "/operator.js", "/operator.css", "/theme.js", "/icon.svg", "/nothing"])(
  "%s has a strict policy, is kept nowhere, and is for no other origin",
  async (path) => {
    const { headers, status } = await send(path);
    expect(status).toBe(path === "/nothing" ? 404 : 200);
    expect(headers.get("content-security-policy")).toMatch(
      /^default-src 'none'; script-src 'self'/,
    );
    expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
    expect([...headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
  },
);

test("nothing is told without the key, and the key is given out once", async () => {
  expect((await send("/api/place")).status).toBe(401);
  expect((await send("/session", { body: { token: "another" } })).status).toBe(401);
  expect((await send("/session", { body: 1 })).status).toBe(401);
  const key = await unlock();
  expect((await send("/api/place", { key })).body).toEqual({ place: PLACE, stage: "prod" });
  expect(await unlock()).toBeUndefined();
});

test.each([
  [{ action: "freeze", sub: SUB, confirm: "prod" }, `freeze ${SUB}`],
  [{ action: "unfreeze", sub: SUB, confirm: "prod" }, `unfreeze ${SUB}`],
  [{ action: "erase", sub: SUB, confirm: SUB }, `erase ${SUB}`],
])("%j is done", async (body, expected) => {
  const key = await unlock();
  expect((await send("/api/act", { key, body })).status).toBe(200);
  expect(done).toEqual([expected]);
});

test.each([
  [{ action: "freeze", sub: SUB, confirm: "dev" }, 409],
  [{ action: "freeze", sub: SUB, confirm: SUB }, 409],
  [{ action: "disconnect", sub: SUB, confirm: "" }, 409],
  [{ action: "erase", sub: SUB, confirm: "prod" }, 409],
  [{ action: "freeze", sub: SUB }, 400],
  [{ action: "explode", sub: SUB, confirm: "prod" }, 400],
  [{ action: "freeze", sub: "", confirm: "prod" }, 400],
  [{ action: "disconnect", sub: SUB, confirm: "prod" }, 502],
])("%j changes nothing: %p", async (body, status) => {
  const key = await unlock();
  expect((await send("/api/act", { key, body })).status).toBe(status);
  expect(done).toEqual([]);
});

test("everybody is frozen by the stage's name alone", async () => {
  const key = await unlock();
  const ask = async (body: object) => await send("/api/act-on-all", { key, body });
  expect((await ask({ action: "freeze", confirm: "all" })).status).toBe(409);
  expect((await ask({ action: "erase", confirm: "prod" })).status).toBe(400);
  expect(done).toEqual([]);
  expect((await ask({ action: "freeze", confirm: "prod" })).status).toBe(200);
  expect(done).toEqual(["freeze all"]);
  const refused = await ask({ action: "unfreeze", confirm: "prod" });
  expect([refused.status, refused.body]).toEqual([409, { message: "a sentence" }]);
});

test("what cannot be read is the page's fault, and says so", async () => {
  const key = await unlock();
  expect((await send("/api/users?status=unknown", { key })).status).toBe(400);
  expect((await send("/api/users?after=junk", { key })).status).toBe(400);
  expect((await send("/api/user", { key })).status).toBe(400);
  expect((await send("/api/search?text=%20", { key })).status).toBe(400);
  expect((await send("/api/act", { key, body: "x".repeat(20_000) })).status).toBe(400);
});
