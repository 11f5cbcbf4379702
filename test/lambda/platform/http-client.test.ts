import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { createHttpClient } from "../../../lambda/platform/http-client";
import { HttpFailure, type HttpRequest } from "../../../lambda/ports/http-client";

const http = createHttpClient();
const servers: { close(): unknown; closeAllConnections?(): void }[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections?.();
    server.close();
  }
});

async function listen(server: Server, scheme = "http"): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `${scheme}://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

const serve = async (listener: RequestListener) => await listen(createServer(listener));

function request(url: string, overrides: Partial<HttpRequest> = {}): HttpRequest {
  return { method: "POST", url, body: "secret=1", timeoutMs: 2_000, maxBytes: 1_000, ...overrides };
}

async function failure(sending: Promise<unknown>): Promise<HttpFailure> {
  const error = await sending.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (error instanceof HttpFailure) {
    return error;
  }
  throw new Error("expected an HttpFailure");
}

test("sends method, headers and body, and reads status, headers and body", async () => {
  const seen: unknown[] = [];
  const url = await serve((incoming, response) => {
    incoming.setEncoding("utf8").on("data", (body) => {
      seen.push(
        incoming.method,
        incoming.headers["x-test"],
        incoming.headers["content-length"],
        body,
      );
      response.writeHead(201, { "X-Answer": "yes" }).end("done");
    });
  });
  const response = await http.send(request(url, { headers: { "x-test": "1" }, body: "ü" }));
  expect(seen).toEqual(["POST", "1", "2", "ü"]);
  expect(response).toMatchObject({ status: 201, headers: { "x-answer": "yes" } });
  expect(Buffer.from(response.body).toString()).toBe("done");
});

test.each([301, 302, 303, 307, 308])(
  "S43: a %s is an answer, and is not followed",
  async (status) => {
    let elsewhere = 0;
    const target = await serve((_, response) => {
      elsewhere += 1;
      response.end();
    });
    const url = await serve((_, response) =>
      response.writeHead(status, { location: target }).end(),
    );
    expect((await http.send(request(url))).status).toBe(status);
    expect(elsewhere).toBe(0);
  },
);

test.each([
  "http://passport.example/token",
  "http://127.0.0.1.evil.example/",
  "http://localhost.evil.example/",
  "http://10.0.0.1/",
  "http://[::2]/",
  "ftp://127.0.0.1/",
  "file:///etc/passwd",
  "passport.example",
  "",
])("S43: %p is refused before anything is sent", async (url) => {
  expect((await failure(http.send(request(url)))).sent).toBe(false);
});

test("a refused connection and a name that does not resolve were certainly not sent", async () => {
  const closed = createTcpServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => closed.once("listening", resolve));
  const { port } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  expect((await failure(http.send(request(`http://127.0.0.1:${String(port)}/`)))).sent).toBe(false);
  expect((await failure(http.send(request("https://nowhere.invalid/")))).sent).toBe(false);
});

