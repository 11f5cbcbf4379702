/**
 * A deployment of this version over the previous release, and back: for a while both work on the
 * same items. The provider takes a refresh token once and ends its family at a second use, so that
 * a lost or doubled exchange shows.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Answer } from "@rollup-vault/local-aws/testing/http-exchange";
import { type Item, type Person, startVersions, type VersionName, type Versions } from "./versions";

/** Two processes of each version, and some that wait. */
const CALLERS = 8;
/** Attributes of a grant that an exchange is there to change. */
const CHANGED_BY_AN_EXCHANGE = [
  "accessToken",
  "dueAt",
  "dueKey",
  "history",
  "inbox",
  "lastExchangeAt",
  "lease",
  "refreshToken",
  "revision",
  "waiting",
  "writeId",
];

let versions: Versions;

beforeAll(async () => {
  versions = await startVersions();
});

afterAll(async () => {
  await versions.close();
});

const OTHER: Readonly<Record<VersionName, VersionName>> = { old: "new", new: "old" };

/** The cached access token has expired: it has to be a new one, by one token request. */
async function exchange(version: VersionName, person: Person): Promise<void> {
  await versions.expire(person);
  const before = await versions.exchanges(person);
  const { status, body } = await versions.accessToken(version, person);
  expect([status, body.token_type]).toEqual([200, "Bearer"]);
  expect((await versions.exchanges(person)) - before).toBe(1);
}

async function patch(version: VersionName, { session }: Person, attributes: Item) {
  const json = { attributes };
  return await versions.call(version, { method: "PATCH", path: "/me", bearer: session, json });
}

async function get(version: VersionName, path: string, { session }: Person): Promise<Answer> {
  return await versions.call(version, { method: "GET", path, bearer: session });
}

async function stored({ sub }: Person): Promise<Item> {
  return await versions.item("RefreshTokens", { sub });
}

test("S58: the kept release is the one that the changelog names last", () => {
  const changelog = readFileSync(join(__dirname, "..", "..", "CHANGELOG.md"), "utf8");
  const [, released] = /^## \[(\d[^\]]*)\]/m.exec(changelog) ?? [];
  expect(versions.kept.version).toBe(released);
});

test("S58: the two are two, each with the contract of its own", async () => {
  const contract = async (version: VersionName) => {
    const { body } = await versions.call(version, { method: "GET", path: "/openapi.json" });
    return JSON.stringify(body);
  };
  // What this version adds to the previous one (decision 0041).
  expect(await contract("old")).not.toContain("missing_scopes");
  expect(await contract("new")).toContain("missing_scopes");
});

describe.each(["old", "new"] as const)("S58: what the %s version wrote", (writer) => {
  const reader = OTHER[writer];
  let person: Person;

  beforeAll(async () => {
    person = await versions.connect(writer, `Of the ${writer} one`);
    expect((await patch(writer, person, { by: writer, kept: true })).status).toBe(200);
  });

  test("is the same user, connection and session for the other", async () => {
    const user = await get(reader, "/me", person);
    expect([user.status, user.body]).toEqual([200, (await get(writer, "/me", person)).body]);
    const sessions = await get(reader, "/sessions", person);
    expect([sessions.status, sessions.body.sessions]).toEqual([200, [expect.any(Object)]]);
    const { status, body } = await get(reader, "/me/refresh-token", person);
    expect([status, body.status]).toEqual([200, "active"]);
  });

  test("is exchanged and rotated by the other, and by the first again, back and forth", async () => {
    for (const version of [reader, writer, reader, writer] as const) {
      await exchange(version, person);
    }
    expect(await stored(person)).toMatchObject({ status: "active", inbox: [] });
  });

  test("is served from the cache by both, without a token request", async () => {
    const before = await versions.exchanges(person);
    const answers = [
      await versions.accessToken(reader, person),
      await versions.accessToken(writer, person),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(new Set(answers.map(({ body }) => String(body.access_token))).size).toBe(1);
    expect(await versions.exchanges(person)).toBe(before);
  });

  test("keeps what the other does not know, through its exchange and its patch", async () => {
    const before = await stored(person);
    // An attribute that this version adds to the previous one.
    expect("scopes" in before).toBe(writer === "new");
    await exchange(reader, person);
    const after = await stored(person);
    const lasting = (item: Item) =>
      Object.fromEntries(
        Object.entries(item).filter(([name]) => !CHANGED_BY_AN_EXCHANGE.includes(name)),
      );
    expect(lasting(after)).toEqual(lasting(before));
    expect(Object.keys(after).toSorted()).toEqual(Object.keys(before).toSorted());
    const user = await versions.item("Users", { sub: person.sub });
    expect((await patch(reader, person, { by: reader })).status).toBe(200);
    const patched = await versions.item("Users", { sub: person.sub });
    expect(Object.keys(patched).toSorted()).toEqual(Object.keys(user).toSorted());
    const { body } = await get(writer, "/me", person);
    expect(body.attributes).toEqual({ by: reader, kept: true });
  });

  test("is signed out, disconnected and erased by the other for both", async () => {
    const left = await versions.connect(writer, `Leaves the ${writer} one`);
    const ask = async (version: VersionName, method: string, path: string) =>
      (await versions.call(version, { method, path, bearer: left.session })).status;
    expect(await ask(reader, "DELETE", "/me/refresh-token")).toBe(204);
    expect((await versions.accessToken(writer, left)).status).toBe(409);
    expect(await ask(reader, "DELETE", "/sessions/current")).toBe(204);
    expect(await ask(writer, "GET", "/me")).toBe(401);
    const erased = await versions.connect(writer, `Erased from the ${writer} one`);
    const bearer = erased.session;
    const erase = { method: "DELETE", path: "/me", bearer };
    expect((await versions.call(reader, erase)).status).toBe(200);
    expect((await get(writer, "/me", erased)).status).toBe(401);
    expect(await stored(erased)).not.toHaveProperty("refreshToken");
  });
});

test("S44 S58: callers of both versions at once make one token request at expiry, and nothing is lost", async () => {
  const person = await versions.connect("old", "Crowd");
  await exchange("new", person);
  await versions.expire(person);
  const before = await versions.exchanges(person);
  const call = async (version: VersionName): Promise<string> => {
    const { status, body } = await versions.accessToken(version, person);
    if (status === 200) {
      return String(body.access_token);
    }
    // Sent away while the exchange lasts: the same version serves it afterwards.
    expect([status, body.code]).toEqual([503, "temporarily_unavailable"]);
    return await call(version);
  };
  const callers = Array.from({ length: CALLERS }, (_, at) => call(at % 2 === 0 ? "old" : "new"));
  expect(new Set(await Promise.all(callers)).size).toBe(1);
  expect((await versions.exchanges(person)) - before).toBe(1);
  // The family is whole: each version can go on from there.
  for (const version of ["old", "new"] as const) {
    await exchange(version, person);
  }
  expect(await stored(person)).toMatchObject({ status: "active", inbox: [] });
});
