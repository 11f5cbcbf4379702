/**
 * The page Operations of the local run: the template's dashboard over the lines of the real
 * functions, and alarms that fire by what really breaks. Minutes pass when the test says so.
 */
import { join } from "node:path";
import type { OperationsDocument } from "@rollup-vault/console/operations/document";
import { readAssembly } from "@rollup-vault/local-aws/template/assembly";
import { LIMITS_TO_TRY } from "../../local/stack-options";
import { startWorld, type World } from "./world";

jest.setTimeout(240_000);

const MINUTE_MS = 60_000;
let world: World;
let ahead = 0;
let session: string;

beforeAll(async () => {
  world = await startWorld({
    page: { port: 0, orAnyOther: false },
    limits: LIMITS_TO_TRY,
    now: () => Date.now() + ahead,
  });
});

let people = 0;

/** A new person: a failure leaves the grant of the one before waiting for seconds. */
beforeEach(async () => {
  await connect();
});

afterEach(async () => {
  await tell({ provider: null, kms: null, dynamodb: null, secretsmanager: null });
});

async function connect(): Promise<void> {
  const { idToken, refreshToken } = await world.signIn(`Operations ${String((people += 1))}`);
  const path = "/sessions";
  const json = { refresh_token: refreshToken };
  const { body } = await world.call({ method: "POST", path, bearer: idToken, json });
  session = String(body.session.token);
}

afterAll(async () => {
  await world.close();
});

async function ask(): Promise<number> {
  const json = { min_validity: 86_400 };
  const path = "/me/access-token";
  const { status } = await world.call({ method: "POST", path, bearer: session, json });
  return status;
}

/** As its page asks for it. */
async function read(minutes = 15): Promise<OperationsDocument> {
  const url = `${world.stack.outputs.pageUrl}/local/operations?minutes=${String(minutes)}`;
  return (await (await fetch(url)).json()) as OperationsDocument;
}

async function tell(changes: object): Promise<Response> {
  const { pageUrl } = world.stack.outputs;
  return await fetch(`${pageUrl}/local/neighbours`, {
    method: "POST",
    headers: { origin: pageUrl, "content-type": "application/json" },
    body: JSON.stringify(changes),
  });
}

const titlesOf = ({ widgets }: OperationsDocument) =>
  widgets.flatMap((widget) => (widget.kind === "heading" ? [] : [widget.title]));

async function firing(): Promise<Record<string, string>> {
  const { widgets } = await read();
  const alarms = widgets.flatMap((widget) => (widget.kind === "alarms" ? widget.alarms : []));
  expect(alarms.length).toBeGreaterThan(20);
  return Object.fromEntries(
    alarms
      .filter(({ state }) => state === "ALARM")
      .map(({ name, reason }) => [name.replace("RollupVault-local-", ""), reason]),
  );
}

/** Three requests a minute. */
async function pass(minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute += 1) {
    await ask();
    await ask();
    await ask();
    ahead += MINUTE_MS;
  }
}

test("the widgets are those of the synthesized dashboard, in its order and by its titles", async () => {
  const { resources } = await readAssembly(join(world.stack.dataFolder, "cdk.out"));
  const [dashboard] = resources.filter(({ type }) => type === "AWS::CloudWatch::Dashboard");
  const text = JSON.stringify(dashboard?.properties["DashboardBody"]);
  const titles = [...text.matchAll(/\\"title\\":\\"(.*?)\\"/g)].map(([, title]) => title);
  expect(titles.length).toBeGreaterThan(10);
  expect(titlesOf(await read())).toEqual(titles);
});

test("a request of the real function is a point of the graphs at once", async () => {
  expect(await ask()).toBe(200);
  const { widgets } = await read();
  const graph = widgets.find(
    (each) => each.kind === "graph" && each.title === "Requests by outcome",
  );
  const series = graph?.kind === "graph" ? graph.series : [];
  const exchanged = series.find(({ label }) => label === "exchanged");
  expect(exchanged?.points.at(-1)).toBeGreaterThan(0);
  expect(exchanged?.points).toHaveLength(45);
});

