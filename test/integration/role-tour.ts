/**
 * Every kind of write that any function makes, made by the functions themselves and recorded at
 * the front door.
 */
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { type AwsCall, AwsError, type Input } from "@rollup-vault/local-aws/aws/call";
import { sessionTokens } from "../../lambda/auth/session-token";
import { beginDisconnect, takeLease } from "../../lambda/grant/transitions";
import { POSITIONS_KEY } from "../../lambda/store/control-keys";
import type { RoleCalls } from "./role-calls";
import { type Person, type RotatingWorld, until } from "./rotating-world";

/** Requests of one function that nothing which IAM sees tells apart. */
export interface Write {
  readonly role: string;
  readonly action: string;
  /** Short: Users, RefreshTokens, Sessions. */
  readonly table: string;
  /** Of the item, where it is about no user. */
  readonly controlKey: string | undefined;
  readonly attributes: readonly string[];
  /** The first of them, as it was sent. */
  readonly input: Input;
}

const READS = /^(?:Get|BatchGet|Query|Scan|Describe)/;
const LONG_AGO_MS = 7_200_000;
const DAYS_AGO_MS = 5 * 86_400_000;

export async function recordWrites(world: RotatingWorld, calls: RoleCalls): Promise<Write[]> {
  const writes = new Map<string, Write>();
  let brokenFor: string | undefined;
  world.failAws((call, input) => {
    const write = toWrite(calls, call, input);
    if (write !== undefined) {
      const { role, action, table, controlKey, attributes } = write;
      const kind = JSON.stringify([role, action, table, controlKey, attributes]);
      writes.set(kind, writes.get(kind) ?? write);
    }
    return brokenFor !== undefined && isUpdateOf(call, brokenFor)
      ? new AwsError("InternalServerError", "programmed", 500)
      : undefined;
  });
  await useAll(world);
  await mend(world);
  await wait(world);
  await signOutEverywhere(world);
  await leaveAndComeBack(world);
  await sweepUp(world, (sub) => {
    brokenFor = sub;
  });
  world.failAws(() => undefined);
  return [...writes.values()];
}

