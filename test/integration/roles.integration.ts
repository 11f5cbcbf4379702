/**
 * A role can do what its function does and nothing more: the synthesized template's own policies,
 * judged call by call. First everything that the functions write is recorded and replayed with
 * every role; then what an attacker who is inside one of them would try.
 */
import { sessionTokens } from "../../lambda/auth/session-token";
import { SWITCH_KEY } from "../../lambda/store/control-keys";
import { createRoleCalls, type RoleCalls } from "./role-calls";
import { BESIDES, kindOf, KINDS, MARKS } from "./role-kinds";
import { recordWrites, type Write } from "./role-tour";
import { type Person, type RotatingWorld, startRotatingWorld, until } from "./rotating-world";
import { type Attempt, waysToDelete, waysToWrite } from "./ways-to-write";

jest.setTimeout(180_000);

const ROLES = [
  "AccessToken",
  "Account",
  "Health",
  "Recovery",
  "RefreshToken",
  "Sessions",
  "Sweep",
  "Users",
];
const DENIED = "AccessDeniedException";

let world: RotatingWorld;
let calls: RoleCalls;
let writes: readonly Write[];

beforeAll(async () => {
  world = await startRotatingWorld("grace");
  calls = createRoleCalls(world);
  writes = await recordWrites(world, calls);
});

afterAll(async () => {
  await world.close();
});

/** The roles that are not denied one of these calls at least. */
async function allowed(attempts: readonly Attempt[]): Promise<string[]> {
  const found: string[] = [];
  for (const role of ROLES) {
    for (const [action, input] of attempts) {
      if ((await calls.send(role, action, input)) !== DENIED) {
        found.push(role);
        break;
      }
    }
  }
  return found;
}

const table = (name: "users" | "refreshTokens" | "sessions") => world.stack.outputs.tables[name];
const text = (value: string) => ({ S: value });

