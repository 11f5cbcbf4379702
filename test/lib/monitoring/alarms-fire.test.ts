/**
 * The alarms of the template that are about the functions' lines fire by their real causes, through
 * the line that the real code writes, and none fires in a quiet hour. Each alarm has a cause
 * (`causes.ts`); those that are about AWS's own metrics fire in
 * `test/integration/alarms.integration.ts`.
 */
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { LocalAlarm } from "@rollup-vault/local-aws/cloudwatch/alarms";
import {
  createMetricStore,
  type MetricStore,
} from "@rollup-vault/local-aws/cloudwatch/metric-store";
import type { Grant } from "../../../lambda/grant/grant";
import { createLogger } from "../../../lambda/platform/logger";
import type { LogEvent, LogFields } from "../../../lambda/ports/runtime";
import { createPatience } from "../../../lambda/refresh/patience";
import { createWatch } from "../../../lambda/refresh/watch";
import { failure, failWritesWhen } from "../../support/exchange-failures";
import { createWorld, SUB, type World } from "../../support/exchange-world";
import { ALICE } from "../../support/tokens";
import { alarmsSeenBy, CAUSES } from "./causes";
import {
  createWatchedWorld,
  outage,
  refusal,
  shortName,
  templateAlarms,
  withoutWindow,
} from "./watched-world";

const HOUR_MS = 3_600_000;
let alarms: readonly LocalAlarm[];
let rules: readonly string[];
const seen = new Set<string>();

beforeAll(() => {
  ({ alarms, rules } = templateAlarms());
}, 120_000);

function note(fired: ReadonlySet<string>): ReadonlySet<string> {
  fired.forEach((name) => seen.add(name));
  return fired;
}

test("in a quiet hour no alarm fires", async () => {
  const world = await createWatchedWorld(alarms);
  const { api } = world;
  const accessToken = api.issuer.accessToken();
  api.provider.token = { status: 200, body: { access_token: accessToken, token_type: "Bearer" } };
  const idToken = world.idToken();
  await world.call("PUT /me", idToken);
  await world.call("PUT /me/refresh-token", idToken, { refresh_token: api.issuer.refreshToken() });
  const { session } = await world.call("POST /sessions", idToken);
  const { token } = session as { readonly token: string };
  const served: object[] = [];
  const fired = await world.pass(60, async (minute) => {
    served.push(await world.call("POST /me/access-token", token));
    // What users do wrong is no alarm.
    await world.call("GET /me", "no token");
    if (minute % 20 === 0) {
      await world.call("POST /sessions", world.idToken());
    }
  });
  expect(served.filter((answer) => "access_token" in answer)).toHaveLength(60);
  expect([...fired]).toEqual([]);
}, 300_000);

test("what breaks around the functions fires its alarms", async () => {
  const world = await createWatchedWorld(alarms);
  const { api, breakIt, call } = world;
  const refreshToken = api.issuer.refreshToken();
  const signIn = async () => {
    const idToken = world.idToken();
    await call("PUT /me/refresh-token", idToken, { refresh_token: refreshToken });
    return idToken;
  };
  const ask = async () => await call("POST /me/access-token", world.idToken());
  const askOften = async () => {
    await Promise.all([ask(), ask(), ask(), ask()]);
  };
  const serve = () => {
    const iat = Math.floor(world.clock.now() / 1000);
    const claims = { iat, exp: iat + 3_600 };
    const body = { access_token: api.issuer.accessToken({ claims }), token_type: "Bearer" };
    api.provider.token = { status: 200, body };
  };
  /** The names that fire while `act` is done every minute. */
  const during = async (minutes: number, act: () => Promise<unknown>) => {
    const fired = [...note(await world.pass(minutes, act))];
    await world.rest();
    return fired;
  };
  await signIn();

  api.secret.text = undefined;
  expect(await during(3, ask)).toEqual(
    expect.arrayContaining(["ClientSecretNotReady", "UsersNotServed"]),
  );
  api.secret.text = "a-secret";

  await signIn();
  api.provider.token = { status: 503, body: {} };
  expect(await during(6, askOften)).toEqual(
    expect.arrayContaining(["ProviderDown", "UsersNotServed"]),
  );

  await signIn();
  serve();
  breakIt({ kms: refusal });
  const denied = await during(6, ask);
  expect(denied).toEqual(
    expect.arrayContaining(["KeyDenied", "ExchangesBurnFast", "ExchangesBurnSlow"]),
  );

  await signIn();
  breakIt({ kms: outage });
  expect(await during(5, ask)).toEqual(expect.arrayContaining(["KmsUnavailable"]));

  breakIt({ kms: refusal });
  const signingIn = async () =>
    await call("POST /sessions", world.idToken(), { refresh_token: refreshToken });
  expect(await during(5, signingIn)).toEqual(
    expect.arrayContaining(["SignInsBurnFast", "SignInsBurnSlow"]),
  );

  breakIt({ store: refusal });
  expect(await during(20, ask)).toEqual(
    expect.arrayContaining(["StoreDenied", "KeptTokensBurnFast", "KeptTokensBurnSlow"]),
  );

  breakIt({ store: outage });
  expect(await during(20, ask)).toEqual(
    expect.arrayContaining(["StoreUnavailable", "SweepFailing"]),
  );

  breakIt({ noSweep: true });
  expect(await during(20, () => Promise.resolve())).toEqual(["SweepStopped"]);

  breakIt({ isMute: true });
  expect(await during(1, async () => await call("GET /me", world.idToken()))).toEqual(["Bug"]);

  await signIn();
  const message = "invalid client credentials";
  const body = { code: "BAD_REQUEST", message, name: "RollupError", traceparent: "00-1" };
  api.provider.token = { status: 400, body };
  expect(await during(2, ask)).toEqual(
    expect.arrayContaining(["ClientRejected", "UsersNotServed"]),
  );

  await signIn();
  serve();
  await ask();
  breakIt({ storeTakesMs: 1_500 });
  expect(await during(16, ask)).toEqual(expect.arrayContaining(["SlowKeptTokens"]));

  await signIn();
  await world.documents.send(
    new UpdateCommand({
      TableName: world.tables.grants,
      Key: { sub: ALICE },
      UpdateExpression: "SET refreshToken.ciphertext = :junk",
      ExpressionAttributeValues: { ":junk": Buffer.from("moved here from elsewhere") },
    }),
  );
  expect(await during(2, ask)).toEqual(expect.arrayContaining(["DamagedData"]));

  expect(await during(15, world.recover)).toEqual(["RecoveryFailing"]);
}, 300_000);

