/**
 * The answer to one call of a service is lost, after the call took effect, and the SDK repeats the
 * call: once at each call of each route. Invariant: the caller is told what is true, and nothing
 * is done twice.
 */
import { type AwsCall, LOSE_ANSWER } from "@rollup-vault/local-aws/aws/call";
import type { Answer } from "@rollup-vault/local-aws/testing/http-exchange";
import { decodeJwt } from "jose";
import { startRotatingWorld } from "./rotating-world";
import { signed } from "./signed";
import { FAST_ENGINE, startWorld, type Tokens, type World } from "./world";

jest.setTimeout(300_000);

type Send = (
  method: string,
  path: string,
  json?: unknown,
  headers?: readonly string[],
) => Promise<Answer>;

/** A person of this run alone, and how they call. */
interface Person extends Tokens {
  readonly name: string;
  readonly as: (bearer: string | undefined) => Send;
}

interface Scenario {
  readonly name: string;
  readonly status: number;
  /** Everything before the request that is looked at. @returns that request */
  readonly prepare: (person: Person, world: World) => Promise<() => Promise<Answer>>;
  /** What must be so afterwards, besides the status. */
  readonly check?: (person: Person, answer: Answer, world: World) => Promise<void>;
}

interface Entry {
  readonly outcome: string;
}

const outcomesOf = async ({ as, idToken }: Person): Promise<string[]> => {
  const { body } = await as(idToken)("GET", "/me/refresh-token");
  return (body.history as Entry[]).map(({ outcome }) => outcome);
};

const versionOf = async ({ as, idToken }: Person): Promise<number> =>
  Number((await as(idToken)("GET", "/me")).body.version);

async function openSession({ as, idToken, refreshToken }: Person): Promise<string> {
  const { body } = await as(idToken)("POST", "/sessions", { refresh_token: refreshToken });
  return String(body.session.token);
}

async function connect({ as, idToken, refreshToken }: Person): Promise<void> {
  await as(idToken)("PUT", "/me/refresh-token", { refresh_token: refreshToken });
}

