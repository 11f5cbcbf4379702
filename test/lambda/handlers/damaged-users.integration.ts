/**
 * A user item that cannot be read can still be erased, exported and listed, by every route and
 * command; a session that cannot be read is nobody's.
 */
import { NumberValue } from "@aws-sdk/lib-dynamodb";
import { sessionTokens } from "../../../lambda/auth/session-token";
import { useDamagedWorld } from "../../support/damaged-world";
import { type Damage, damagesOf, isLater, isSmallNumber, told } from "../../support/damages";
import { ENGINES } from "../../support/test-aws";

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

for (const [engine, describeEngine] of ENGINES) {
  describeEngine(`damaged items on ${engine}`, () => {
    const world = useDamagedWorld(engine);
    const { call, expectErased, expectListed, idToken, read, signUp, spoil } = world;

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
          expect(await world.operator.erase(world.sub)).toMatchObject({
            sub: world.sub,
            revocation: "no_endpoint",
          });
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
          world.clock.advance(2_000);
          await expectErased(idToken());
          expect((await call("PUT /me", bearer)).status).toBe(401);
        });

        test("is swept without harm, and erased by the operator", async () => {
          const bearer = await signUp();
          await call("DELETE /me", bearer);
          await spoil("users", damage);
          await world.operator.sweep();
          expect(await world.operator.erase(world.sub)).toMatchObject({ sub: world.sub });
          expect((await world.operator.status(world.sub)).record.damage).toBeUndefined();
        });
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
  });
}
