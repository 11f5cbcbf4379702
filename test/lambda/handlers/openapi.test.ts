import { readFileSync } from "node:fs";
import { contractFiles, DOCUMENT_FILE } from "@rollup-vault/api-contract/files";
import { httpEvent, lambdaContext } from "../../support/events";
import { loadHealthHandler } from "../../support/health-handler";

const handler = loadHealthHandler();

beforeEach(() => {
  jest.spyOn(process.stdout, "write").mockReturnValue(true);
});

async function ask(headers: Readonly<Record<string, string>> = {}) {
  return await handler(httpEvent("GET /openapi.json", { headers }), lambdaContext);
}

test("GET /openapi.json is the committed document, for caches to keep a while", async () => {
  const { statusCode, headers, body } = await ask();
  expect([statusCode, headers]).toEqual([
    200,
    {
      "cache-control": "public, max-age=300",
      "content-type": "application/json",
      etag: expect.stringMatching(/^"[\w-]{43}"$/),
      "x-content-type-options": "nosniff",
    },
  ]);
  expect(JSON.parse(body ?? "")).toEqual(JSON.parse(readFileSync(DOCUMENT_FILE, "utf8")));
});

test.each([
  ["its tag", (etag: string) => etag, 304],
  ["its tag, made weak on the way", (etag: string) => `W/${etag}`, 304],
  ["its tag among others", (etag: string) => `"other", ${etag}`, 304],
  ["a star", () => "*", 304],
  ["another tag", () => '"other"', 200],
  ["its tag without quotes", (etag: string) => etag.slice(1, -1), 200],
])("If-None-Match with %s", async (_, tagOf, status) => {
  const { etag = "" } = (await ask()).headers;
  const answer = await ask({ "if-none-match": tagOf(etag) });
  expect([answer.statusCode, answer.headers["etag"]]).toEqual([status, etag]);
  expect(answer.body === undefined).toBe(status === 304);
});

test("the committed files are what packages/api-contract/src/ says (npm run openapi writes them)", () => {
  for (const [path, text] of Object.entries(contractFiles())) {
    expect([path, flat(readFileSync(path, "utf8")) === flat(text)]).toEqual([path, true]);
  }
});

/** Without what formatting adds. */
function flat(text: string): string {
  return text.startsWith("{") ? JSON.stringify(JSON.parse(text)) : text;
}
