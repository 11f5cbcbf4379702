/** An item that cannot be read can still be erased, ended and listed, by every route and command; one of a later version is left alone. */
import { GetCommand, NumberValue, PutCommand } from "@aws-sdk/lib-dynamodb";
import type * as operators from "../../../bin/admin/operator";
import type * as show from "../../../bin/admin/show";
import { sessionTokens } from "../../../lambda/auth/session-token";
import { byStructure } from "../../../lambda/store/by-structure";
import { damaged, damagesOf, told, type Damage } from "../../support/damages";
import { httpEvent } from "../../support/events";
import { ENGINES, startTestAws, type TestAws } from "../../support/test-aws";
import { NOW } from "../../support/tokens";
import { createTestClock, ROLLUP_SETTINGS } from "../../support/users-api";
import { loadWholeApi, type Tables } from "../../support/whole-api";

type Item = Record<string, unknown>;
type Table = keyof Tables;

const isNumber = (value: unknown): value is number => typeof value === "number";
const isSmallNumber = (value: unknown) => isNumber(value) && Number.isSafeInteger(value);
const isLater = (value: unknown) => isNumber(value) && Number.isInteger(value) && value > 1;
const isMap = (value: unknown) =>
  Object.prototype.toString.call(value) === "[object Object]" && !(value instanceof NumberValue);

/** What a user item has; what is no damage there is left out. */
const OF_USER: readonly Damage[] = [
  ...damagesOf("schemaVersion", isLater),
  ...damagesOf("claims", isMap),
  ...damagesOf("attributes", isMap),
  ...damagesOf("createdAt"),
  ...damagesOf("updatedAt"),
  ...damagesOf("claimsIat", isSmallNumber),
  ...damagesOf("claimsTokenHash", (value) => value === undefined || typeof value === "string"),
  ...damagesOf("userinfo", (value) => value === undefined),
  ...damagesOf("version"),
];

/** Of a user who has signed out everywhere: which proofs count no more. */
const OF_SIGN_OUT: readonly Damage[] = [
  ...damagesOf("signedOutAt", (value) => value === undefined),
  ...damagesOf("signedOutTokens", (value) => value === undefined || Array.isArray(value)),
];

const OF_TOMBSTONE: readonly Damage[] = [
  ...damagesOf("schemaVersion", isLater),
  // An index has it as a key, which takes text alone.
  ...damagesOf("erasedAt", (value) => value !== undefined && typeof value !== "string"),
  ...damagesOf("erasedTokens", (value) => Array.isArray(value)),
  ...damagesOf("revocation", (value) => value === undefined),
];

const OF_GRANT: readonly Damage[] = [
  ...damagesOf("schemaVersion", isLater),
  ...damagesOf("grantId", (value) => typeof value === "string"),
  ...damagesOf("revision", (value) => isSmallNumber(value) && Number(value) >= 0),
  ...damagesOf("status"),
  // An index has it as a key, which takes text alone.
  ...damagesOf("since").filter(({ value }) => typeof value === "string" && value !== ""),
  ...damagesOf("reason", (value) => value === undefined),
  ...damagesOf("refreshToken", (value) => value === undefined),
  ...damagesOf("accessToken", (value) => value === undefined),
  ...damagesOf("lease", (value) => value === undefined),
  ...damagesOf("inbox", (value) => Array.isArray(value) && value.length === 0),
  ...damagesOf("cooldown", (value) => value === undefined),
  ...damagesOf("lastExchangeAt", (value) => value === undefined),
  ...damagesOf("frozenAt", (value) => value === undefined),
  ...damagesOf("erasure", (value) => value === undefined),
  ...damagesOf("signedOut", (value) => value === undefined),
  ...damagesOf("history", (value) => Array.isArray(value) && value.length === 0),
];

const OF_SESSION: readonly Damage[] = [
  ...damagesOf("schemaVersion", isLater),
  ...damagesOf("id", (value) => typeof value === "string"),
  // The index by user has it as a key.
  { name: "sub", value: undefined },
  ...damagesOf("provedAt"),
  ...damagesOf("createdAt"),
  ...damagesOf("lastSeenAt"),
  ...damagesOf("idleExpiresAt"),
  ...damagesOf("expiresAt", (value) => isSmallNumber(value) && Number(value) >= 0),
  ...damagesOf("userAgent", (value) => typeof value === "string"),
];

let serial = 0;

