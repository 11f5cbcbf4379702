/**
 * Whatever a user or the provider says of a user is kept as it was said, or refused; nothing that
 * is kept makes a record unreadable.
 */
import fc from "fast-check";
import type { JsonValue } from "../../../lambda/model";
import { httpEvent } from "../../support/events";
import { HOSTILE_NAMES, hostileObject } from "../../support/hostile-json";
import { ENGINES, startTestAws, type TestAws } from "../../support/test-aws";
import { createTestClock } from "../../support/users-api";
import { loadWholeApi } from "../../support/whole-api";

const RUNS = Number(process.env["USER_DATA_RUNS"] ?? 50);
const SEED = Number(process.env["FUZZ_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

let serial = 0;

function nextSub(): string {
  return `urn:rollupid:identity/0x${(serial += 1).toString(16).padStart(48, "0")}`;
}

/** As it goes over the wire: `-0` is `0` there. */
function wire(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** RFC 7396 against `{}`: what is null is not there, in objects that are not inside a list. */
function patched(value: JsonValue): JsonValue {
  return typeof value !== "object" || value === null || Array.isArray(value)
    ? value
    : Object.fromEntries(
        Object.entries(value as Record<string, JsonValue>)
          .filter(([, member]) => member !== null)
          .map(([name, member]) => [name, patched(member)]),
      );
}

for (const [engine, describeEngine] of ENGINES) {
  describeEngine(`user data on ${engine}`, () => {
    let aws: TestAws;
    let api: ReturnType<typeof loadWholeApi>;
    let sub = "";

    beforeAll(async () => {
      aws = await startTestAws(engine);
    });

    afterAll(async () => {
      await aws.close();
    });

    beforeEach(async () => {
      createTestClock();
      jest.spyOn(process.stdout, "write").mockReturnValue(true);
      const tables = {
        users: await aws.createTable(),
        grants: await aws.createGrantsTable(),
        sessions: await aws.createSessionsTable(),
      };
      api = loadWholeApi({ documents: aws.documents, tables, subject: () => sub });
    });

    async function call(
      route: string,
      { json, query = "", claims = {} }: { json?: string; query?: string; claims?: object } = {},
    ) {
      const authorization = `Bearer ${api.issuer.idToken({ claims: { ...claims, sub } })}`;
      const headers = { authorization, "content-type": "application/json" };
      const answer = await api.handle(
        httpEvent(route, { headers, rawQueryString: query, body: json }),
      );
      const body = JSON.parse(answer.body ?? "null") as Record<string, unknown>;
      return { status: answer.statusCode, body };
    }

    /** Every function that reads the record still can. */
    async function expectReadable(): Promise<Record<string, unknown>> {
      const user = await call("GET /me");
      const exported = await call("GET /me/export");
      expect([user.status, exported.status]).toEqual([200, 200]);
      expect(exported.body["user"]).toEqual(user.body);
      expect((await call("PUT /me")).status).toBe(200);
      expect((await call("GET /me", { query: "fresh=true" })).status).toBe(200);
      return user.body;
    }

    const patch = (attributes: unknown) =>
      call("PATCH /me", { json: JSON.stringify({ attributes }) });

    test.each([
      [{ constructor: { name: "String" } }],
      [{ deep: { constructor: { name: "String" } } }],
      [{ list: [{ constructor: { name: "Set" } }, { constructor: { name: "Map" } }] }],
      [{ constructor: { name: "Number" }, valueOf: 1, toString: 1 }],
      [{ constructor: { name: "Uint8Array" }, length: 3 }],
      [{ constructor: null, hasOwnProperty: 1, toJSON: "x", then: "y" }],
      [{ S: "x", N: "1", M: { S: "y" }, $metadata: {}, $unknown: [], __type: "z" }],
    ])("F1: attributes %j are kept as they are", async (attributes) => {
      sub = nextSub();
      await call("PUT /me");
      const { status, body } = await patch(attributes);
      expect([status, body["attributes"]]).toEqual([200, patched(attributes as JsonValue)]);
      expect((await expectReadable())["attributes"]).toEqual(patched(attributes as JsonValue));
      expect((await call("DELETE /me")).status).toBe(200);
    });

    test(`attributes come back equal, or are refused (seed ${String(SEED)})`, async () => {
      const seen = { kept: 0, refused: 0 };
      await fc.assert(
        fc.asyncProperty(hostileObject, async (attributes) => {
          sub = nextSub();
          await call("PUT /me");
          const { status, body } = await patch(attributes);
          if (status === 200) {
            seen.kept += 1;
            const kept = wire(patched(attributes));
            expect(body["attributes"]).toEqual(kept);
            expect(JSON.stringify((await expectReadable())["attributes"])).toHaveLength(
              JSON.stringify(kept).length,
            );
            expect((await call("GET /me")).body["attributes"]).toEqual(kept);
          } else {
            seen.refused += 1;
            expect([status, body["code"]]).toEqual([400, "invalid_request"]);
            expect((await expectReadable())["attributes"]).toEqual({});
          }
        }),
        { numRuns: RUNS, seed: SEED },
      );
      expect(seen.kept).toBeGreaterThan(RUNS / 10);
      expect(seen.refused).toBeGreaterThan(RUNS / 30);
    });

    test(`claims come back equal, or are left out, and keep nobody out (seed ${String(SEED)})`, async () => {
      const text = fc.oneof(
        fc.constantFrom(...HOSTILE_NAMES, "\ud800", "x\udfff"),
        fc.string({ unit: "binary", maxLength: 10 }),
      );
      const record = fc.record({ type: text, identifier: text });
      const said = fc.record({
        name: fc.oneof(text, hostileObject),
        email: text,
        type: text,
        connected_accounts: fc.array(record, { maxLength: 3 }),
        more: hostileObject,
      });
      const isKept = (value: unknown): boolean =>
        typeof value === "string" && value !== "" && value.isWellFormed();
      await fc.assert(
        fc.asyncProperty(said, async ({ more, ...claims }) => {
          sub = nextSub();
          api.provider.userinfo = { ...more, ...claims };
          const { name, email } = claims;
          expect((await call("PUT /me", { claims: { name, email } })).status).toBe(201);
          const { status, body } = await call("GET /me", { query: "fresh=true" });
          const accounts = claims.connected_accounts;
          const isWhole = accounts.every((each) => isKept(each.type) && isKept(each.identifier));
          const expected = {
            ...(isKept(name) && { name }),
            ...(isKept(email) && { email }),
            ...(isKept(claims.type) && claims.type.length <= 32 && { type: claims.type }),
            ...(isWhole && { connected_accounts: accounts }),
          };
          expect([status, body["claims"]]).toEqual([200, expected]);
          await expectReadable();
        }),
        { numRuns: RUNS / 2, seed: SEED },
      );
    });
  });
}