const SCENARIOS: readonly Scenario[] = [
  {
    name: "PUT /me of a new user",
    status: 201,
    prepare:
      async ({ as, idToken }) =>
      () =>
        as(idToken)("PUT", "/me"),
    check: async (person, { body }) => {
      expect([body.version, await versionOf(person)]).toEqual([1, 1]);
    },
  },
  {
    name: "PUT /me of a known user",
    status: 200,
    prepare: async ({ as, idToken }) => {
      await as(idToken)("PUT", "/me");
      return () => as(idToken)("PUT", "/me");
    },
    check: async (person, { body }) => {
      expect([body.version, await versionOf(person)]).toEqual([2, 2]);
    },
  },
  {
    name: "PATCH /me",
    status: 200,
    prepare: async ({ as, idToken }) => {
      await as(idToken)("PUT", "/me");
      return () => as(idToken)("PATCH", "/me", { attributes: { seen: 1 } });
    },
    check: async (person, { body }) => {
      expect(body).toMatchObject({ version: 2, attributes: { seen: 1 } });
      expect(await versionOf(person)).toBe(2);
    },
  },
  {
    name: "PATCH /me with If-Match",
    status: 200,
    prepare: async ({ as, idToken }) => {
      await as(idToken)("PUT", "/me");
      const ifMatch = ["if-match", '"1"'];
      return () => as(idToken)("PATCH", "/me", { attributes: { seen: 1 } }, ifMatch);
    },
    check: async (person, { body }) => {
      expect(body).toMatchObject({ version: 2, attributes: { seen: 1 } });
      expect(await versionOf(person)).toBe(2);
    },
  },
  {
    name: "GET /me?fresh=true",
    status: 200,
    prepare: async (person) => {
      await openSession(person);
      return () => person.as(person.idToken)("GET", "/me?fresh=true");
    },
    check: async (person, { body }) => {
      expect(body.fresh.status).toBe("ok");
      expect(body.version).toBe(await versionOf(person));
    },
  },
  {
    name: "GET /me by session",
    status: 200,
    prepare: async (person) => {
      const token = await openSession(person);
      return () => person.as(token)("GET", "/me");
    },
  },
  {
    name: "POST /sessions by code",
    status: 201,
    prepare: async ({ name, as }, world) => {
      const { redirectUri: redirect_uri } = world.stack.outputs;
      const json = { code: await world.authorize(name), redirect_uri };
      return () => as(undefined)("POST", "/sessions", json);
    },
    check: async (person, { body }) => {
      const token = String(body.session.token);
      expect(body.user.version).toBe(1);
      expect((await person.as(token)("GET", "/sessions")).body.sessions).toHaveLength(1);
      expect(await outcomesOf(person)).toEqual(["stored"]);
    },
  },
  {
    name: "POST /sessions by ID token with a refresh token, in the place of another session",
    status: 201,
    prepare: async (person) => {
      const { idToken, refreshToken, as } = person;
      await openSession(person);
      return () => as(idToken)("POST", "/sessions", { refresh_token: refreshToken });
    },
    check: async (person, { body }) => {
      const token = String(body.session.token);
      const { status, body: listed } = await person.as(token)("GET", "/sessions");
      expect([status, listed.sessions.length, body.user.version]).toEqual([200, 2, 2]);
    },
  },
  {
    name: "GET /sessions",
    status: 200,
    prepare: async (person) => {
      const token = await openSession(person);
      return () => person.as(token)("GET", "/sessions");
    },
  },
  {
    name: "DELETE /sessions/current",
    status: 204,
    prepare: async (person) => {
      const token = await openSession(person);
      return () => person.as(token)("DELETE", "/sessions/current");
    },
  },
  {
    name: "DELETE /sessions/{id}",
    status: 204,
    prepare: async (person) => {
      const other = await openSession(person);
      const token = await openSession(person);
      const { body } = await person.as(other)("GET", "/sessions");
      const listed = body.sessions as readonly { readonly id: string; readonly current: boolean }[];
      const id = listed.find(({ current }) => current)?.id ?? "";
      return () => person.as(token)("DELETE", `/sessions/${id}`);
    },
  },
  {
    name: "DELETE /sessions",
    status: 204,
    prepare: async (person) => {
      await openSession(person);
      const token = await openSession(person);
      return () => person.as(token)("DELETE", "/sessions");
    },
    check: async (person, _, world) => {
      const left = (await world.items("sessions")).filter(({ sub }) => sub === subOf(person));
      expect(left).toEqual([]);
    },
  },
  {
    name: "PUT /me/refresh-token",
    status: 200,
    prepare: async (person) => () =>
      person.as(person.idToken)("PUT", "/me/refresh-token", {
        refresh_token: person.refreshToken,
      }),
    check: async (person) => {
      expect(await outcomesOf(person)).toEqual(["stored"]);
    },
  },
  {
    name: "POST /me/access-token with an exchange",
    status: 200,
    prepare: async (person) => {
      await connect(person);
      return () => person.as(person.idToken)("POST", "/me/access-token");
    },
    check: async (person) => {
      expect(await outcomesOf(person)).toEqual(["stored", "exchanged"]);
    },
  },
  {
    name: "POST /me/access-token with an exchange, the client secret read anew",
    // The same secret is read again: the provider has refused it, and that is the operator's.
    status: 500,
    prepare: async (person, world) => {
      await connect(person);
      // In Rollup ID's words, and in those of RFC 6749 section 5.2.
      const body = {
        code: "BAD_REQUEST",
        message: "invalid client credentials",
        name: "RollupError",
        error: "invalid_client",
      };
      await world.programme({ token: [{ kind: "status", status: 400, body }] });
      return () => person.as(person.idToken)("POST", "/me/access-token");
    },
    check: async (person) => {
      expect(await outcomesOf(person)).toEqual(["stored", "failed"]);
    },
  },
  {
    name: "POST /me/access-token with a kept one, noted for another caller",
    status: 200,
    prepare: async (person) => {
      const token = await openSession(person);
      await person.as(token)("POST", "/me/access-token");
      return () => person.as(token)("POST", "/me/access-token");
    },
  },
  {
    name: "POST /service/access-token",
    status: 200,
    prepare: async (person, world) => {
      await connect(person);
      const body = JSON.stringify({ sub: subOf(person) });
      const request = { method: "POST", path: "/service/access-token", body };
      const headers = await signed(world, request);
      return () => world.call({ ...request, headers });
    },
    check: async (person) => {
      expect(await outcomesOf(person)).toEqual(["stored", "exchanged"]);
    },
  },
  {
    name: "DELETE /me/refresh-token",
    status: 204,
    prepare: async (person) => {
      await connect(person);
      return () => person.as(person.idToken)("DELETE", "/me/refresh-token");
    },
    check: async (person) => {
      expect(await outcomesOf(person)).toEqual(["stored", "disconnected"]);
    },
  },
  {
    name: "GET /me/export",
    status: 200,
    prepare: async (person) => {
      await openSession(person);
      return () => person.as(person.idToken)("GET", "/me/export");
    },
  },
  {
    name: "DELETE /me",
    status: 200,
    prepare: async (person) => {
      await openSession(person);
      return () => person.as(person.idToken)("DELETE", "/me");
    },
    check: async ({ as, idToken }) => {
      expect((await as(idToken)("GET", "/me")).status).toBe(401);
    },
  },
];

