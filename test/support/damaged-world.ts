/** A whole API and its operator, over tables of an engine whose items a test can damage. */
import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { EngineName } from "@rollup-vault/local-aws/aws/engines";
import type * as operators from "../../bin/admin/operator";
import type * as show from "../../bin/admin/show";
import { byStructure } from "../../lambda/store/by-structure";
import { type Damage, damaged } from "./damages";
import { httpEvent } from "./events";
import { startTestAws, type TestAws } from "./test-aws";
import { NOW } from "./tokens";
import { createTestClock, ROLLUP_SETTINGS } from "./users-api";
import { loadWholeApi, type Tables } from "./whole-api";

type Item = Record<string, unknown>;
type Table = keyof Tables;

let serial = 0;

/** For the tests of a `describe`: each has a user of its own. */
export function useDamagedWorld(engine: EngineName) {
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
    const { createOperator } = jest.requireActual<typeof operators>("../../bin/admin/operator");
    operator = createOperator({
      tables: { users: tables.users, refreshTokens: tables.grants, sessions: tables.sessions },
      idpSettings: ROLLUP_SETTINGS,
      grantKeyArn: "arn:key",
      clientSecretArn: "arn:secret",
      recoveryQueueUrl: undefined,
      aws: {},
    });
    reports = jest.requireActual<typeof show>("../../bin/admin/show");
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
      reports.reportStatus(status, {}),
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

  return {
    get api() {
      return api;
    },
    get operator() {
      return operator;
    },
    get tables() {
      return tables;
    },
    get clock() {
      return clock;
    },
    /** Of the test that runs. */
    get sub() {
      return sub;
    },
    idToken,
    call,
    read,
    put,
    spoil,
    signUp,
    connect,
    expectListed,
    expectErased,
  };
}
