import { decodeJwt } from "jose";
import type { World } from "../world";

interface Status {
  readonly status: string;
  readonly reason: string | null;
}

/**
 * What the neighbours do wrong, on the real stack: what the caller gets, and that the grant
 * survives.
 */
export function describeFaults(world: () => World): void {
  describe("faulty neighbours", () => {
    let serial = 0;

    async function connected() {
      const person = await world().signIn(`Fault ${String((serial += 1))}`);
      const call = (method: string, path: string, json?: unknown) =>
        world().call({ method, path, bearer: person.idToken, json });
      await call("PUT", "/me/refresh-token", { refresh_token: person.refreshToken });
      const token = () => call("POST", "/me/access-token");
      const status = async () => (await call("GET", "/me/refresh-token")).body as Status;
      return { sub: String(decodeJwt(person.idToken).sub), token, status };
    }

    afterEach(async () => {
      await world().programme({ reset: true });
    });

    test.each([
      ["an outage", { kind: "status", status: 500 }],
      ["an HTML page", { kind: "html" }],
      ["a redirect (S43)", { kind: "redirect" }],
      ["an unknown 400", { kind: "status", status: 400, body: { error: "what" } }],
      ["an unknown 401", { kind: "status", status: 401 }],
      ["a body cut off", { kind: "cut_off" }],
      ["a body above 64 KB (S52)", { kind: "oversize" }],
      ["a malformed body", { kind: "malformed" }],
    ])("S48: %s is a 503, and the grant works again after the cooldown", async (_, fault) => {
      const user = await connected();
      await world().programme({ token: [fault] });
      const refused = await user.token();
      expect([refused.status, refused.body.code, refused.body.action]).toEqual([
        503,
        "temporarily_unavailable",
        "retry",
      ]);
      expect(Number(refused.headers["retry-after"])).toBeGreaterThanOrEqual(1);
      expect((await user.status()).status).toBe("active");
      const { status } = await untilServed(user.token);
      expect(status).toBe(200);
    });

    test("S51: Retry-After of a 429 reaches the caller", async () => {
      const user = await connected();
      const fault = { kind: "status", status: 429, headers: { "retry-after": "11" } };
      await world().programme({ token: [fault] });
      const refused = await user.token();
      expect([refused.status, refused.body.retry_after, refused.headers["retry-after"]]).toEqual([
        503,
        11,
        "11",
      ]);
      const before = await world().refreshes();
      expect((await user.token()).status).toBe(503);
      expect(await world().refreshes()).toBe(before);
    });

    test("S29: tokens of somebody else are never handed out, and the connection is closed", async () => {
      const user = await connected();
      await world().programme({ token: [{ kind: "wrong_sub" }] });
      const refused = await user.token();
      expect([refused.status, refused.body.code, refused.body.reason]).toEqual([
        409,
        "needs_sign_in",
        "foreign_subject",
      ]);
      expect(refused.text).not.toContain("access_token");
      expect((await user.status()).status).toBe("needs_sign_in");
    });

    test("a rejected client secret is the operator's fault, and never a dead grant", async () => {
      const user = await connected();
      const body = {
        code: "BAD_REQUEST",
        message: "invalid client credentials",
        name: "RollupError",
      };
      await world().programme({ token: [{ kind: "status", status: 400, body }] });
      for (const answer of [await user.token(), await user.token()]) {
        expect([answer.status, answer.body.code, answer.body.action]).toEqual([
          500,
          "server_error",
          "contact_operator",
        ]);
      }
      expect((await user.status()).status).toBe("active");
      expect((await untilServed(user.token)).status).toBe(200);
    });

    test("decision 0032: a grant that has failed for hours while others are served tells its user to sign in", async () => {
      const [user, other] = [await connected(), await connected()];
      expect((await other.token()).status).toBe(200);
      const row = await world().item("refreshTokens", user.sub);
      const [since, until] = [7 * 3_600_000, 1_000].map((ago) => timeBefore(ago));
      const failing = { since, attempts: 10, isTold: false };
      await world().putBack({
        ...row,
        cooldown: { until, cause: "idp_unavailable", failures: 10, failing },
      });
      await world().programme({ token: [{ kind: "status", status: 500 }] });
      for (const answer of [await user.token(), await user.token()]) {
        expect([answer.status, answer.body.reason, answer.body.action]).toEqual([
          409,
          "refresh_token_failing",
          "sign_in",
        ]);
      }
      expect(await user.status()).toMatchObject({
        status: "needs_sign_in",
        reason: "refresh_token_failing",
      });
      const kept = await world().item("refreshTokens", user.sub);
      expect([kept?.["status"], kept?.["refreshToken"]]).toEqual(["active", row?.["refreshToken"]]);
    });

    test("S41: a disabled key fails closed before anything is spent, and the row is unchanged", async () => {
      const { aws, deployment } = world().stack;
      const user = await connected();
      const before = await world().items("refreshTokens");
      const spent = await world().refreshes();
      await aws.disableKey(deployment.outputs["GrantKeyArn"] ?? "");
      const refused = await user.token();
      await aws.enableKey(deployment.outputs["GrantKeyArn"] ?? "");
      expect([refused.status, refused.body.code]).toEqual([500, "server_error"]);
      expect(await world().refreshes()).toBe(spent);
      expect(await world().items("refreshTokens")).toEqual(before);
      expect((await user.token()).status).toBe(200);
    });
  });
}

function timeBefore(milliseconds: number): string {
  return new Date(Date.now() - milliseconds).toISOString();
}

/** Asks again when the answer says to. */
async function untilServed(ask: () => ReturnType<World["call"]>): ReturnType<World["call"]> {
  for (let attempt = 0; ; attempt += 1) {
    const answer = await ask();
    if (answer.status === 200 || attempt === 10) {
      return answer;
    }
    const seconds = Number(answer.headers["retry-after"] ?? 1);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  }
}