function toWrite(calls: RoleCalls, call: AwsCall, input: Input): Write | undefined {
  const role = calls.roleOf(call);
  const { service, action, resource = "", contextLists } = call;
  if (role === undefined || service !== "dynamodb" || READS.test(action)) {
    return undefined;
  }
  const [key = ""] = contextLists["dynamodb:LeadingKeys"] ?? [];
  const table = /-Data-([A-Za-z]+?)[0-9A-F]{8}$/.exec(resource)?.[1] ?? resource;
  const attributes = [...(contextLists["dynamodb:Attributes"] ?? [])].sort();
  // Of one for each user, the class of them.
  const controlKey = key.startsWith("\u00a7") ? key.replace(/#.*/s, "") : undefined;
  return { role, action, table, controlKey, attributes, input };
}

function isUpdateOf({ action, contextLists }: AwsCall, sub: string): boolean {
  return action === "UpdateItem" && contextLists["dynamodb:LeadingKeys"]?.includes(sub) === true;
}

/** Each route that writes, and each function with a session that is due to be touched. */
async function useAll(world: RotatingWorld): Promise<void> {
  const person = await world.connect("Tour", "openid profile email");
  const { session, idToken, refreshToken } = person;
  const call = async (method: string, path: string, bearer = session, json?: unknown) => {
    const body = json === undefined ? {} : { json };
    const { status } = await world.call({ method, path, bearer, ...body });
    expect([method, path, status >= 200 && status < 300]).toEqual([method, path, true]);
  };
  await call("PUT", "/me", idToken);
  await call("PATCH", "/me", session, { attributes: { a: 1 } });
  await call("GET", "/me?fresh=true");
  await call("PUT", "/me/refresh-token", session, { refresh_token: refreshToken });
  await call("POST", "/me/access-token", session, { min_validity: 86_400 });
  for (const path of ["/me", "/me/export", "/me/refresh-token", "/sessions"]) {
    await ageSession(world, session);
    await call("GET", path);
  }
  await ageSession(world, session);
  await call("POST", "/me/access-token");
  await call("DELETE", "/me/refresh-token");
  await call("DELETE", "/sessions/current");
}

/** What cannot be read is mended by a sign-in, or erased. */
async function mend(world: RotatingWorld): Promise<void> {
  const { sub, idToken, session } = await world.connect("Damaged");
  const damage = async () => {
    await asOperator(world, "users", { sub }, { claims: 7, attributes: 7, userinfo: 7 });
  };
  for (const [method, path, bearer] of [
    ["PUT", "/me", idToken],
    ["POST", "/sessions", idToken],
    ["DELETE", "/me", session],
  ] as const) {
    await damage();
    const { status } = await world.call({ method, path, bearer });
    expect([method, path, status >= 200 && status < 300]).toEqual([method, path, true]);
  }
}

/** For an exchange that takes longer than any caller waits. */
async function wait(world: RotatingWorld): Promise<void> {
  const { sub, session } = await world.connect("Waiting");
  const expiresAt = Date.now() + 60_000;
  await world.change(sub, (grant) => takeLease(grant, { owner: "busy", expiresAt }));
  const answer = await world.call({
    method: "POST",
    path: "/me/access-token",
    bearer: session,
    json: { min_validity: 86_400 },
  });
  expect(answer.status).toBe(503);
}

async function signOutEverywhere(world: RotatingWorld): Promise<void> {
  const { session } = await world.connect("Signs Out");
  const answer = await world.call({ method: "DELETE", path: "/sessions", bearer: session });
  expect(answer.status).toBe(204);
}

async function leaveAndComeBack(world: RotatingWorld): Promise<void> {
  const { session } = await world.connect("Comes Back");
  const gone = await world.call({ method: "DELETE", path: "/me", bearer: session });
  expect(gone.status).toBe(200);
  // `iat` counts whole seconds, and the new proof must be of a later one.
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  await world.connect("Comes Back");
}

/**
 * What the sweeper and the recovery function do, with a position of the last sweep to go on from.
 */
async function sweepUp(world: RotatingWorld, breakFor: (sub?: string) => void): Promise<void> {
  const erased = await world.connect("Broken Off");
  breakFor(erased.sub);
  const { status } = await world.call({ method: "DELETE", path: "/me", bearer: erased.session });
  breakFor();
  expect(status).toBe(503);
  await world.ageErasure(erased.sub);
  const left = await world.connect("Half Disconnected");
  const longAgo = Date.now() - LONG_AGO_MS;
  await world.change(left.sub, (grant) => beginDisconnect(grant, longAgo));
  const abandoned = await world.connect("Abandoned");
  const expiresAt = Date.now() - 1_000;
  await world.change(abandoned.sub, (grant) => takeLease(grant, { owner: "dead", expiresAt }));
  await asOperator(
    world,
    "refreshTokens",
    { sub: POSITIONS_KEY },
    { erasing: "somewhere", disconnecting: "somewhere", due: "somewhere" },
  );
  await world.stack.runSchedule("Sweep");
  await until(() => isExchanged(world, abandoned));
}

async function isExchanged(world: RotatingWorld, { sub }: Person): Promise<boolean> {
  const { history } = await world.grant(sub);
  return history.some(({ by, outcome }) => by === "recovery" && outcome === "exchanged");
}

async function ageSession(world: RotatingWorld, session: string): Promise<void> {
  const tokenHash = sessionTokens.hash(session);
  const lastSeenAt = new Date(Date.now() - DAYS_AGO_MS).toISOString();
  await asOperator(world, "sessions", { tokenHash }, { lastSeenAt });
}

async function asOperator(
  { documents, stack: { outputs } }: RotatingWorld,
  table: "refreshTokens" | "sessions" | "users",
  Key: Record<string, unknown>,
  values: Readonly<Record<string, unknown>>,
): Promise<void> {
  const names = Object.keys(values);
  await documents.send(
    new UpdateCommand({
      TableName: outputs.tables[table],
      Key,
      UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(", ")}`,
      ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
      ExpressionAttributeValues: Object.fromEntries(
        Object.entries(values).map(([name, value]) => [`:${name}`, value]),
      ),
    }),
  );
}
