/**
 * Users and grants come back from a backup, by the steps of the runbook ("A table that came back
 * from a backup"). The provider rotates strictly: a refresh token of the backup that was used
 * since ends its family, so every mistake shows.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DeleteCommand, PutCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import type { Answer } from "@rollup-vault/local-aws/testing/http-exchange";
import { type Person, type RotatingWorld, startRotatingWorld, until } from "./rotating-world";

jest.setTimeout(120_000);

type Item = Record<string, unknown>;
type Name = (typeof NAMES)[number];
type Restored = "users" | "refreshTokens";

/** What each did between the backup and the loss of the tables. */
const NAMES = ["spent", "unused", "disconnected", "erased"] as const;

/** For so long a function knows the switch (lambda/store/issuance.ts). */
const SWITCH_SECONDS = 5;

let world: RotatingWorld;
let people: Readonly<Record<Name, Person>>;
/** Came after the backup. */
let newcomer: Person;
let backup: Readonly<Record<Restored, readonly Item[]>>;
/** Exchanges of each person at the time of the restore. */
let before: Readonly<Record<Name, number>>;

beforeAll(async () => {
  world = await startRotatingWorld("strict");
  const connected = await Promise.all(NAMES.map((name) => world.connect(name)));
  people = Object.fromEntries(NAMES.map((name, at) => [name, connected[at]])) as typeof people;
  // Whatever is cached then, is in the backup, too.
  for (const person of connected) {
    expect((await world.freshToken(person)).status).toBe(200);
  }
  backup = { users: await world.items("users"), refreshTokens: await world.items("refreshTokens") };

  expect((await world.freshToken(people.spent)).status).toBe(200);
  expect((await world.freshToken(people.spent)).status).toBe(200);
  expect(await statusOf("DELETE", "/me/refresh-token", people.disconnected)).toBe(204);
  expect(await statusOf("DELETE", "/me", people.erased)).toBe(200);
  newcomer = await world.connect("newcomer");
  expect((await world.freshToken(newcomer)).status).toBe(200);
  const exchanges = await Promise.all(NAMES.map((name) => world.exchanges(people[name].sub)));
  before = Object.fromEntries(NAMES.map((name, at) => [name, exchanges[at]])) as typeof before;
});

afterAll(async () => {
  await world.close();
});

async function statusOf(method: string, path: string, { session }: Person): Promise<number> {
  return (await world.call({ method, path, bearer: session })).status;
}

/** What there is, cached or not. */
async function ask({ session }: Person): Promise<Answer> {
  return await world.call({ method: "POST", path: "/me/access-token", bearer: session });
}

async function exchangesSince(name: Name): Promise<number> {
  return (await world.exchanges(people[name].sub)) - before[name];
}

/** Of the local provider's access tokens, which are JWTs. */
function subjectOf({ body }: Answer): unknown {
  const [, claims = ""] = String(body.access_token).split(".");
  return (JSON.parse(Buffer.from(claims, "base64url").toString("utf8")) as Item)["sub"];
}

/** Of the runbook's command, which copies from the previous table into the restored one. */
async function copied(): Promise<readonly Item[]> {
  const runbook = readFileSync(join(__dirname, "..", "..", "docs", "runbook.md"), "utf8");
  const argument = (name: string) =>
    new RegExp(`--table-name OLD[^]*?--${name} '([^']+)'`).exec(runbook)?.[1] ?? "";
  const values = JSON.parse(argument("expression-attribute-values")) as Record<
    string,
    { S: string }
  >;
  const { Items: items = [] } = await world.documents.send(
    new ScanCommand({
      TableName: world.stack.outputs.tables.refreshTokens,
      FilterExpression: argument("filter-expression"),
      ExpressionAttributeNames: JSON.parse(argument("expression-attribute-names")) as Record<
        string,
        string
      >,
      ExpressionAttributeValues: Object.fromEntries(
        Object.entries(values).map(([name, { S: value }]) => [name, value]),
      ),
    }),
  );
  return items;
}

/**
 * As if the functions went from the previous table to the restored one: what is in both is never
 * away.
 */