/** What a world's log has, as the real logger writes it. */
function fires(lines: World["lines"]): ReadonlySet<string> {
  const metrics = createMetricStore();
  const now = Date.parse("2026-06-01T12:00:00Z");
  const log = createLogger({
    clock: { now: () => now },
    namespace: "RollupVault/test",
    write: metrics.addLine,
  });
  for (const { level, event, fields } of lines) {
    log[level](event as LogEvent, fields as LogFields);
  }
  return firing(metrics, now + 1_000);
}

function firing(metrics: MetricStore, now: number): ReadonlySet<string> {
  // Nothing swept here.
  const names = alarms.filter((each) => each.isFiring(metrics, now)).map(shortName);
  return note(new Set(names.filter((name) => name !== "SweepStopped")));
}

describe("what happens to a grant", () => {
  test("an answer about somebody else", async () => {
    const world = await createWorld({ rotation: "strict" });
    const accessToken = {
      accessToken: "foreign",
      tokenType: "Bearer",
      expiresAt: world.time.now() + HOUR_MS,
      scope: undefined,
    } as const;
    world.tokenEndpoint.next({
      outcome: {
        kind: "tokens",
        accessToken,
        refreshToken: "foreign",
        foreign: true,
        sub: "other",
      },
    });
    await failure(world.get());
    expect([...fires(world.lines)]).toEqual(["GrantQuarantined"]);
  });

  test("an item that comes back from a backup", async () => {
    const world = await createWorld();
    const old = await world.grant();
    await world.disconnect();
    await world.store.write(old, (await world.grant()).revision);
    world.time.advance(HOUR_MS);
    await failure(world.get());
    expect([...fires(world.lines)]).toEqual(["GrantPutBack"]);
  });

  test("hours of failures while others are served", async () => {
    const patience = createPatience();
    const world = await createWorld({ patience });
    const rest = { processed: "no", retryAfterSeconds: undefined } as const;
    for (let hours = 0; hours <= 8; hours += 1) {
      patience.noteSuccess("another", world.time.now());
      world.tokenEndpoint.next({ outcome: { kind: "failed", cause: "idp_unavailable", ...rest } });
      await failure(world.get());
      world.time.advance(HOUR_MS);
    }
    expect([...fires(world.lines)]).toContain("GrantFailing");
  });

  test("a successor that neither table nor queue takes at first", async () => {
    let isDown = false;
    const world = await createWorld({
      rotation: "strict",
      wrapStore: (store) => failWritesWhen(store, () => isDown),
    });
    const refresh = world.tokenEndpoint.refresh.bind(world.tokenEndpoint);
    world.tokenEndpoint.refresh = async (...args) => {
      const outcome = await refresh(...args);
      isDown = true;
      world.queue.isDown = true;
      return outcome;
    };
    await failure(world.get());
    expect([...fires(world.lines)]).toContain("TokenNotSpilled");
  });

  test("a transition that the protocol does not have", async () => {
    const world = await createWorld();
    const { log, clock } = world.dependencies;
    const watched = createWatch({ clock, log }).grants(world.store);
    const row = (await watched.read(SUB)) as Grant;
    await watched.write({ ...row, refreshToken: undefined } as unknown as Grant, row.revision);
    expect([...fires(world.lines)]).toEqual(["ImpossibleTransition"]);
  });
});

test("each alarm of this kind that the template has fired above", () => {
  const missing = alarmsSeenBy("lines").filter((name) => !seen.has(name));
  expect(missing).toEqual([]);
});

test("each alarm and each rule of the template has its cause, and each cause its alarm", () => {
  const named = [...alarms.map(shortName).map(withoutWindow), ...rules];
  expect([...new Set(named)].sort()).toEqual(Object.keys(CAUSES).sort());
});

test("both windows of a burn rate have fired, too", () => {
  const windows = alarms.map(shortName).filter((name) => withoutWindow(name) !== name);
  expect(windows.length).toBeGreaterThan(10);
  expect(windows.filter((name) => !seen.has(name))).toEqual([]);
});
