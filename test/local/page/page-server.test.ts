import { request } from "node:http";
import { openPageServer, type PageContent, type PageServer } from "../../../local/page/page-server";

const POLICY = "default-src 'none'; script-src 'self'";

const content: PageContent = {
  files: {
    "/": { contentType: "text/html; charset=utf-8", body: "<!doctype html><title>x</title>" },
    "/docs": {
      contentType: "text/html; charset=utf-8",
      body: "docs",
      contentSecurityPolicy: "default-src 'none'",
    },
  },
  documents: { "/local/activity": (query) => ({ since: query.get("since") }) },
  changes: {
    "/local/change": (body) => Promise.resolve(typeof body === "object" ? { body } : undefined),
  },
  contentSecurityPolicy: POLICY,
};

let server: PageServer;

beforeEach(async () => {
  server = await openPageServer(0);
  server.serve(content);
});

afterEach(async () => {
  await server.close();
});

/** As it is written: `fetch` would tidy the path up, and chooses the Host header itself. */
async function raw(path: string, options: { host?: string; method?: string } = {}) {
  const { port, host } = new URL(server.url);
  const headers = { host: options.host ?? host };
  return await new Promise<{ status: number; location: string | undefined }>((resolve, reject) => {
    const sent = request(
      { host: "127.0.0.1", port, path, headers, method: options.method ?? "GET" },
      (response) => {
        response.resume();
        resolve({ status: response.statusCode ?? 0, location: response.headers.location });
      },
    );
    sent.on("error", reject).end();
  });
}

test("every file comes with a policy, may be framed by nobody's cache, and is read by its own origin alone", async () => {
  const response = await fetch(server.url);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": POLICY,
    "cache-control": "no-store",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  });
  expect(response.headers.get("access-control-allow-origin")).toBeNull();
});

test("a file may have a policy of its own", async () => {
  const { headers } = await fetch(`${server.url}/docs`);
  expect(headers.get("content-security-policy")).toBe("default-src 'none'");
});

test("what a browser can unpack is sent packed, anything else as it is", async () => {
  const packed = await fetch(server.url, { headers: { "accept-encoding": "gzip" } });
  const plain = await fetch(server.url, { headers: { "accept-encoding": "identity" } });
  expect([packed, plain].map(({ headers }) => headers.get("content-encoding"))).toEqual([
    "gzip",
    null,
  ]);
  expect(await packed.text()).toBe(await plain.text());
});

test.each([
  "/../package.json",
  "/..%2fpackage.json",
  "/%2e%2e/package.json",
  "//etc/passwd",
  "/files/../../package.json",
  "/constructor",
  "/__proto__",
  "/page.html",
  "/main.ts",
])("%s is nothing: paths are names, not files", async (path) => {
  expect((await raw(path)).status).toBe(404);
});

test("a document is made when it is asked for, with the query", async () => {
  const response = await fetch(`${server.url}/local/activity?since=5`);
  expect(await response.json()).toEqual({ since: "5" });
});

test.each(["POST", "PUT", "DELETE", "OPTIONS"])("%s is refused", async (method) => {
  const response = await fetch(server.url, { method });
  expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
});

test("another name for this machine reads nothing", async () => {
  expect((await raw("/", { host: "evil.example" })).status).toBe(421);
  expect((await raw("/local/activity", { host: "evil.example" })).status).toBe(421);
});

test("localhost leads to the one origin that the API knows", async () => {
  const { port } = new URL(server.url);
  expect(await raw("/callback?code=x", { host: `localhost:${port}` })).toEqual({
    status: 308,
    location: `${server.url}/callback`,
  });
});

test("before there is anything to serve it says so", async () => {
  const early = await openPageServer(0);
  expect((await fetch(early.url)).status).toBe(503);
  await early.close();
});

describe("a change", () => {
  const send = async (headers: Record<string, string>, body = '{"a":1}') =>
    await fetch(`${server.url}/local/change`, { method: "POST", headers, body });
  const json = { "content-type": "application/json" };

  test("is made for a page of this server", async () => {
    const answer = await send({ ...json, origin: server.url });
    expect([answer.status, await answer.json()]).toEqual([200, { body: { a: 1 } }]);
  });

  test.each([
    ["of nobody", {}, 403],
    ["of another page", { ...json, origin: "http://127.0.0.1:1" }, 403],
  ])("%s is not", async (_, headers, status) => {
    expect((await send(headers)).status).toBe(status);
  });

  test("that is a form, no JSON or too long is not", async () => {
    const { url } = server;
    expect((await send({ "content-type": "text/plain", origin: url })).status).toBe(403);
    expect((await send({ ...json, origin: url }, "{")).status).toBe(400);
    expect((await send({ ...json, origin: url }, `"${"x".repeat(20_000)}"`)).status).toBe(400);
  });

  test("is made at its own path alone", async () => {
    const headers = { ...json, origin: server.url };
    const answer = await fetch(`${server.url}/docs`, { method: "POST", headers, body: "{}" });
    expect(answer.status).toBe(405);
  });
});