describe("S54: what functions write", () => {
  test("there are these roles, and no other", () => {
    expect(calls.roles).toEqual(ROLES);
  });

  test("is this and nothing else, each by these", () => {
    const made: Record<string, string[]> = {};
    for (const write of writes) {
      const kind = kindOf(write);
      made[kind] = [...new Set([...(made[kind] ?? []), write.role])].sort();
    }
    expect(made).toEqual(KINDS);
  });

  test("replayed with every other role is denied, but for the pairs that are listed with their reason", async () => {
    const found: Record<string, string[]> = {};
    for (const write of writes) {
      const kind = kindOf(write);
      const others = (await allowed([[write.action, write.input]])).filter(
        (role) => KINDS[kind]?.includes(role) !== true,
      );
      if (others.length > 0) {
        found[kind] = others;
      }
    }
    const expected = Object.entries(BESIDES).map(([kind, { roles }]) => [kind, roles]);
    expect(found).toEqual(Object.fromEntries(expected));
  });

  test("names every attribute that the policies list, so that no list is longer than it has to be", () => {
    const listed = world.stack.deployment.functions.flatMap(({ label, statements }) =>
      statements.flatMap(({ Effect, Action, Resource, Condition }) => {
        const names = Condition?.["ForAllValues:StringEquals"]?.["dynamodb:Attributes"];
        const key = Condition?.["ForAllValues:StringLike"]?.["dynamodb:LeadingKeys"];
        return Effect === "Allow" && names !== undefined
          ? [{ role: label, action: Action, key, resource: Resource, names: [names].flat() }]
          : [];
      }),
    );
    expect(listed).toHaveLength(26);
    for (const { role, action, key, resource, names } of listed) {
      const named = writes.filter(
        (write) =>
          write.role === role &&
          `dynamodb:${write.action}` === action &&
          String(resource).endsWith(String(write.input["TableName"])) &&
          write.controlKey === (key === undefined ? undefined : String(key).replace(/#.*/s, "")) &&
          write.attributes.every((name) => names.includes(name)),
      );
      const union = [...new Set(named.flatMap(({ attributes }) => attributes))].sort();
      expect([role, action, union]).toEqual([role, action, [...names].sort()]);
    }
  });
});

describe("with the role of one function and nothing else", () => {
  let victim: Person;

  beforeAll(async () => {
    victim = await world.connect("Victim");
    expect((await world.freshToken(victim)).status).toBe(200);
  });

  test("nobody but who signs people in makes a session for a victim, or makes one the victim's, and no token is handed out for it", async () => {
    const { token, tokenHash } = sessionTokens.create();
    const soon = text(new Date(Date.now() + 3_600_000).toISOString());
    const now = text(new Date().toISOString());
    const touch = { lastSeenAt: now, idleExpiresAt: soon };
    const session = {
      ...touch,
      schemaVersion: { N: "1" },
      id: text("id"),
      sub: text(victim.sub),
      provedAt: now,
      createdAt: now,
      userAgent: text("Firefox"),
      expiresAt: { N: String(Math.floor(Date.now() / 1000) + 3_600) },
    };
    const key = { tokenHash: text(tokenHash) };
    expect(await allowed(waysToWrite(table("sessions"), key, { sub: text(victim.sub) }))).toEqual([
      "Sessions",
    ]);
    await calls.send("Sessions", "DeleteItem", { TableName: table("sessions"), Key: key });
    const others = ROLES.filter((role) => role !== "Sessions");
    const tried = waysToWrite(table("sessions"), key, session);
    for (const role of others) {
      const answers = await Promise.all(
        tried.map(([action, input]) => calls.send(role, action, input)),
      );
      expect([role, answers]).toEqual([role, tried.map(() => DENIED)]);
    }
    // What they may write: an item with no more than a touch has.
    const stub = waysToWrite(table("sessions"), key, touch)[0]?.[1] ?? {};
    const answers = await Promise.all(others.map((role) => calls.send(role, "UpdateItem", stub)));
    expect(others.filter((_, at) => answers[at] === "done")).toEqual([
      "AccessToken",
      "Account",
      "RefreshToken",
      "Users",
    ]);
    for (const [method, path] of [
      ["POST", "/me/access-token"],
      ["GET", "/me"],
      ["GET", "/sessions"],
    ] as const) {
      const { status, text: said } = await world.call({ method, path, bearer: token });
      expect([path, status, said.includes(victim.sub)]).toEqual([path, 401, false]);
    }
  });

  test("nobody freezes everybody, says that the table came back from a backup, or looks at the switch who need not", async () => {
    const at = text(new Date().toISOString());
    const key = { sub: text(SWITCH_KEY) };
    const TableName = table("refreshTokens");
    const tried = [
      ...waysToWrite(TableName, key, { frozenAt: at }),
      ...waysToWrite(TableName, key, { restoredAt: at }),
      ...waysToWrite(TableName, key, { status: text("active") }),
      ...waysToWrite(TableName, key, { due: text("x") }),
      ...waysToDelete(TableName, key),
    ];
    expect(await allowed(tried)).toEqual([]);
    expect(await allowed([["GetItem", { TableName, Key: key }]])).toEqual([]);
    const Keys = [{ sub: text(victim.sub) }, key];
    const both = { RequestItems: { [TableName]: { Keys } } };
    expect(await allowed([["BatchGetItem", both]])).toEqual(["AccessToken", "Recovery"]);
    expect((await world.freshToken(victim)).status).toBe(200);
  });

  test("nobody lifts the freeze of everybody", async () => {
    expect((await world.command.admin("freeze", "--all")).code).toBe(0);
    await until(async () => (await world.freshToken(victim)).body.code === "frozen");
    const key = { sub: text(SWITCH_KEY) };
    const tried = [
      ...waysToWrite(table("refreshTokens"), key, { frozenAt: text("x") }),
      ...waysToDelete(table("refreshTokens"), key),
    ];
    expect(await allowed(tried)).toEqual([]);
    expect(await world.item("refreshTokens", SWITCH_KEY)).toHaveProperty("frozenAt");
    expect((await world.command.admin("unfreeze", "--all")).code).toBe(0);
    await until(async () => (await world.freshToken(victim)).status === 200);
  });

  test("nobody lifts a user's freeze, and what functions write by themselves leaves it", async () => {
    const frozen = await world.connect("Frozen");
    expect((await world.command.admin("freeze", frozen.sub)).code).toBe(0);
    const key = { sub: text(frozen.sub) };
    const TableName = table("refreshTokens");
    const tried = [
      ...waysToWrite(TableName, key, { frozenAt: text("x") }),
      ...waysToWrite(TableName, key, { frozenAt: text("x"), listKey: text("active#0") }),
      ...waysToDelete(TableName, key),
    ];
    expect(await allowed(tried)).toEqual([]);
    const { session, idToken, refreshToken } = frozen;
    const json = { refresh_token: refreshToken };
    for (const call of [
      { method: "PUT", path: "/me/refresh-token", bearer: session, json },
      { method: "POST", path: "/sessions", bearer: idToken, json },
      { method: "DELETE", path: "/me/refresh-token", bearer: session },
      { method: "PUT", path: "/me/refresh-token", bearer: session, json },
      { method: "DELETE", path: "/me", bearer: session },
    ]) {
      expect((await world.call(call)).status).toBeLessThan(300);
      expect((await world.grant(frozen.sub)).frozenAt).toEqual(expect.any(Number));
    }
  });

  test("the marks of an erasure are changed by those alone who must name them", async () => {
    const erased = await world.connect("Erased");
    const call = { method: "DELETE", path: "/me", bearer: erased.session };
    expect((await world.call(call)).status).toBe(200);
    const found: Record<string, string[]> = {};
    for (const [name, { place, attribute }] of Object.entries(MARKS)) {
      const key = { sub: text(erased.sub) };
      // The ways to change it; a tombstone that is put as a whole is a kind of write of its own.
      const ways = waysToWrite(table(place), key, { [attribute]: text("x") });
      found[name] = await allowed(ways.filter(([action]) => action === "UpdateItem"));
    }
    expect(found).toEqual(
      Object.fromEntries(Object.entries(MARKS).map(([name, { roles }]) => [name, roles])),
    );
    const key = { sub: text(erased.sub) };
    const gone = [
      ...waysToDelete(table("users"), key),
      ...waysToDelete(table("refreshTokens"), key),
    ];
    expect(await allowed(gone)).toEqual([]);
  });
});
