import { type ApiPage, startApiPage } from "../src/api-page";
import { readContract } from "../src/check/document";

const API = "http://127.0.0.1:4000";
let page: ApiPage;

beforeAll(async () => {
  page = await startApiPage(API);
});

afterAll(async () => {
  await page.close();
});

test("is a page whose scripts are there, on this machine alone", async () => {
  const html = await (await fetch(page.url)).text();
  const sources = [...html.matchAll(/(?:src|href)="(?!data:)([^"]+)"/g)].map(([, path]) => path!);
  expect(sources).toEqual(["/page.js"]);
  const script = await (await fetch(new URL("/page.js", page.url))).text();
  const paths = [...script.matchAll(/"(\/[\w.]+)"/g)].map(([, path]) => path!);
  expect(paths).toEqual(["/redoc.js", "/openapi.json"]);
  for (const path of paths) {
    expect([path, (await fetch(new URL(path, page.url))).status]).toEqual([path, 200]);
  }
});

test("the browser is told to load nothing from anywhere else", async () => {
  const policy = (await fetch(page.url)).headers.get("content-security-policy") ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/https?:|\*/);
});

test("shows the committed document, with the address of the running API", async () => {
  const document = await (await fetch(new URL("/openapi.json", page.url))).json();
  expect(document).toEqual({ ...readContract(), servers: [{ url: API }] });
});

test.each([
  ["/nothing", "GET"],
  ["/constructor", "GET"],
  ["/../package.json", "GET"],
  ["/", "POST"],
])("%s by %s is not there", async (path, method) => {
  expect((await fetch(new URL(path, page.url), { method })).status).toBe(404);
});