test("the provider is down: ProviderDown and UsersNotServed fire, and are OK once it is back", async () => {
  await pass(2);
  expect(await firing()).toEqual({});
  // By the same route as the button of the app's page.
  await world.programme({ down: true });
  await pass(4);
  const fired = await firing();
  expect(Object.keys(fired)).toEqual(expect.arrayContaining(["ProviderDown", "UsersNotServed"]));
  expect(fired["ProviderDown"]).toMatch(/^percent of what needs the provider: .*100, 100, 100/);
  expect(fired["UsersNotServed"]).toContain("firing: RollupVault-local-ProviderDown");
  await world.programme({ down: false });
  ahead += 6 * MINUTE_MS;
  expect(Object.keys(await firing())).not.toContain("ProviderDown");
});

test("what broke meanwhile in other ways has passed after an hour", async () => {
  ahead += 8 * 60 * MINUTE_MS;
  await world.stack.runSchedule("Sweep");
  ahead += 4 * MINUTE_MS;
  await world.stack.runSchedule("Sweep");
  ahead += 4 * MINUTE_MS;
  await world.stack.runSchedule("Sweep");
  ahead += 4 * MINUTE_MS;
  expect(Object.keys(await firing())).toEqual([]);
});

test.each([
  [{ kms: "refuses" }, "KeyDenied", 1],
  [{ kms: "fails" }, "KmsUnavailable", 4],
  [{ dynamodb: "refuses" }, "StoreDenied", 11],
  [{ dynamodb: "fails" }, "StoreUnavailable", 4],
  [{ secretsmanager: "empty" }, "ClientSecretNotReady", 1],
  [{ secretsmanager: "refuses" }, "ClientSecretNotReady", 1],
  [{ provider: "down" }, "ProviderDown", 4],
] as const)("%j fires %s by what the functions then log", async (broken, alarm, minutes) => {
  const mended = Object.fromEntries(Object.keys(broken).map((name) => [name, null]));
  expect(await (await tell(broken)).json()).toMatchObject(broken);
  await pass(minutes);
  expect(Object.keys(await firing())).toContain(alarm);
  expect(await (await tell(mended)).json()).toMatchObject(mended);
  ahead += 20 * MINUTE_MS;
  expect(Object.keys(await firing())).not.toContain(alarm);
  await connect();
  expect(await ask()).toBe(200);
});

test("each alarm leads to its article, which the page's origin has", async () => {
  const { widgets } = await read();
  const alarms = widgets.flatMap((widget) => (widget.kind === "alarms" ? widget.alarms : []));
  const { pageUrl } = world.stack.outputs;
  const text = await (await fetch(`${pageUrl}/operations/runbook`)).text();
  const missing = alarms.filter(({ article }) => {
    const [path, anchor] = article.split("#");
    return path !== "/operations/runbook" || !text.includes(`id="${String(anchor)}"`);
  });
  expect(missing).toEqual([]);
});

test.each([
  ["another origin", { origin: "http://127.0.0.1:9", "content-type": "application/json" }],
  ["no origin", { "content-type": "application/json" }],
  ["a form", { origin: "", "content-type": "text/plain" }],
])("%s breaks nothing", async (_, headers) => {
  const { pageUrl } = world.stack.outputs;
  const own =
    "origin" in headers && headers.origin === "" ? { ...headers, origin: pageUrl } : headers;
  const body = '{"kms":"fails"}';
  const answer = await fetch(`${pageUrl}/local/neighbours`, { method: "POST", headers: own, body });
  expect([answer.status, await ask()]).toEqual([403, 200]);
});

test("what is not understood changes nothing", async () => {
  expect((await tell({ kms: "explodes" })).status).toBe(400);
  expect((await tell({ everything: "fails" })).status).toBe(400);
  expect(await ask()).toBe(200);
});