test("S43: a certificate that nobody vouches for ends it before anything is sent", async () => {
  const folder = mkdtempSync(join(tmpdir(), "rollup-vault-tls-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  execFileSync(
    "openssl",
    [
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-days",
      "1",
      "-subj",
      "/CN=127.0.0.1",
      "-keyout",
      key,
      "-out",
      cert,
    ],
    { stdio: "ignore" },
  );
  let requests = 0;
  const server = createTlsServer(
    { key: readFileSync(key), cert: readFileSync(cert) },
    (_, response) => {
      requests += 1;
      response.end();
    },
  );
  const url = await listen(server, "https");
  expect((await failure(http.send(request(url)))).sent).toBe(false);
  expect(requests).toBe(0);
  rmSync(folder, { recursive: true });
});

test("S52: an answer that does not come within the deadline ends it, and may have been sent", async () => {
  const url = await serve(() => undefined);
  expect((await failure(http.send(request(url, { timeoutMs: 50 })))).sent).toBe(true);
});

test("S52: a body that drips is cut off at the deadline, however often a byte comes", async () => {
  const url = await serve((_, response) => {
    const timer = setInterval(() => response.write("."), 5);
    response.on("close", () => {
      clearInterval(timer);
    });
  });
  expect((await failure(http.send(request(url, { timeoutMs: 100 })))).sent).toBe(true);
});

test("S52: a body above the cap is refused, at the cap it is read", async () => {
  const url = await serve((incoming, response) =>
    response.end("x".repeat(Number(incoming.url?.slice(1)))),
  );
  expect((await http.send(request(`${url}/1000`))).body).toHaveLength(1_000);
  expect((await failure(http.send(request(`${url}/1001`)))).sent).toBe(true);
});

test("a connection that breaks in the middle of the answer is in doubt", async () => {
  const url = await serve((_, response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("half", () => response.destroy());
  });
  expect((await failure(http.send(request(url)))).sent).toBe(true);
});

test("a TLS handshake that never ends was not sent", async () => {
  const silent = createTcpServer(() => undefined);
  servers.push(silent);
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const { port } = silent.address() as AddressInfo;
  const sending = http.send(request(`https://127.0.0.1:${String(port)}/`, { timeoutMs: 50 }));
  expect((await failure(sending)).sent).toBe(false);
});

test("a header that cannot be written was not sent", async () => {
  let requests = 0;
  const url = await serve((_, response) => {
    requests += 1;
    response.end();
  });
  const sending = http.send(request(url, { headers: { "x-test": "a\r\nx-injected: 1" } }));
  expect((await failure(sending)).sent).toBe(false);
  expect(requests).toBe(0);
});

test("every request has a connection of its own", async () => {
  const ports = new Set<number | undefined>();
  const url = await serve((incoming, response) => {
    ports.add(incoming.socket.remotePort);
    response.end();
  });
  await http.send(request(url));
  await http.send(request(url));
  expect(ports.size).toBe(2);
});

/** All that a careless `console.error(error)` would print, however deep. */
const everythingIn = (error: Error) => inspect(error, { depth: null, showHidden: true });

test("S36: a failure says nothing of address, body or headers", async () => {
  const url = await serve((_, response) => response.destroy());
  const error = await failure(
    http.send(request(`${url}/canary-path`, { body: "canary", headers: { "x-test": "canary" } })),
  );
  expect(everythingIn(error)).not.toMatch(/canary|127\.0/);
  const unresolved = await failure(http.send(request("https://canary.invalid/")));
  expect(everythingIn(unresolved)).not.toMatch(/canary/);
});

test("S36: an answer that breaks HTTP leaves none of its bytes in the failure", async () => {
  const broken = createTcpServer((socket) => {
    const head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    socket.once("data", () => socket.end(`${head}ZZ{"refresh_token":"canary"}\r\n`));
  });
  servers.push(broken);
  await new Promise<void>((resolve) => broken.listen(0, "127.0.0.1", resolve));
  const { port } = broken.address() as AddressInfo;
  const error = await failure(http.send(request(`http://127.0.0.1:${String(port)}/`)));
  expect(error.sent).toBe(true);
  // Not by looking for the bytes: an error that holds them in a Buffer would print only the first
  // fifty.
  expect(Object.getOwnPropertyNames(error).sort()).toEqual(["message", "name", "sent", "stack"]);
});

describe("content codings (RFC 9110 section 8.4)", () => {
  const TEXT = JSON.stringify({ refresh_token: "successor", padding: "x".repeat(500) });
  const gzipped = gzipSync(TEXT);

  async function answered(coding: string, body: Uint8Array, maxBytes = 1_000) {
    const url = await serve((_, response) =>
      response.writeHead(200, { "content-encoding": coding }).end(body),
    );
    const response = await http.send(request(url, { maxBytes }));
    return Buffer.from(response.body).toString();
  }

  test("are not asked for", async () => {
    const seen: unknown[] = [];
    const url = await serve((incoming, response) => {
      seen.push(incoming.headers["accept-encoding"]);
      response.end();
    });
    await http.send(request(url));
    expect(seen).toEqual(["identity"]);
  });

  test.each([
    ["gzip", gzipped],
    ["x-gzip", gzipped],
    ["GZIP", gzipped],
    ["deflate", deflateSync(TEXT)],
    ["deflate", deflateRawSync(TEXT)],
    ["br", brotliCompressSync(TEXT)],
    ["identity", Buffer.from(TEXT)],
    ["gzip, br", brotliCompressSync(gzipped)],
    ["deflate, identity, gzip", gzipSync(deflateSync(TEXT))],
    // A proxy has decoded it, and left the header.
    ["gzip", Buffer.from(TEXT)],
    ["br", Buffer.from(` ${TEXT}`)],
    ["aws-chunked", Buffer.from(TEXT)],
    // All of the text, and not the end of the stream.
    ["gzip", gzipped.subarray(0, -8)],
  ])("%s that came all the same is undone", async (coding, body) => {
    expect((await answered(coding, body)).trim()).toBe(TEXT);
  });

  test("an empty body has none", async () => {
    expect(await answered("gzip", Buffer.alloc(0))).toBe("");
  });

  test.each([
    ["gzip", Buffer.concat([gzipped.subarray(0, 10), Buffer.alloc(8, 0xff)])],
    ["br", Buffer.from("<html>")],
    ["zstd", Buffer.from("(\u00b5/\u00fd", "latin1")],
    ["gzip, gzip, gzip, gzip, gzip", gzipped],
  ])("%s that cannot be undone is in doubt", async (coding, body) => {
    await expect(answered(coding, body)).rejects.toMatchObject({ name: "HttpFailure", sent: true });
  });

  test("what is decoded is capped: a few bytes may be gigabytes", async () => {
    const text = "x".repeat(1_000);
    expect(await answered("gzip", gzipSync(text))).toBe(text);
    await expect(answered("gzip", gzipSync(`${text}x`))).rejects.toThrow();
    const bomb = gzipSync(gzipSync(Buffer.alloc(50_000_000)));
    expect(bomb.length).toBeLessThan(1_000);
    await expect(answered("gzip, gzip", bomb)).rejects.toThrow();
    await expect(answered("br", brotliCompressSync(Buffer.alloc(9_000_000)))).rejects.toThrow();
  });
});

test("a byte order mark is taken away from any answer", async () => {
  const url = await serve((_, response) => response.end("\ufeff{}"));
  expect(Buffer.from((await http.send(request(url))).body)).toEqual(Buffer.from("{}"));
});

describe("which limit ended a request", () => {
  const dripping: RequestListener = (_, response) => {
    response.write("half");
  };

  test("is told: the time, the size, or none", async () => {
    const slow = await serve(dripping);
    expect((await failure(http.send(request(slow, { timeoutMs: 50 })))).limit).toBe("time");
    const large = await serve((_, response) => response.end("x".repeat(1_001)));
    expect((await failure(http.send(request(large)))).limit).toBe("size");
    const broken = await serve((_, response) => response.destroy());
    expect((await failure(http.send(request(broken)))).limit).toBeUndefined();
  });

  test("an answer that breaks off is an answer to whoever takes it so, and says by what", async () => {
    const cut = async (listener: RequestListener) => {
      const url = await serve(listener);
      const { body, truncatedBy } = await http.send(
        request(url, { timeoutMs: 200, acceptsTruncated: true }),
      );
      return [Buffer.from(body).toString(), truncatedBy];
    };
    expect(await cut(dripping)).toEqual(["half", "time"]);
    expect(await cut((_, response) => response.end("x".repeat(1_001)))).toEqual([
      "x".repeat(1_000),
      "size",
    ]);
    const breaking: RequestListener = (_, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("half", () => response.destroy());
    };
    expect(await cut(breaking)).toEqual(["half", "connection"]);
    expect(await cut((_, response) => response.end("whole"))).toEqual(["whole", undefined]);
    const silent = await serve(() => undefined);
    const sending = http.send(request(silent, { timeoutMs: 50, acceptsTruncated: true }));
    expect(await failure(sending)).toMatchObject({ sent: true, limit: "time" });
  });
});
