/**
 * What a user can repeat is bounded, on the real stack: four instances of each function, and
 * limits small enough to meet.
 */
import type { Answer } from "@rollup-vault/local-aws/testing/http-exchange";
import type { LedgerPage } from "@rollup-vault/local-rollup-id/ledger";
import { startWorld, type World } from "./world";

jest.setTimeout(180_000);

const INSTANCES = 4;
const REFUSED_CODES = 3;
const REFRESH_TOKENS = 4;
const USERINFO = 2;
/** More than the tests before the last one need. */
const BURST = 40;
/** Loopback as well, and to the API another client. */
const ELSEWHERE = "127.0.0.2";

let world: World;

beforeAll(async () => {
  world = await startWorld({
    concurrency: INSTANCES,
    limits: {
      refusedCodesPerMinute: REFUSED_CODES,
      refreshTokensPerMinute: REFRESH_TOKENS,
      userinfoPerMinute: USERINFO,
    },
    throttle: { routes: { "PUT /me/refresh-token": { rate: 1, burst: BURST } } },
  });
});

afterAll(async () => {
  await world.close();
});

afterEach(async () => {
  await world.programme({ reset: true });
});

async function connected(name: string) {
  const person = await world.signIn(name);
  const call = (method: string, path: string, json?: unknown) =>
    world.call({ method, path, bearer: person.idToken, json });
  const connect = () => call("PUT", "/me/refresh-token", { refresh_token: person.refreshToken });
  expect((await connect()).status).toBe(200);
  return {
    ...person,
    call,
    connect,
    token: (json?: unknown) => call("POST", "/me/access-token", json),
  };
}

async function ledger(): Promise<LedgerPage> {
  return (await (await fetch(`${world.stack.outputs.issuer}/ledger`)).json()) as LedgerPage;
}

async function codeRequests(): Promise<number> {
  const { processed, not_processed: lost } = await ledger();
  return [...processed, ...lost].filter(({ grant_type: grant }) => grant === "authorization_code")
    .length;
}

const signInByCode = async (code: string, from?: string): Promise<Answer> => {
  const json = { code, redirect_uri: world.stack.outputs.redirectUri };
  return await world.call({ method: "POST", path: "/sessions", json, ...(from && { from }) });
};

function expectTooMany({ status, body, headers }: Answer): void {
  expect([status, body.code, body.action, body.retryable]).toEqual([
    429,
    "too_many_requests",
    "retry",
    true,
  ]);
  expect(headers["retry-after"]).toBe(String(body.retry_after));
}

test("F4: a hundred calls that ask for more than any token lives make one token request, and the history keeps all else", async () => {
  const user = await connected("Insatiable");
  const before = await world.refreshes();
  for (let call = 0; call < 100; call += 1) {
    expect((await user.token({ min_validity: 86_400 })).status).toBe(200);
  }
  expect((await world.refreshes()) - before).toBe(1);
  const { body } = await user.call("GET", "/me/refresh-token");
  expect(body.history).toMatchObject([{ outcome: "stored" }, { outcome: "exchanged" }]);
});

test("F5: junk codes from one address use up its own budget, and somebody elsewhere signs in all the same", async () => {
  const before = await codeRequests();
  const answers: Answer[] = [];
  for (let call = 0; call < 50; call += 1) {
    // Of the form that the provider's have: what is of no possible form costs nothing.
    answers.push(await signInByCode(`0x${String(call).padStart(48, "0")}`));
  }
  const asked = (await codeRequests()) - before;
  // One after the other they meet one instance, or a few more where one is slow to be free again.
  expect(asked).toBeLessThanOrEqual(REFUSED_CODES * INSTANCES);
  expect(asked).toBeGreaterThanOrEqual(REFUSED_CODES);
  // Rollup ID answers an unknown code with a 500, as if it were down: that code is not tried again.
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(asked);
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused).toHaveLength(50 - asked);
  refused.forEach(expectTooMany);

  for (let call = 0; call < 50; call += 1) {
    expect((await signInByCode(`junk-${String(call)}`)).status).toBe(401);
  }
  expect((await codeRequests()) - before).toBe(asked);

  const code = await world.authorize("Bystander");
  expect((await signInByCode(code, ELSEWHERE)).status).toBe(201);
});

test("F5: sign-ins that succeed use nothing up", async () => {
  for (let call = 0; call < 4 * REFUSED_CODES * INSTANCES; call += 1) {
    const code = await world.authorize("Frequent");
    expect((await signInByCode(code, "127.0.0.3")).status).toBe(201);
  }
});

test("F5: a user who hands refresh tokens in over and over is told to slow down, and others are not", async () => {
  const user = await connected("Busy Hands");
  const answers: Answer[] = [];
  for (let call = 0; call < REFRESH_TOKENS * INSTANCES + 1; call += 1) {
    answers.push(await user.connect());
  }
  answers.filter(({ status }) => status !== 200).forEach(expectTooMany);
  expectTooMany(answers.at(-1)!);
  await connected("Calm Hands");
});

test("F5: fresh claims that are asked for over and over are the stored ones", async () => {
  const user = await connected("Curious");
  await user.call("PUT", "/me");
  const answers: Answer[] = [];
  for (let call = 0; call < USERINFO * INSTANCES + 1; call += 1) {
    answers.push(await user.call("GET", "/me?fresh=true"));
  }
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  expect(answers[0]!.body.fresh.status).toBe("ok");
  expect(answers.at(-1)!.body.fresh).toMatchObject({ status: "unavailable" });
  expect(answers.at(-1)!.body.claims.name).toBe("Curious");
});

test("F12: while one account's exchange takes its time, sixteen callers of it leave room for a bystander", async () => {
  const crowd = await connected("Crowded");
  const bystander = await connected("Bystander");
  await bystander.token();
  const { sub } = (await crowd.call("PUT", "/me")).body;
  await world.programme({ token: [{ kind: "slow", delay_ms: 2_500, sub }] });
  const before = await world.refreshes();
  const order: string[] = [];
  const told = async (name: string, work: Promise<Answer>) => {
    const answer = await work;
    order.push(`${name} ${String(answer.status)}`);
    return answer;
  };
  const holder = told("holder", crowd.token());
  const others = Array.from({ length: 15 }, () => told("other", crowd.token()));
  const answer = await told("bystander", bystander.token());
  expect(answer.status).toBe(200);
  // Whichever of the sixteen holds the lease: none of them has its token by now.
  expect(order).not.toContain("holder 200");
  expect(order).not.toContain("other 200");

  const answers = await Promise.all([holder, ...others]);
  expect([...new Set(answers.map(({ status }) => status))].sort()).toEqual([200, 503]);
  for (const { status, body, headers } of answers) {
    if (status === 503) {
      expect([body.code, body.action]).toEqual(["temporarily_unavailable", "retry"]);
      expect(Number(headers["retry-after"])).toBeGreaterThanOrEqual(1);
    }
  }
  expect((await crowd.token()).status).toBe(200);
  expect((await world.refreshes()) - before).toBe(1);
});

test("F5: a route that is flooded is refused by API Gateway itself, and the others are not", async () => {
  const { idToken } = await world.signIn("Flood");
  const flood = await Promise.all(
    Array.from({ length: 4 * BURST }, () =>
      world.call({ method: "PUT", path: "/me/refresh-token", bearer: idToken, json: {} }),
    ),
  );
  const refused = flood.filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThan(2 * BURST);
  expect(refused.at(-1)!.body).toEqual({ message: "Too Many Requests" });
  expect((await world.call({ method: "PUT", path: "/me", bearer: idToken })).status).toBe(201);
});
