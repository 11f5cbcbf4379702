import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeJwt } from "jose";
import { type RollupId, startRollupId } from "../src/start";
import { createRollupIdClient, jsonOf, REDIRECT_URI } from "./rollup-id-client";

let dataFolder: string;
const running: RollupId[] = [];

beforeEach(() => {
  dataFolder = mkdtempSync(join(tmpdir(), "rollup-id-"));
});

afterEach(async () => {
  await Promise.all(
    running.splice(0).map(async ({ close }) => {
      await close();
    }),
  );
  rmSync(dataFolder, { recursive: true });
});

const start = async (options: { port?: number; dataFolder?: string } = { dataFolder }) => {
  const server = await startRollupId({ port: 0, redirectUris: [REDIRECT_URI], ...options });
  running.push(server);
  return { server, client: createRollupIdClient(server) };
};

const file = () => join(dataFolder, "rollup-id.json");

describe("a restart on the same data folder", () => {
  test("keeps issuer, client, keys and people", async () => {
    const before = await start();
    const names = ["Alice", "__proto__", "constructor"];
    const tokens = [];
    for (const name of names) {
      tokens.push(await before.client.signIn(name));
    }
    const keys = await (await before.client.get("/.well-known/jwks.json")).text();
    await before.server.close();
    const after = await start();
    expect({ ...after.server, close: null }).toEqual({ ...before.server, close: null });
    expect(await (await after.client.get("/.well-known/jwks.json")).text()).toBe(keys);
    for (const [index, name] of names.entries()) {
      const { sub } = decodeJwt((await after.client.signIn(name)).id_token);
      expect(sub).toBe(decodeJwt(tokens[index]!.id_token).sub);
    }
    const { refresh_token: token } = tokens[0]!;
    expect((await after.client.token({ refresh_token: token })).status).toBe(200);
  });

  test("knows which refresh tokens have been spent, and forgets the fault configuration", async () => {
    const before = await start();
    await before.client.faults({ rotation: "strict" });
    const { refresh_token: first } = await before.client.signIn();
    await before.client.token({ refresh_token: first });
    const { live } = await before.client.ledger("?live=1");
    await before.server.close();
    const { client } = await start();
    expect(await jsonOf(await client.get("/faults"))).toMatchObject({ rotation: "none" });
    expect((await client.ledger("?live=1")).live).toEqual(live);
    await client.faults({ rotation: "strict" });
    expect((await client.token({ refresh_token: first })).status).toBe(401);
  });
});

test("the data folder's file is its owner's alone; client id and secret have the real shapes", async () => {
  const { server } = await start();
  expect(server.clientId).toMatch(/^[0-9a-f]{32}$/);
  expect(server.clientSecret).toMatch(/^[0-9a-f]{40}$/);
  expect(statSync(file()).mode & 0o777).toBe(0o600);
});

test("another data folder is another provider, and so is none", async () => {
  const providers = [await start(), await start({}), await start({})];
  expect(new Set(providers.map(({ server }) => server.clientSecret)).size).toBe(3);
});

test("a damaged file is named, and nothing that it holds is told", async () => {
  writeFileSync(file(), '{"clientSecret": "canary"');
  const error = await start().then(
    () => undefined,
    (reason: unknown) => reason as Error,
  );
  expect(error?.message).toContain(file());
  expect(error?.message).not.toContain("canary");
  expect(readFileSync(file(), "utf8")).toContain("canary");
});

describe("the port", () => {
  async function occupy(port: number): Promise<Server> {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, "127.0.0.1", resolve));
    return other;
  }
  const leave = async (other: Server) =>
    await new Promise((resolve) => {
      other.close(resolve);
    });

  test("that is asked for is taken or refused", async () => {
    const { server } = await start({});
    await server.close();
    expect((await start({ port: server.port })).server.issuer).toBe(server.issuer);
    await expect(start({ port: server.port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  });

  test("of last time is left for another where it is taken now", async () => {
    const { server } = await start();
    await server.close();
    const other = await occupy(server.port);
    const moved = await start();
    expect(moved.server.port).not.toBe(server.port);
    expect((await moved.client.get("/faults")).status).toBe(200);
    await leave(other);
  });
});

describe("close", () => {
  test("is prompt though an answer is being held back, and a second one does no harm", async () => {
    const { server, client } = await start({});
    const { refresh_token: token } = await client.signIn();
    await client.faults({ token: [{ kind: "slow", delay_ms: 60_000 }] });
    const held = client.token({ refresh_token: token }).catch(() => "closed");
    while ((await client.ledger()).processed.length < 2) {
      // Until it has arrived.
    }
    const started = performance.now();
    await server.close();
    await server.close();
    expect(performance.now() - started).toBeLessThan(1_000);
    expect(await held).toBe("closed");
    await expect(client.get("/faults")).rejects.toThrow();
  });
});