function subOf({ idToken }: Tokens): unknown {
  return decodeJwt(idToken).sub;
}

let people = 0;

async function personOf(world: World): Promise<Person> {
  const name = `Lost ${String((people += 1))}`;
  const tokens = await world.signIn(name);
  const as =
    (bearer: string | undefined): Send =>
    (method, path, json, headers = []) =>
      world.call({ method, path, json, headers, ...(bearer === undefined ? {} : { bearer }) });
  return { ...tokens, name, as };
}

const nameOf = ({ service, action }: AwsCall) => `${service}:${action}`;

/** Loses the answer to the `lost`th call of the request. @returns the names of the calls */
async function play(
  world: World,
  { prepare, check, status }: Scenario,
  lost: number,
): Promise<string[]> {
  const person = await personOf(world);
  const request = await prepare(person, world);
  const calls: string[] = [];
  world.failAws((call) => {
    calls.push(nameOf(call));
    return calls.length - 1 === lost ? LOSE_ANSWER : undefined;
  });
  const answer = await request();
  world.failAws(() => undefined);
  await world.programme({ reset: true });
  const told = `${calls[lost] ?? "nothing"} (${String(lost + 1)} of ${calls.join(", ")})`;
  const said: unknown = answer.status === status ? "" : answer.body;
  expect({ lost: told, status: answer.status, said }).toEqual({ lost: told, status, said: "" });
  await check?.(person, answer, world);
  return calls;
}

const NOTHING = -1;

function describeLostAnswers(world: () => World): void {
  test.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))(
    "%s: whichever answer is lost, once",
    async (_, scenario) => {
      const calls = await play(world(), scenario, NOTHING);
      expect(calls.length).toBeGreaterThan(0);
      for (const lost of calls.keys()) {
        await play(world(), scenario, lost);
      }
    },
  );
}

describe("with Rollup ID", () => {
  let running: World;

  beforeAll(async () => {
    running = await startWorld({ ...FAST_ENGINE, concurrency: 1 });
  });

  afterAll(async () => {
    await running.close();
  });

  describeLostAnswers(() => running);
});

describe("with a provider that rotates", () => {
  let running: World;

  beforeAll(async () => {
    running = await startRotatingWorld("grace");
  });

  afterAll(async () => {
    await running.close();
  });

  describeLostAnswers(() => running);
});
