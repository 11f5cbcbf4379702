import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type AdminCommand, createAdminCommand } from "../admin-command";
import { signed } from "../signed";
import type { World } from "../world";

export function describeAdmin(world: () => World): void {
  describe("rollup-vault admin", () => {
    let command: AdminCommand;

    beforeAll(async () => {
      command = await createAdminCommand(world().stack.outputs);
    });

    afterAll(async () => {
      await command.close();
    });

    const admin = (...args: string[]) => command.admin(...args);
    const json = (...args: string[]) => command.json(...args);

    const call = (bearer: string, method: string, path: string, body?: unknown) =>
      world().call({ method, path, bearer, json: body });

    async function connect(name: string) {
      const person = await world().signIn(name);
      const { body } = await call(person.idToken, "POST", "/sessions", {
        refresh_token: person.refreshToken,
      });
      const session = String(body.session.token);
      return { ...person, session, sub: String(body.user.sub) };
    }

    test("status and history say what is kept and who used it, and show no secret", async () => {
      const { sub, session } = await connect("Admin Status");
      await call(session, "POST", "/me/access-token");
      const { out, code } = await admin("status", sub);
      expect(code).toBe(0);
      expect(out).toMatch(/^grant +active$/m);
      expect(await json("status", sub)).toMatchObject({
        sub,
        erased_at: null,
        sessions: 1,
        user: { version: 1 },
        refresh_token: { status: "active", reason: null },
      });
      expect(await json("history", sub)).toMatchObject({
        history: [
          { by: "POST /sessions", outcome: "stored" },
          { by: "POST /me/access-token", outcome: "exchanged" },
        ],
      });
    });

    test("freeze keeps one user's tokens in until unfreeze, and the user is told by status and by 403", async () => {
      const [frozen, other] = [await connect("Admin Frozen"), await connect("Admin Free")];
      await call(frozen.session, "POST", "/me/access-token");
      expect((await admin("freeze", frozen.sub)).out).toBe(`frozen: ${frozen.sub}\n`);
      const { status, body } = await call(frozen.session, "POST", "/me/access-token");
      expect([status, body.code, body.action]).toEqual([403, "frozen", "contact_operator"]);
      const request = { method: "POST", path: "/service/access-token" };
      const asked = { ...request, body: JSON.stringify({ sub: frozen.sub }) };
      const service = await world().call({ ...asked, headers: await signed(world(), asked) });
      expect([service.status, service.body.code]).toEqual([403, "frozen"]);
      expect((await call(frozen.session, "GET", "/me/refresh-token")).body.status).toBe("frozen");
      expect((await call(other.session, "POST", "/me/access-token")).status).toBe(200);
      await admin("unfreeze", frozen.sub);
      expect((await call(frozen.session, "POST", "/me/access-token")).status).toBe(200);
      expect((await admin("history", frozen.sub)).out).toMatch(
        /frozen +admin\n.*unfrozen +admin\n/,
      );
    });

    test("disconnect deletes the refresh token, and the user has to sign in again", async () => {
      const { sub, session } = await connect("Admin Disconnect");
      expect((await admin("disconnect", sub)).code).toBe(0);
      expect((await call(session, "POST", "/me/access-token")).body.reason).toBe("disconnected");
      expect((await call(session, "GET", "/me")).status).toBe(200);
    });

    test("erase wants to be sure, then leaves nothing, and the receipt is the user's own", async () => {
      const { sub, session, idToken } = await connect("Admin Erase");
      const refused = await admin("erase", sub);
      expect([refused.code, refused.err]).toEqual([
        1,
        expect.stringContaining("nothing was erased"),
      ]);
      expect((await call(session, "GET", "/me")).status).toBe(200);
      const receipt = await json("erase", sub, "--yes");
      expect(receipt).toMatchObject({ sub, revocation: "no_endpoint" });
      expect((await call(session, "GET", "/me")).status).toBe(401);
      const own = await call(idToken, "DELETE", "/me");
      expect(own.body.erased_at).toBe(receipt["erased_at"]);
    });

    test("list shows users by status, page by page, each once", async () => {
      const people = await Promise.all(["a", "b", "c"].map((n) => connect(`Admin List ${n}`)));
      for (const { sub } of people) {
        await admin("freeze", sub);
      }
      const seen: string[] = [];
      let after: string[] = [];
      for (let page = 0; page < 20; page += 1) {
        const found = await json("list", "--status", "frozen", "--limit", "1", ...after);
        seen.push(...(found["grants"] as { sub: string }[]).map(({ sub }) => sub));
        if (found["next"] === null) {
          break;
        }
        after = ["--limit", "3", "--after", found["next"] as string];
      }
      expect([...seen].sort()).toEqual(people.map(({ sub }) => sub).sort());
      for (const { sub } of people) {
        await admin("unfreeze", sub);
      }
      expect(await json("list", "--status", "frozen")).toEqual({ grants: [], next: null });
    });

    test("list without a status shows all, those that need a person first, with their names", async () => {
      const { sub } = await connect("Admin Everybody");
      const ended = await connect("Admin Ended");
      await admin("disconnect", ended.sub);
      const all: Record<string, unknown>[] = [];
      let after = ["--limit", "3"];
      let pageWithSub = after;
      for (let page = 0; page < 500; page += 1) {
        const found = await json("list", ...after);
        const grants = found["grants"] as Record<string, unknown>[];
        all.push(...grants);
        pageWithSub = grants.some((each) => each["sub"] === sub) ? after : pageWithSub;
        if (found["next"] === null) {
          break;
        }
        after = ["--limit", "3", "--after", found["next"] as string];
      }
      const subs = all.map((each) => each["sub"]);
      expect(new Set(subs).size).toBe(subs.length);
      expect(all.find((each) => each["sub"] === sub)).toMatchObject({
        status: "active",
        name: "Admin Everybody",
      });
      expect(subs.indexOf(ended.sub)).toBeLessThan(subs.indexOf(sub));
      expect((await admin("list", ...pageWithSub)).out).toMatch(
        new RegExp(`active +${sub}  Admin Everybody$`, "m"),
      );
    });

    test("what is not understood is exit code 2, what cannot be done is 1, each with a sentence", async () => {
      for (const args of [
        ["list", "--status", "unknown"],
        ["status"],
        ["frobnicate"],
        ["list", "--status", "frozen", "--limit", "0"],
      ]) {
        const { code, err } = await admin(...args);
        expect([args, code, err.length > 0]).toEqual([args, 2, true]);
      }
      for (const args of [
        ["freeze"],
        ["freeze", "somebody", "--all"],
        ["list", "--status", "frozen", "--after", "junk"],
      ]) {
        expect([args, (await admin(...args)).code]).toEqual([args, 1]);
      }
      const missing = await command.run([
        "--outputs",
        join(command.folder, "none.json"),
        "status",
        "x",
      ]);
      expect([missing.code, missing.err]).toEqual([1, expect.stringContaining("--outputs")]);
      expect((await command.run(["--help"])).out).toContain("unfreeze");
    });

    test("works from the outputs of a deployment with the caller's own AWS credentials", async () => {
      const { sub } = await connect("Admin Deployed");
      const { tables, grantKeyArn, clientSecretArn, idpSettings, apiUrl, ...own } =
        world().stack.outputs;
      const file = join(command.folder, "deployed.json");
      const deployed = {
        "RollupVault-dev-Data": {
          UsersTableName: tables.users,
          RefreshTokensTableName: tables.refreshTokens,
          SessionsTableName: tables.sessions,
          GrantKeyArn: grantKeyArn,
          ClientSecretArn: clientSecretArn,
        },
        "RollupVault-dev-Api": { ApiUrl: apiUrl, IdpSettings: JSON.stringify(idpSettings) },
      };
      await writeFile(file, JSON.stringify(deployed));
      const environment = {
        AWS_ACCESS_KEY_ID: own.credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: own.credentials.secretAccessKey,
        AWS_SESSION_TOKEN: own.credentials.sessionToken,
        AWS_ENDPOINT_URL_DYNAMODB: own.endpoints.dynamodb,
      };
      const { code, out } = await command.run(["--outputs", file, "status", sub], environment);
      expect([code, out]).toEqual([0, expect.stringContaining(sub)]);
    });

    // Last: it concerns everybody.
    test("freeze --all stops all issuance within seconds, and unfreeze --all starts it again", async () => {
      const { session } = await connect("Admin All");
      await call(session, "POST", "/me/access-token");
      await admin("freeze", "--all");
      await until(async () => (await call(session, "POST", "/me/access-token")).status === 403);
      await admin("unfreeze", "--all");
      await until(async () => (await call(session, "POST", "/me/access-token")).status === 200);
    });
  });
}

/** The switch is honoured within five seconds; each instance finds out for itself. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + 10_000;
  for (let inARow = 0; inARow < 8;) {
    expect(Date.now()).toBeLessThan(giveUpAt);
    inARow = (await holds()) ? inARow + 1 : 0;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