async function goTo(table: Restored, items: readonly Item[]): Promise<void> {
  const TableName = world.stack.outputs.tables[table];
  const previous = await world.items(table);
  for (const Item of items) {
    await world.documents.send(new PutCommand({ TableName, Item }));
  }
  const subs = new Set(items.map(({ sub }) => sub));
  for (const { sub } of previous.filter((item) => !subs.has(item["sub"]))) {
    await world.documents.send(new DeleteCommand({ TableName, Key: { sub } }));
  }
}

test("the tables come back while all is frozen, and nobody gets a token", async () => {
  expect((await world.command.admin("freeze", "--all")).code).toBe(0);
  await until(async () => (await ask(people.unused)).body.code === "frozen");
  const ofThePrevious = await copied();
  const { disconnected, erased } = people;
  expect(ofThePrevious.map(({ sub }) => sub).toSorted()).toEqual(
    ["§issuance", `§ended#${disconnected.sub}`, `§ended#${erased.sub}`].toSorted(),
  );
  const keys = new Set(ofThePrevious.map(({ sub }) => sub));
  const ofTheBackup = backup.refreshTokens.filter(({ sub }) => !keys.has(sub));
  await goTo("users", backup.users);
  await goTo("refreshTokens", [...ofTheBackup, ...ofThePrevious]);
  // The danger: what has ended since is whole again.
  for (const { sub } of [disconnected, erased]) {
    expect(await world.item("refreshTokens", sub)).toMatchObject({ status: "active" });
  }
  // Whatever the functions knew of the switch is older than five seconds then.
  await sleep(SWITCH_SECONDS * 1_000);
  const answers = await Promise.all(Object.values(people).map(ask));
  expect(answers.filter(({ status }) => status === 200)).toEqual([]);
  expect((await ask(people.unused)).body.code).toBe("frozen");
});

test("admin restored, then the end of the freeze", async () => {
  expect((await world.command.admin("restored", "--yes")).code).toBe(0);
  expect((await world.command.admin("unfreeze", "--all")).code).toBe(0);
  await until(async () => (await ask(people.unused)).body.code !== "frozen");
});

test("who did nothing since has tokens as before, of nobody else", async () => {
  const cached = await ask(people.unused);
  const fresh = await world.freshToken(people.unused);
  expect([cached.status, fresh.status]).toEqual([200, 200]);
  expect([subjectOf(cached), subjectOf(fresh)]).toEqual([people.unused.sub, people.unused.sub]);
});

test("whose token was used since signs in again, since its refusal is in doubt", async () => {
  const { status, body } = await world.freshToken(people.spent);
  expect([status, body.reason, body.action]).toEqual([409, "in_doubt", "sign_in"]);
  const again = await world.connect("spent");
  const answer = await world.freshToken(again);
  expect([answer.status, again.sub, subjectOf(answer)]).toEqual([
    200,
    people.spent.sub,
    people.spent.sub,
  ]);
});

test("who disconnected since stays so: the token is not sent, and goes by admin disconnect", async () => {
  const { status, body } = await world.freshToken(people.disconnected);
  expect([status, body.reason]).toEqual([409, "disconnected"]);
  expect(await exchangesSince("disconnected")).toBe(0);
  const { sub } = people.disconnected;
  expect(await world.item("refreshTokens", sub)).toHaveProperty("refreshToken");
  expect((await world.command.admin("disconnect", sub)).code).toBe(0);
  expect(await world.item("refreshTokens", sub)).not.toHaveProperty("refreshToken");
});

test("who was erased since has come back, and is erased for good by admin erase", async () => {
  const { sub } = people.erased;
  expect(await statusOf("GET", "/me", people.erased)).toBe(401);
  expect(await world.item("users", sub)).toHaveProperty("claims");
  expect((await world.command.admin("erase", sub, "--yes")).code).toBe(0);
  expect(await world.item("users", sub)).not.toHaveProperty("claims");
  expect(await world.item("refreshTokens", sub)).not.toHaveProperty("refreshToken");
  expect(await exchangesSince("erased")).toBe(0);
});

test("who came after the backup has no connection, and gets one by signing in", async () => {
  const { status, body } = await ask(newcomer);
  expect([status, body.action]).toEqual([409, "sign_in"]);
  const answer = await world.freshToken(await world.connect("newcomer"));
  expect([answer.status, subjectOf(answer)]).toEqual([200, newcomer.sub]);
});
