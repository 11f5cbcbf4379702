import { AwsError } from "@rollup-vault/local-aws/aws/call";
import { decodeJwt } from "jose";
import { type AdminCommand, createAdminCommand } from "../admin-command";
import { signed } from "../signed";
import type { World } from "../world";

/** Whom the local provider names in its answers where it is told to name another subject. */
const OTHER_NAME = "Somebody Else";

export function describeMove(world: () => World): void {
  describe("rollup-vault admin move", () => {
    let command: AdminCommand;

    beforeAll(async () => {
      command = await createAdminCommand(world().stack.outputs);
    });

    afterAll(async () => {
      world().failAws(() => undefined);
      await world().programme({ reset: true });
      await command.close();
    });

    const admin = (...args: string[]) => command.admin(...args);
    const json = (...args: string[]) => command.json("move", ...args);
    const call = (bearer: string, method: string, path: string, body?: unknown) =>
      world().call({ method, path, bearer, json: body });
    const subOf = (idToken: string): string => String(decodeJwt(idToken).sub);

    async function connect(name: string) {
      const person = await world().signIn(name);
      const { body } = await call(person.idToken, "POST", "/sessions", {
        refresh_token: person.refreshToken,
      });
      const session = String(body.session.token);
      await call(session, "PATCH", "/me", { attributes: { theme: "dark" } });
      return { ...person, session, sub: String(body.user.sub) };
    }

    async function serviceCall(sub: string) {
      const request = { method: "POST", path: "/service/access-token" };
      const asked = { ...request, body: JSON.stringify({ sub }) };
      return await world().call({ ...asked, headers: await signed(world(), asked) });
    }

    test("who signs in under the new subject finds record, history and a connection that works", async () => {
      const old = await connect("Moved Away");
      await call(old.session, "POST", "/me/access-token");
      const created = (await call(old.session, "GET", "/me")).body.created_at;
      const to = subOf((await world().signIn(OTHER_NAME)).idToken);
      const outlook = await json(old.sub, to, "--dry-run");
      expect(outlook).toEqual({
        state: "not_begun",
        from: old.sub,
        to,
        user: "created",
        refresh_token: "moved",
        sessions: 1,
        must_wait: false,
        attributes_kept: ["theme"],
        attributes_dropped: [],
      });
      const unsure = await admin("move", old.sub, to);
      expect([unsure.code, unsure.err]).toEqual([1, expect.stringContaining("nothing was moved")]);
      expect((await call(old.session, "GET", "/me")).status).toBe(200);

      const receipt = await json(old.sub, to, "--yes");
      expect(receipt).toEqual({
        from: old.sub,
        to,
        moved_at: expect.any(String),
        user: "created",
        refresh_token: "moved",
        sessions_ended: 1,
        attributes_kept: ["theme"],
        attributes_dropped: [],
      });
      expect(await json(old.sub, to, "--yes")).toEqual(receipt);
      expect(await json(old.sub, to, "--dry-run")).toEqual({ state: "done", ...receipt });
      for (const [method, path] of [
        ["GET", "/me"],
        ["DELETE", "/me"],
        ["POST", "/me/access-token"],
      ] as const) {
        expect([path, (await call(old.idToken, method, path)).status]).toEqual([path, 401]);
        expect([path, (await call(old.session, method, path)).status]).toEqual([path, 401]);
      }
      expect(await command.json("status", old.sub)).toMatchObject({ moved_to: to, user: null });
      const refused = await admin("erase", old.sub, "--yes");
      expect([refused.code, refused.err]).toEqual([1, expect.stringContaining(to)]);

      // The provider answers the refresh token of before with the new subject.
      await world().programme({ token: [{ kind: "wrong_sub", sub: old.sub }] });
      const { idToken } = await world().signIn(OTHER_NAME);
      const { body } = await call(idToken, "POST", "/sessions");
      const session = String(body.session.token);
      expect(body.user).toMatchObject({ sub: to, attributes: { theme: "dark" } });
      expect(body.user.created_at).toBe(created);
      expect((await call(session, "POST", "/me/access-token")).status).toBe(200);
      expect(await command.json("history", to)).toMatchObject({
        history: expect.arrayContaining([
          { at: expect.any(String), by: "POST /me/access-token", outcome: "exchanged" },
          { at: expect.any(String), by: "admin", outcome: "stored" },
        ]) as unknown,
      });
    });

    test("too early, while the provider still names the old subject, costs a sign-in and hands out nothing", async () => {
      const old = await connect("Moved Early");
      const to = "urn:rollupid:identity/0xea51";
      const { out } = await admin("move", old.sub, to, "--yes");
      expect(out).toMatch(/^grant +moved$/m);
      expect((await serviceCall(to)).body).toMatchObject({ reason: "foreign_subject" });
      expect((await serviceCall(old.sub)).body).toMatchObject({ code: "needs_sign_in" });
    });

    test("a move that broke off answers 503 meanwhile, is named to the operator, and goes on", async () => {
      const old = await connect("Moved Halfway");
      const to = "urn:rollupid:identity/0xba1f";
      world().failAws(({ service, action, contextLists }) =>
        service === "dynamodb" &&
        action === "UpdateItem" &&
        contextLists["dynamodb:LeadingKeys"]?.includes(to) === true
          ? new AwsError("InternalServerError", "programmed", 500)
          : undefined,
      );
      const broken = await admin("move", old.sub, to, "--yes");
      world().failAws(() => undefined);
      expect([broken.code, broken.err]).toEqual([1, expect.stringContaining("same command again")]);
      for (const [method, path] of [
        ["GET", "/me"],
        ["DELETE", "/me"],
        ["POST", "/me/access-token"],
      ] as const) {
        const answer = await call(old.session, method, path);
        expect([path, answer.status, answer.body.action]).toEqual([path, 503, "retry"]);
        expect(answer.headers["retry-after"]).toBeDefined();
      }
      for (const args of [
        ["status", old.sub],
        ["freeze", old.sub],
        ["disconnect", old.sub],
      ]) {
        const { code, err } = await admin(...args);
        expect([code, err]).toEqual([1, expect.stringContaining(`admin move ${old.sub} ${to}`)]);
      }
      const other = await admin("move", old.sub, "urn:rollupid:identity/0x0e", "--yes");
      expect([other.code, other.err]).toEqual([1, expect.stringContaining(to)]);
      expect(await json(old.sub, to, "--dry-run")).toMatchObject({ state: "unfinished" });
      expect(await json(old.sub, to, "--yes")).toMatchObject({ refresh_token: "moved" });
      expect((await call(old.session, "GET", "/me")).status).toBe(401);
      const left = await world().items("refreshTokens");
      expect(left.filter(({ sub }) => String(sub).includes("move#"))).toEqual([]);
    });

    test("without the right to use the key nothing is written, and the operator is told what to do", async () => {
      const old = await connect("Moved Not");
      const to = "urn:rollupid:identity/0xdead";
      world().failAws(({ service }) =>
        service === "kms" ? new AwsError("AccessDeniedException", "programmed", 400) : undefined,
      );
      for (const option of ["--dry-run", "--yes"]) {
        const { code, err } = await admin("move", old.sub, to, option);
        expect([code, err]).toEqual([1, expect.stringContaining("operatorRoleArns")]);
      }
      world().failAws(() => undefined);
      expect((await call(old.session, "POST", "/me/access-token")).status).toBe(200);
      expect(await command.json("status", to)).toMatchObject({ user: null });
    });

    test.each([
      ["unknown", "urn:rollupid:identity/0x1", "urn:rollupid:identity/0x2", "there is no data"],
      ["the same", "urn:rollupid:identity/0x1", "urn:rollupid:identity/0x1", "the same"],
      ["no subject", "urn:rollupid:identity/0x1", "\u001b[2Jx", "no subject like"],
    ])("%s: one sentence, and nothing else", async (_, from, to, words) => {
      const { code, err, out } = await admin("move", from, to, "--yes");
      expect([code, out]).toEqual([1, ""]);
      expect(err).toMatch(/^nothing was moved: [^\n]+\n$/);
      expect(err).toContain(words);
      expect(err).not.toContain("\u001b");
    });
  });
}
