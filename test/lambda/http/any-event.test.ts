import fc from "fast-check";
import type { GatewayResponse } from "../../../lambda/http/response";
import { anyEvent } from "../../support/any-event";
import { lambdaContext } from "../../support/events";
import { loadHealthHandler } from "../../support/health-handler";
import { createUsersApi } from "../../support/users-api";

const RUNS = Number(process.env["FUZZ_RUNS"] ?? 3_000);
const SEED = Number(process.env["FUZZ_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const TICK = 10_000;

/** RFC 9457 for whatever is refused; no cache, ever. */
function assertSound({ statusCode, headers, body }: GatewayResponse): void {
  const isProblem = statusCode >= 400;
  const document = JSON.parse(body ?? "null") as { status?: unknown };
  if (
    !(statusCode >= 200 && statusCode < 500) ||
    headers["cache-control"] !== "no-store" ||
    (headers["content-type"] === "application/problem+json") !== isProblem ||
    (isProblem && document.status !== statusCode)
  ) {
    throw new Error(`not an answer: ${JSON.stringify({ statusCode, headers, body })}`);
  }
}

describe("S35: whatever event comes", () => {
  let rejections: unknown[];
  const onRejection = (reason: unknown) => {
    rejections.push(reason);
  };

  beforeEach(() => {
    rejections = [];
    process.on("unhandledRejection", onRejection);
  });

  afterEach(() => {
    process.off("unhandledRejection", onRejection);
  });

  /** Doubles keep what they were called with, which a million events would make too much of. */
  function forget(done: number, lists: unknown[][]): void {
    for (const list of lists) {
      list.length = 0;
    }
    jest.mocked(Date.now).mockClear();
    jest.mocked(process.stdout.write).mockClear();
    if (RUNS > TICK) {
      process.stderr.write(`${String(done)} of ${String(RUNS)} events, seed ${String(SEED)}\n`);
    }
  }

  test(`users and health have an answer, and no 5xx (${String(RUNS)} events)`, async () => {
    jest.spyOn(process.stdout, "write").mockReturnValue(true);
    const api = createUsersApi();
    const health = loadHealthHandler();
    const good = api.issuer.idToken();
    const tokens = [good, api.issuer.accessToken(), api.issuer.refreshToken()];
    const seen = new Map<number, number>();
    let done = 0;

    await fc.assert(
      fc.asyncProperty(anyEvent(tokens), async (event) => {
        const answer = await api.handler(event, lambdaContext);
        assertSound(answer);
        assertSound(await health(event, lambdaContext));
        expectBearer(answer, event, good);
        seen.set(answer.statusCode, (seen.get(answer.statusCode) ?? 0) + 1);
        done += 1;
        if (done % TICK === 0) {
          forget(done, [api.lines, api.server.requests]);
        }
      }),
      { numRuns: RUNS, seed: SEED },
    );
    await new Promise((resolve) => setImmediate(resolve));
    expect(rejections).toEqual([]);
    expect(api.users.items.size).toBe(1);
    // The events are good for something only if they get this far.
    expect([...seen.keys()].sort()).toEqual(expect.arrayContaining([200, 201, 400, 401, 404]));
  }, 7_200_000);
});

/** Nobody gets in but by the one good token. */
function expectBearer({ statusCode }: GatewayResponse, event: unknown, good: string): void {
  if (statusCode < 300 && !JSON.stringify(event).includes(good)) {
    throw new Error(`let in: ${JSON.stringify(event)}`);
  }
}
