/** The operator's screen over the real stack: each thing that it shows and each that it does. */
import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { OperatorScreen } from "../../bin/admin/ui/serve";
import { startWorld, type World } from "./world";

jest.setTimeout(180_000);

const ROOT = join(__dirname, "..", "..");
let world: World;
let key: string;

const screen = (): OperatorScreen => {
  const { operatorScreen } = world.stack;
  if (operatorScreen === undefined) {
    throw new Error("it is there where the page is");
  }
  return operatorScreen;
};

beforeAll(async () => {
  world = await startWorld({ page: { port: 0, orAnyOther: false } });
  key = await unlock(screen().address);
});

afterAll(async () => {
  expect(await world.leaks()).toMatchObject({ logLines: 0, bodies: 0, tables: 0 });
  await world.close();
});

async function unlock(address: string): Promise<string> {
  const { origin, hash } = new URL(address);
  const answer = await fetch(`${origin}/session`, {
    method: "POST",
    headers: { origin, "content-type": "application/json" },
    body: JSON.stringify({ token: hash.replace("#t=", "") }),
  });
  return ((await answer.json()) as { key: string }).key;
}

/** Members of the answers, each in one of them. */
interface Told {
  readonly counts: readonly { readonly status: string; readonly count: number }[];
  readonly everybody_frozen: boolean;
  readonly users: readonly object[];
  readonly grants: readonly object[];
  readonly endpoints: readonly object[];
  readonly sample: { readonly waiting: Readonly<Record<string, number>> };
  readonly next: object;
}

async function ask(path: string, query: Record<string, string> = {}) {
  const url = `${screen().origin}/api/${path}?${new URLSearchParams(query).toString()}`;
  const answer = await fetch(url, { headers: { authorization: `Bearer ${key}` } });
  expect(answer.status).toBe(200);
  return (await answer.json()) as Told;
}

