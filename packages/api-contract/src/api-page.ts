/**
 * The contract as a page: docs/openapi.json, rendered by Redoc from the package that also lints
 * it. Everything comes from this machine.
 */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";

export interface ApiPage {
  readonly url: string;
  close(): Promise<void>;
}

interface PageFile {
  readonly type: string;
  readonly content: string | Buffer;
}

const HOST = "127.0.0.1";
const DOCUMENT = join(__dirname, "../../..", "docs", "openapi.json");
const REDOC = join(
  dirname(require.resolve("@redocly/cli/package.json")),
  "lib/chunks/redoc.standalone.js",
);

/** Redoc writes styles into the page; nothing may come from, or go to, anywhere else. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src data:; font-src data:; connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>rollup-vault: the API</title>
    <style>body { margin: 0; }</style>
    <link rel="icon" href="data:," />
  </head>
  <body>
    <main id="redoc">Loading the API's description…</main>
    <script type="module" src="/page.js"></script>
  </body>
</html>
`;

const SCRIPT = `import { init } from "/redoc.js";

const document_ = await (await fetch("/openapi.json")).json();
const options = { disableTelemetry: true, hideDownloadButtons: false };
await init(document_, options, document.getElementById("redoc"));
`;

/**
 * By path, e.g. for another server to serve. The document's relative address would be the page's
 * own here.
 */
async function apiPageFiles(apiUrl: string): Promise<Readonly<Record<string, PageFile>>> {
  const document = JSON.parse(await readFile(DOCUMENT, "utf8")) as object;
  const script = "text/javascript; charset=utf-8";
  return {
    "/": { type: "text/html; charset=utf-8", content: PAGE },
    "/page.js": { type: script, content: SCRIPT },
    "/redoc.js": { type: script, content: await readFile(REDOC) },
    "/openapi.json": {
      type: "application/json",
      content: JSON.stringify({ ...document, servers: [{ url: apiUrl }] }),
    },
  };
}

/** On any free port. */
export async function startApiPage(apiUrl: string): Promise<ApiPage> {
  const files = await apiPageFiles(apiUrl);
  const server = createServer(({ method, url = "/" }, response) => {
    const [path = "/"] = url.split("?");
    const file = Object.hasOwn(files, path) ? files[path] : undefined;
    if (file === undefined || (method !== "GET" && method !== "HEAD")) {
      response.writeHead(404, { "content-type": "text/plain" }).end("not found\n");
      return;
    }
    const headers = { "content-type": file.type, "x-content-type-options": "nosniff" };
    response.writeHead(200, { ...headers, "content-security-policy": CONTENT_SECURITY_POLICY });
    response.end(method === "HEAD" ? undefined : file.content);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, HOST, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${HOST}:${String(port)}/`,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
