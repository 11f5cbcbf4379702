/**
 * A grant or a control item that cannot be read can still be erased, ended, listed and mended, by
 * every route and command; an item of a later version is left alone.
 */
import { useDamagedWorld } from "../../support/damaged-world";
import {
  type Damage,
  damaged,
  damagesOf,
  isLater,
  isSmallNumber,
  told,
} from "../../support/damages";
import { ENGINES } from "../../support/test-aws";

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

for (const [engine, describeEngine] of ENGINES) {
  describeEngine(`damaged items on ${engine}`, () => {
    const world = useDamagedWorld(engine);
    const { call, connect, expectListed, idToken, put, read, spoil } = world;

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
          world.clock.advance(2_000);
          const refresh_token = world.api.issuer.refreshToken({ claims: { sub: world.sub } });
          // What counts no more is written by who signs people in, a freeze by the operator alone.
          const isCutoff = damage.name === "erasure" || damage.name === "signedOut";
          const route = isCutoff ? "POST /sessions" : "PUT /me/refresh-token";
          const healed = await call(route, idToken(), { refresh_token });
          expect(healed.status).toBe(isCutoff ? 201 : 200);
          if (damage.name === "frozenAt") {
            expect(healed.body["status"]).toBe("frozen");
            await world.operator.unfreeze(world.sub);
            await call(route, idToken(), { refresh_token });
          }
          expect((await world.operator.status(world.sub)).grant?.unreadable).toBeUndefined();
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
          await world.operator.freeze(world.sub);
          expect((await world.operator.status(world.sub)).grant?.frozenAt).toBeDefined();
          await world.operator.unfreeze(world.sub);
          await spoil("grants", damage);
          await world.operator.disconnect(world.sub);
          expect((await read("grants"))?.["refreshToken"]).toBeUndefined();
          await spoil("grants", damage);
          await world.operator.sweep();
          await world.operator.erase(world.sub);
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
      expect((await world.operator.status(world.sub)).record.damage).toBeUndefined();
    });

    test("a grant that begun to end and whose time cannot be read is swept all the same", async () => {
      await connect();
      await spoil("grants", { name: "status", value: "disconnecting" });
      await spoil("grants", { name: "listKey", value: "disconnecting#0" });
      await spoil("grants", { name: "since", value: "yesterday" });
      expect((await world.operator.plan(10)).disconnecting).toContain(world.sub);
      await world.operator.sweep();
      expect((await read("grants"))?.["status"]).toBe("disconnected");
    });

    test.each(["users", "grants"] as const)(
      "S58: an item of a later version in %s is 503 by every route, and never rewritten",
      async (table) => {
        const bearer = await connect();
        await spoil(table, { name: "schemaVersion", value: 2 });
        const before = await read(table);
        const refresh_token = world.api.issuer.refreshToken({ claims: { sub: world.sub } });
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
        await expect(world.operator.erase(world.sub)).rejects.toMatchObject({
          reason: "unknown_schema_version",
        });
        expect(await read(table)).toEqual(before);
        // The code that can read it finishes what was begun meanwhile.
        await spoil(table, { name: "schemaVersion", value: 1 });
        expect(await world.operator.erase(world.sub)).toMatchObject({ sub: world.sub });
      },
    );

    describe("what is about all users", () => {
      const CONTROL = { switch: "\u00a7issuance", sweep: "\u00a7sweep" };

      afterEach(async () => {
        for (const key of Object.values(CONTROL)) {
          await put(world.tables.grants, { sub: key });
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
          await put(world.tables.grants, damaged({ sub: CONTROL.switch }, damage));
          world.clock.advance(10_000);
          expect((await call("POST /me/access-token", bearer)).status).toBe(503);
          await world.operator.restored();
          world.clock.advance(10_000);
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
        await put(world.tables.grants, damaged({ sub: CONTROL.sweep }, damage));
        const report = await world.operator.sweep();
        expect([report.erasing.failed, report.disconnecting.failed]).toEqual([0, 0]);
      });
    });
  });
}