async function act(path: string, body: object): Promise<number> {
  const { origin } = screen();
  const answer = await fetch(`${origin}/api/${path}`, {
    method: "POST",
    headers: { origin, authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return answer.status;
}

async function connect(name: string) {
  const { idToken, refreshToken } = await world.signIn(name);
  const { body } = await world.call({
    method: "POST",
    path: "/sessions",
    bearer: idToken,
    json: { refresh_token: refreshToken },
  });
  const session = String(body.session.token);
  const token = async () => {
    const { status, body: answer } = await world.call({
      method: "POST",
      path: "/me/access-token",
      bearer: session,
    });
    return [status, (answer.reason ?? answer.code) as unknown];
  };
  return { sub: String(body.user.sub), token };
}

const countOf = async (status: string): Promise<number> =>
  (await ask("counts")).counts.find((each) => each.status === status)?.count ?? -1;

test("it says that this is the local run", async () => {
  expect(await ask("place")).toEqual({ place: null, stage: "local" });
});

test("counts follow what becomes of a grant", async () => {
  const before = [await countOf("active"), await countOf("disconnected")];
  const { sub } = await connect("Screen Count");
  expect(await countOf("active")).toBe((before[0] ?? 0) + 1);
  await act("act", { action: "disconnect", sub, confirm: "local" });
  expect(await countOf("active")).toBe(before[0]);
  expect(await countOf("disconnected")).toBe((before[1] ?? 0) + 1);
});

test("a user is found by a part of the name, of the subject, and not by something else", async () => {
  const { sub } = await connect("Screen Sought");
  const expected = { sub, name: "Screen Sought", email: null };
  expect((await ask("search", { text: "reen sOUGHT" })).users).toMatchObject([
    { sub: expected.sub, name: expected.name },
  ]);
  expect((await ask("search", { text: sub.slice(-12) })).users).toHaveLength(1);
  expect((await ask("search", { text: "nobody at all" })).users).toEqual([]);
});

test("lists have names beside subjects, and statuses", async () => {
  const { sub } = await connect("Screen Listed");
  const { grants } = await ask("users", { status: "active" });
  expect(grants).toContainEqual(
    expect.objectContaining({ sub, name: "Screen Listed", status: "active" }),
  );
  expect((await ask("users")).grants.length).toBeGreaterThanOrEqual(grants.length);
});

test("one user: what is stored, what has happened, and what comes next comes true", async () => {
  const { sub, token } = await connect("Screen One");
  const first = await ask("user", { sub });
  expect(first.next).toMatchObject({ status: 200, reason: "refresh" });
  expect((await token())[0]).toBe(200);
  const second = await ask("user", { sub });
  expect(second).toMatchObject({
    name: "Screen One",
    next: { status: 200, reason: "kept" },
    history: [{ outcome: "stored" }, { outcome: "exchanged", by: "POST /me/access-token" }],
  });
  expect(JSON.stringify(second)).not.toMatch(/ciphertext|rvs_|eyJ/);
});

test("freeze and unfreeze reach the API, and the screen says so before", async () => {
  const { sub, token } = await connect("Screen Frozen");
  expect(await act("act", { action: "freeze", sub, confirm: "local" })).toBe(200);
  expect((await ask("user", { sub })).next).toMatchObject({ status: 403, reason: "frozen" });
  expect(await token()).toEqual([403, "frozen"]);
  expect(await act("act", { action: "unfreeze", sub, confirm: "local" })).toBe(200);
  expect((await token())[0]).toBe(200);
});

test("disconnect: the user has to sign in, as the screen says", async () => {
  const { sub, token } = await connect("Screen Disconnected");
  expect(await act("act", { action: "disconnect", sub, confirm: "local" })).toBe(200);
  expect((await ask("user", { sub })).next).toMatchObject({ status: 409, reason: "disconnected" });
  expect(await token()).toEqual([409, "disconnected"]);
});

test("erase wants the subject itself, and leaves nothing", async () => {
  const { sub, token } = await connect("Screen Erased");
  expect(await act("act", { action: "erase", sub, confirm: "local" })).toBe(409);
  expect((await token())[0]).toBe(200);
  expect(await act("act", { action: "erase", sub, confirm: sub })).toBe(200);
  expect((await token())[0]).toBe(401);
  expect(await ask("user", { sub })).toMatchObject({
    name: null,
    status: { user: null, erasure: "finished" },
    next: { status: 409 },
  });
});

test("the switch for all: nobody gets an access token until it is undone", async () => {
  const { sub } = await connect("Screen Everybody");
  expect(await act("act-on-all", { action: "freeze", confirm: "local" })).toBe(200);
  expect((await ask("counts")).everybody_frozen).toBe(true);
  expect((await ask("user", { sub })).next).toMatchObject({ reason: "issuance_frozen" });
  expect(await act("act-on-all", { action: "unfreeze", confirm: "local" })).toBe(200);
  expect((await ask("counts")).everybody_frozen).toBe(false);
});

test("the provider's health is what it answers now, and what users have met", async () => {
  const well = await ask("provider");
  expect(well.endpoints).toMatchObject([{ is_well: true }, { is_well: true }]);
  const { sub, token } = await connect("Screen Provider");
  await world.programme({ down: true });
  expect((await token())[0]).toBe(503);
  const down = await ask("provider");
  expect(down.endpoints).toMatchObject([{ status: null }, { status: null }]);
  const waiting = Object.values(down.sample.waiting);
  expect(waiting.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
  expect((await ask("user", { sub })).next).toMatchObject({ status: 503, reason: "cooling_down" });
  await world.programme({ down: false });
});

describe("rollup-vault admin ui", () => {
  async function run(outputs: object, answer: string | undefined) {
    const file = join(world.stack.dataFolder, "outputs-ui.json");
    await writeFile(file, JSON.stringify(outputs));
    const args = ["bin/rollup-vault.cjs", "admin", "--outputs", file, "ui"];
    const child = spawn(process.execPath, answer === undefined ? args : [...args, answer], {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let text = "";
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    const address = new Promise<string | undefined>((resolve) => {
      const note = (chunk: Buffer) => {
        text += chunk.toString("utf8");
        const found = /http:\/\/127\.0\.0\.1:\d+\/#t=[\w-]+/.exec(text)?.[0];
        if (found !== undefined) {
          resolve(found);
        }
      };
      child.stdout.on("data", note);
      child.stderr.on("data", note);
      void ended.then(() => {
        resolve(undefined);
      });
    });
    return { address: await address, text: () => text, ended, stop: () => child.kill("SIGINT") };
  }

  test("serves the local run by its outputs until it is ended", async () => {
    const { address = "", stop, ended } = await run(world.stack.outputs, undefined);
    const own = await unlock(address);
    const { origin } = new URL(address);
    const headers = { authorization: `Bearer ${own}` };
    expect((await fetch(`${origin}/api/counts`, { headers })).status).toBe(200);
    stop();
    await ended;
    await expect(fetch(origin)).rejects.toThrow("fetch failed");
  });

  test("shows which deployment it is, and serves nothing without a person or --yes", async () => {
    const { address, ended, text } = await run(deployed(), undefined);
    expect([address, await ended]).toEqual([undefined, 1]);
    expect(text()).toContain("stage prod, account 123456789012, region eu-central-1");
    expect(text()).toContain('type "prod", or say --yes');
  });

  test("names the deployment in its answers, too", async () => {
    const { address = "", stop, ended } = await run(deployed(), "--yes");
    const { origin } = new URL(address);
    const headers = { authorization: `Bearer ${await unlock(address)}` };
    expect(await (await fetch(`${origin}/api/place`, { headers })).json()).toEqual({
      place: { stage: "prod", account: "123456789012", region: "eu-central-1" },
      stage: "prod",
    });
    stop();
    await ended;
  });

  const deployed = () => ({
    "RollupVault-prod-Data": {
      UsersTableName: "users",
      RefreshTokensTableName: "grants",
      SessionsTableName: "sessions",
      GrantKeyArn: "arn:aws:kms:eu-central-1:123456789012:key/1",
      IdpSettings: JSON.stringify(world.stack.outputs.idpSettings),
    },
  });
});
