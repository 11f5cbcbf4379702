/**
 * Valid JSON with hostile names and values, through all functions as they are deployed, over an
 * engine in this process: no 5xx, and nobody's record is worse off.
 */
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import fc from "fast-check";
import type { JsonValue } from "../../../lambda/model";
import { toGrant } from "../../../lambda/store/grant-item";
import { toRecord } from "../../../lambda/store/user-item";
import { mergePatch } from "../../../lambda/use-cases/attributes";
import { hostileRequest } from "../../support/any-event";
import { httpEvent } from "../../support/events";
import { hostileObject } from "../../support/hostile-json";
import { createInProcessDynamoDb } from "../../support/in-process-dynamodb";
import { ALICE } from "../../support/tokens";
import { createTestClock } from "../../support/users-api";
import { loadWholeApi } from "../../support/whole-api";

const RUNS = Number(process.env["FUZZ_RUNS"] ?? 1_500);
const SEED = Number(process.env["FUZZ_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const TICK = 10_000;

test(`S35: hostile JSON has an answer, no 5xx, and damages no item (${String(RUNS)} requests, seed ${String(SEED)})`, async () => {
  const clock = createTestClock();
  const stdout = jest.spyOn(process.stdout, "write").mockReturnValue(true);
  const dynamodb = createInProcessDynamoDb();
  const { documents } = dynamodb;
  const tables = {
    users: await dynamodb.createTable("Users", "sub"),
    grants: await dynamodb.createTable("Grants", "sub"),
    sessions: await dynamodb.createTable("Sessions", "tokenHash", "sub"),
  };
  const api = loadWholeApi({ documents, tables, subject: () => ALICE });
  const idToken = api.issuer.idToken();
  const authorization = `Bearer ${idToken}`;
  const refreshToken = api.issuer.refreshToken();
  const json = { "content-type": "application/json" };
  const statuses = new Map<number, number>();
  const bearers = [idToken];
  let [damaged, kept, done] = [0, 0, 0];

  const call = async (route: string, body?: object) => {
    const event = httpEvent(route, {
      headers: { ...json, authorization },
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer = await api.handle(event);
    return {
      status: answer.statusCode,
      body: JSON.parse(answer.body ?? "null") as Record<string, JsonValue>,
    };
  };

  /** A user, a connection and a session, as they are before anything hostile comes. */
  async function begin(): Promise<void> {
    await call("PUT /me");
    await call("PUT /me/refresh-token", { refresh_token: refreshToken });
    const { body } = await call("POST /sessions");
    const { token } = body["session"] as { readonly token: string };
    bearers.splice(1, 1, token);
  }

  async function itemOf(TableName: string) {
    const { Item } = await documents.send(new GetCommand({ TableName, Key: { sub: ALICE } }));
    return Item;
  }

  async function attributesOf(): Promise<JsonValue> {
    const record = toRecord(await itemOf(tables.users));
    const grant = await itemOf(tables.grants);
    const isWhole = record.user !== undefined && record.damage === undefined;
    if (!isWhole || (grant !== undefined && toGrant(grant).unreadable !== undefined)) {
      damaged += 1;
      throw new Error("damaged");
    }
    return record.user.attributes;
  }

  await begin();
  let before = await attributesOf();
  const requests = fc.tuple(
    hostileRequest(() => bearers),
    hostileObject,
  );
  await fc.assert(
    fc.asyncProperty(requests, async ([{ event, route, attributes }, said]) => {
      api.provider.userinfo = said;
      const { statusCode, body } = await api.handle(event);
      statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1);
      if (statusCode >= 500) {
        throw new Error(`${route} → ${String(statusCode)} ${String(body)}`);
      }
      // What is refused writes nothing; looked at now and then all the same.
      const after = statusCode < 300 || done % 20 === 0 ? await attributesOf() : before;
      if (attributes !== undefined && statusCode === 200) {
        kept += 1;
        expect(JSON.stringify(after)).toBe(
          JSON.stringify(mergePatch(before, attributes as JsonValue)),
        );
      }
      before = after;
      done += 1;
      clock.advance(1);
      if (JSON.stringify(after).length > 4_000 || done % 500 === 0) {
        // The record starts anew, so that what is asked is answered by more than 413 and 401.
        const none = Object.keys(after as object).map((name) => [name, null] as const);
        await call("PATCH /me", { attributes: Object.fromEntries(none) });
        await begin();
        before = await attributesOf();
      }
      if (done % TICK === 0) {
        stdout.mockClear();
        jest.mocked(Date.now).mockClear();
        api.kms.sent.length = 0;
        api.kms.answers.length = 0;
        if (RUNS > TICK) {
          process.stderr.write(
            `${String(done)} of ${String(RUNS)} requests, seed ${String(SEED)}\n`,
          );
        }
      }
    }),
    { numRuns: RUNS, seed: SEED, endOnFailure: true },
  );
  expect(damaged).toBe(0);
  // They are good for something only if they get this far.
  expect(kept).toBeGreaterThan(RUNS / 20);
  expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 201, 204, 400, 401]));
}, 36_000_000);