for (const [engine, describeEngine] of ENGINES) {
  describeEngine(`damaged items on ${engine}`, () => {
    let aws: TestAws;
    let api: ReturnType<typeof loadWholeApi>;
    let operator: operators.Operator;
    let reports: typeof show;
    let tables: Tables;
    let clock: ReturnType<typeof createTestClock>;
    let sub = "";

    beforeAll(async () => {
      aws = await startTestAws(engine);
      tables = {
        users: await aws.createUsersTable(),
        grants: await aws.createGrantsTable(),
        sessions: await aws.createSessionsTable(),
      };
      api = loadWholeApi({ documents: aws.documents, tables, subject: () => sub });
      const { createOperator } = jest.requireActual<typeof operators>(
        "../../../bin/admin/operator",
      );
      operator = createOperator({
        tables: { users: tables.users, refreshTokens: tables.grants, sessions: tables.sessions },
        idpSettings: ROLLUP_SETTINGS,
        ...{ grantKeyArn: "arn:key", clientSecretArn: "arn:secret", recoveryQueueUrl: undefined },
        environment: {},
      });
      reports = jest.requireActual<typeof show>("../../../bin/admin/show");
    });

    afterAll(async () => {
      await aws.close();
    });

    beforeEach(() => {
      serial += 1;
      // What an instance keeps for some seconds is over by the next test.
      clock = createTestClock(NOW + serial * 60_000);
      jest.spyOn(process.stdout, "write").mockReturnValue(true);
      sub = `urn:rollupid:identity/0x${serial.toString(16).padStart(48, "0")}`;
    });

    /** An ID token of this very second. */
    function idToken(): string {
      const iat = Math.floor(clock.now() / 1000);
      return api.issuer.idToken({ claims: { sub, iat, exp: iat + 3_600 } });
    }

    async function call(route: string, bearer: string, json?: unknown) {
      const headers = { authorization: `Bearer ${bearer}`, "content-type": "application/json" };
      const body = json === undefined ? undefined : JSON.stringify(json);
      const answer = await api.handle(httpEvent(route, { headers, body }));
      return {
        status: answer.statusCode,
        body: JSON.parse(answer.body ?? "null") as Record<string, unknown>,
      };
    }

    const keyOf = (table: Table, key: string) =>
      table === "sessions" ? { tokenHash: key } : { sub: key };

    async function read(table: Table, key = sub): Promise<Item | undefined> {
      const command = new GetCommand({ TableName: tables[table], Key: keyOf(table, key) });
      return (await aws.documents.send(command)).Item;
    }

    async function put(TableName: string, item: Item): Promise<void> {
      // Whatever is in it: the marshaller would go by what an object calls its constructor.
      const Item = Object.fromEntries(
        Object.entries(item).map(([name, value]) => [name, byStructure(value)]),
      );
      await aws.documents.send(new PutCommand({ TableName, Item }));
    }

    async function spoil(table: Table, damage: Damage, key = sub): Promise<void> {
      await put(tables[table], damaged((await read(table, key)) ?? {}, damage));
    }

    /** A user with attributes and userinfo, as it was before the damage. */
    async function signUp(): Promise<string> {
      const bearer = idToken();
      api.provider.userinfo = { type: "email" };
      await call("PUT /me", bearer);
      await call("PATCH /me", bearer, { attributes: { theme: "dark" } });
      clock.advance(2_000);
      return bearer;
    }

    async function connect(): Promise<string> {
      const bearer = idToken();
      const refreshToken = api.issuer.refreshToken({ claims: { sub } });
      await call("PUT /me", bearer);
      const { status } = await call("PUT /me/refresh-token", bearer, {
        refresh_token: refreshToken,
      });
      expect(status).toBe(200);
      clock.advance(2_000);
      return bearer;
    }

    /** What the operator's commands print of it; none of them fails. */
    async function expectListed(): Promise<string> {
      const status = await operator.status(sub);
      const page = await operator.list({ status: "active", limit: 1_000, after: undefined });
      const printed = [
        reports.reportStatus(status),
        reports.reportHistory(status),
        reports.reportPage(page),
      ];
      return printed.map(({ json, lines }) => JSON.stringify([json, lines])).join("\n");
    }

    async function expectErased(bearer: string): Promise<void> {
      expect((await call("DELETE /me", bearer)).status).toBe(200);
      expect((await call("GET /me", bearer)).status).toBe(401);
      const { record } = await operator.status(sub);
      expect([record.damage, record.revocation]).toEqual([undefined, expect.any(String)]);
      clock.advance(2_000);
      const anew = await call("PUT /me", idToken());
      expect([anew.status, anew.body["attributes"]]).toEqual([201, {}]);
    }

    describe.each(OF_USER.map((damage) => [told(damage), damage] as const))(
      "a user with %s",
      (_, damage) => {
        test("is listed, exported, erased by its owner, and may sign up anew", async () => {
          const bearer = await signUp();
          await spoil("users", damage);
          expect(await expectListed()).toContain("damaged");
          const { status, body } = await call("GET /me/export", bearer);
          expect([status, body["unreadable"]]).toEqual([200, expect.any(Array)]);
          expect((await call("GET /me", bearer)).status).toBe(500);
          await expectErased(bearer);
        });

        test("is erased by the operator", async () => {
          await signUp();
          await spoil("users", damage);
          expect(await operator.erase(sub)).toMatchObject({ sub, revocation: "no_endpoint" });
          expect((await read("users"))?.["version"]).toBeUndefined();
        });

        test("is mended by its next sign-in, and what could be read is kept", async () => {
          await signUp();
          await spoil("users", damage);
          const bearer = idToken();
          const mended = await call("PUT /me", bearer);
          const attributes = damage.name === "attributes" ? {} : { theme: "dark" };
          expect([mended.status, mended.body["attributes"]]).toEqual([200, attributes]);
          expect(await call("GET /me", bearer)).toEqual(mended);
          const isAside = damage.name === "attributes" && damage.value !== undefined;
          expect((await read("users"))?.["unreadableAttributes"] !== undefined).toBe(isAside);
          expect((await call("GET /me/export", bearer)).body["unreadable"]).toEqual(
            isAside ? ["user.attributes"] : undefined,
          );
          expect((await call("PATCH /me", bearer, { attributes: { a: 1 } })).status).toBe(200);
        });
      },
    );

    describe.each(OF_SIGN_OUT.map((damage) => [told(damage), damage] as const))(
      "a user who signed out everywhere, with %s",
      (_, damage) => {
        test("is not mended, since nobody can tell which proofs count; is listed, exported and erased", async () => {
          const bearer = await signUp();
          await spoil("users", damage);
          expect(await expectListed()).toContain("damaged");
          expect((await call("GET /me", bearer)).status).toBe(500);
          expect((await call("GET /me/export", bearer)).status).toBe(200);
          await expectErased(bearer);
        });
      },
    );

    describe.each(OF_TOMBSTONE.map((damage) => [told(damage), damage] as const))(
      "a tombstone with %s",
      (_, damage) => {
        test("lets no older proof in, is listed, and is erased again", async () => {
          const bearer = await signUp();
          await call("DELETE /me", bearer);
          await spoil("users", damage);
          expect([401, 500]).toContain((await call("PUT /me", bearer)).status);
          expect((await call("GET /me", bearer)).status).not.toBe(200);
          expect(await expectListed()).toContain("damaged");
          clock.advance(2_000);
          await expectErased(idToken());
          expect((await call("PUT /me", bearer)).status).toBe(401);
        });

        test("is swept without harm, and erased by the operator", async () => {
          const bearer = await signUp();
          await call("DELETE /me", bearer);
          await spoil("users", damage);
          await operator.sweep();
          expect(await operator.erase(sub)).toMatchObject({ sub });
          expect((await operator.status(sub)).record.damage).toBeUndefined();
        });
      },
    );

    describe.each(OF_GRANT.map((damage) => [told(damage), damage] as const))(
      "a grant with %s",
      (_, damage) => {
        test("hands nothing out, is listed and exported, and is healed by a sign-in", async () => {
          const bearer = await connect();
          await spoil("grants", damage);
          const refused = await call("POST /me/access-token", bearer);
          expect([401, 403, 409]).toContain(refused.status);
          expect(await expectListed()).toContain("refresh token: ");
          const exported = await call("GET /me/export", idToken());
          expect([exported.status, exported.body["unreadable"]]).toEqual([200, ["refresh_token"]]);
          clock.advance(2_000);
          const refresh_token = api.issuer.refreshToken({ claims: { sub } });
          // What counts no more is written by who signs people in, a freeze by the operator alone.
          const isCutoff = damage.name === "erasure" || damage.name === "signedOut";
          const route = isCutoff ? "POST /sessions" : "PUT /me/refresh-token";
          const healed = await call(route, idToken(), { refresh_token });
          expect(healed.status).toBe(isCutoff ? 201 : 200);
          if (damage.name === "frozenAt") {
            expect(healed.body["status"]).toBe("frozen");
            await operator.unfreeze(sub);
            await call(route, idToken(), { refresh_token });
          }
          expect((await operator.status(sub)).grant?.unreadable).toBeUndefined();
          const { body } = await call("GET /me/refresh-token", idToken());
          expect(body["status"]).toBe("active");
        });

        test("is disconnected by its owner", async () => {
          await connect();
          await spoil("grants", damage);
          expect((await call("DELETE /me/refresh-token", idToken())).status).toBe(204);
          const item = await read("grants");
          expect([item?.["status"], item?.["refreshToken"]]).toEqual(["disconnected", undefined]);
        });

        test("is frozen, disconnected and erased by the operator, and swept", async () => {
          await connect();
          await spoil("grants", damage);
          await operator.freeze(sub);
          expect((await operator.status(sub)).grant?.frozenAt).toBeDefined();
          await operator.unfreeze(sub);
          await spoil("grants", damage);
          await operator.disconnect(sub);
          expect((await read("grants"))?.["refreshToken"]).toBeUndefined();
          await spoil("grants", damage);
          await operator.sweep();
          await operator.erase(sub);
          expect(await read("grants")).toMatchObject({ reason: "erased", history: [] });
        });
      },
    );

    test("of ten who write over one damaged item at once, each is told the truth", async () => {
      const bearer = await connect();
      await spoil("grants", { name: "status", value: "nonsense" });
      await spoil("users", { name: "version", value: "nonsense" });
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, at) =>
          at % 2 === 0 ? call("DELETE /me", bearer) : call("DELETE /me/refresh-token", bearer),
        ),
      );
      const statuses = answers.map(({ status }) => status);
      expect(statuses.filter((status) => ![200, 204, 401].includes(status))).toEqual([]);
      expect(await read("grants")).toMatchObject({ reason: "erased", status: "disconnected" });
      expect((await operator.status(sub)).record.damage).toBeUndefined();
    });

    test("a grant that begun to end and whose time cannot be read is swept all the same", async () => {
      await connect();
      await spoil("grants", { name: "status", value: "disconnecting" });
      await spoil("grants", { name: "listKey", value: "disconnecting#0" });
      await spoil("grants", { name: "since", value: "yesterday" });
      expect((await operator.plan(10)).disconnecting).toContain(sub);
      await operator.sweep();
      expect((await read("grants"))?.["status"]).toBe("disconnected");
    });

    test.each(["users", "grants"] as const)(
      "S58: an item of a later version in %s is 503 by every route, and never rewritten",
      async (table) => {
        const bearer = await connect();
        await spoil(table, { name: "schemaVersion", value: 2 });
        const before = await read(table);
        const refresh_token = api.issuer.refreshToken({ claims: { sub } });
        const answers = [
          ...(table === "users"
            ? [await call("PUT /me", bearer), await call("GET /me", bearer)]
            : []),
          ...(table === "grants"
            ? [
                await call("PUT /me/refresh-token", bearer, { refresh_token }),
                await call("POST /me/access-token", bearer),
                await call("DELETE /me/refresh-token", bearer),
              ]
            : []),
          await call("GET /me/export", bearer),
          await call("DELETE /me", bearer),
        ];
        expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 503));
        await expect(operator.erase(sub)).rejects.toMatchObject({
          reason: "unknown_schema_version",
        });
        expect(await read(table)).toEqual(before);
        // The code that can read it finishes what was begun meanwhile.
        await spoil(table, { name: "schemaVersion", value: 1 });
        expect(await operator.erase(sub)).toMatchObject({ sub });
      },
    );

    describe.each(OF_SESSION.map((damage) => [told(damage), damage] as const))(
      "a session with %s",
      (_, damage) => {
        test("is nobody's", async () => {
          const { body } = await call("POST /sessions", idToken());
          const { token } = body["session"] as { token: string };
          expect((await call("GET /me", token)).status).toBe(200);
          await spoil("sessions", damage, sessionTokens.hash(token));
          const { status, body: problem } = await call("GET /me", token);
          expect([status, problem["code"]]).toEqual([401, "invalid_token"]);
        });
      },
    );

    describe("what is about all users", () => {
      const CONTROL = { switch: "\u00a7issuance", sweep: "\u00a7sweep" };

      afterEach(async () => {
        for (const key of Object.values(CONTROL)) {
          await put(tables.grants, { sub: key });
        }
      });

      test.each(
        damagesOf("restoredAt", (value) => value === undefined).map(
          (each) => [told(each), each] as const,
        ),
      )(
        "the switch with %s lets nothing out, and the operator's next word mends it",
        async (_, damage) => {
          const bearer = await connect();
          await put(tables.grants, damaged({ sub: CONTROL.switch }, damage));
          clock.advance(10_000);
          expect((await call("POST /me/access-token", bearer)).status).toBe(503);
          await operator.restored();
          clock.advance(10_000);
          expect((await call("POST /me/access-token", bearer)).status).not.toBe(503);
        },
      );

      test.each(
        ["erasing", "disconnecting"].flatMap((list) =>
          [
            ...damagesOf(list),
            ...[{}, { shard: 99 }, { shard: 0, key: {} }, { shard: 0, key: { sub: "x" } }].map(
              (cursor) => ({
                name: list,
                value: Buffer.from(JSON.stringify(cursor)).toString("base64url"),
              }),
            ),
          ].map((each) => [told(each), each] as const),
        ),
      )("the sweeper's positions with %s: it begins anew", async (_, damage) => {
        await put(tables.grants, damaged({ sub: CONTROL.sweep }, damage));
        const report = await operator.sweep();
        expect([report.erasing.failed, report.disconnecting.failed]).toEqual([0, 0]);
      });
    });
  });
}
