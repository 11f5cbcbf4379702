import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { AwsClient } from "aws4fetch";
import type { World } from "../world";

interface Entry {
  readonly by: string;
}

const ROLE = "arn:aws:iam::000000000000:role/Admin";

export function describeService(world: () => World): void {
  describe("POST /service/access-token", () => {
    const call = (bearer: string, method: string, path: string, json?: unknown) =>
      world().call({ method, path, bearer, json });

    async function connect(name: string) {
      const person = await world().signIn(name);
      const { body } = await call(person.idToken, "PUT", "/me");
      await call(person.idToken, "PUT", "/me/refresh-token", {
        refresh_token: person.refreshToken,
      });
      return { ...person, sub: String(body.sub) };
    }

    function client(): AwsClient {
      const { credentials, region } = world().stack.outputs;
      return new AwsClient({ ...credentials, region, service: "execute-api", retries: 0 });
    }

    /** Signed with the run's credentials; the answer goes where every secret is remembered. */
    async function ask(json: unknown) {
      const { apiUrl } = world().stack.outputs;
      const body = JSON.stringify(json);
      const url = `${apiUrl}/service/access-token`;
      const headers = { "content-type": "application/json" };
      const { headers: signed } = await client().sign(url, { method: "POST", headers, body });
      return await world().call({
        method: "POST",
        path: "/service/access-token",
        body,
        headers: [...signed].flat(),
      });
    }

    test("gives the owner's backend a token of the user asked for, and the history says who got it", async () => {
      const [alice, bob] = [await connect("Service Alice"), await connect("Service Bob")];
      for (const { sub, idToken } of [alice, bob]) {
        const { status, body } = await ask({ sub });
        expect([status, body.token_type, claimsOf(String(body.access_token))["sub"]]).toEqual([
          200,
          "Bearer",
          sub,
        ]);
        const { body: connection } = await call(idToken, "GET", "/me/refresh-token");
        expect((connection.history as Entry[]).at(-1)).toMatchObject({
          by: ROLE,
          outcome: "exchanged",
        });
      }
      await call(alice.idToken, "POST", "/me/access-token");
      await ask({ sub: alice.sub });
      const { body: connection } = await call(alice.idToken, "GET", "/me/refresh-token");
      expect((connection.history as Entry[]).map(({ by }) => by)).toEqual([
        "PUT /me/refresh-token",
        ROLE,
        "POST /me/access-token",
      ]);
    });

    test("a token that needs more than is granted is a 409 that names it; a signed JWT handed in says nothing until a refresh", async () => {
      const { sub, idToken } = await connect("Service Scopes");
      const scopes = async () =>
        (await call(idToken, "GET", "/me/refresh-token")).body.scopes as string[] | null;
      expect(await scopes()).toBeNull();
      const given = await ask({ sub, required_scopes: ["profile"] });
      expect([given.status, given.body.scope]).toEqual([200, (await scopes())?.join(" ")]);
      expect(await scopes()).toContain("profile");
      const missing = ["erc_4337"];
      const refused = await ask({ sub, required_scopes: ["profile", ...missing] });
      expect(refused).toMatchObject({
        status: 409,
        body: { code: "needs_consent", action: "sign_in", missing_scopes: missing },
      });
      expect((await ask({ sub, required_scopes: "profile" })).status).toBe(400);
      expect((await ask({ sub })).status).toBe(200);
    });

    test("the caller of the README, run as it stands, works", async () => {
      const { sub } = await connect("Service README");
      const { apiUrl, region, credentials } = world().stack.outputs;
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ["examples/service-call.mjs", sub],
        {
          env: {
            PATH: process.env["PATH"],
            API_URL: apiUrl,
            AWS_REGION: region,
            AWS_ACCESS_KEY_ID: credentials.accessKeyId,
            AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
            AWS_SESSION_TOKEN: credentials.sessionToken,
          },
        },
      );
      expect(stdout).toMatch(/^200 a token until \d{4}-/);
    });

    test("somebody who never signed in, or has disconnected, is the same 409 as for the user", async () => {
      const { sub, idToken } = await connect("Service Gone");
      await call(idToken, "DELETE", "/me/refresh-token");
      const gone = await ask({ sub });
      expect([gone.status, gone.body.code, gone.body.reason]).toEqual([
        409,
        "needs_sign_in",
        "disconnected",
      ]);
      const nobody = await ask({ sub: "urn:rollupid:identity/0x00" });
      expect([nobody.status, nobody.body.reason]).toEqual([409, "no_refresh_token"]);
    });

    test("no ID token, no session and no signature but a listed role's opens it, and a signature opens nothing else", async () => {
      const { sub, idToken } = await connect("Service Refused");
      const opened = await call(idToken, "POST", "/sessions");
      const bearers = [idToken, String(opened.body.session.token)];
      for (const bearer of bearers) {
        const { status } = await call(bearer, "POST", "/service/access-token", { sub });
        expect(status).toBe(403);
      }
      const { apiUrl, region } = world().stack.outputs;
      const [principal] = world().stack.functions.identities.values();
      const foreign = new AwsClient({
        accessKeyId: "",
        secretAccessKey: "",
        ...principal?.credentials,
        region,
        service: "execute-api",
        retries: 0,
      });
      const body = JSON.stringify({ sub });
      for (const [signer, path, status] of [
        [foreign, "/service/access-token", 403],
        [client(), "/me/access-token", 401],
      ] as const) {
        const { headers } = await signer.sign(`${apiUrl}${path}`, { method: "POST", body });
        const request = { method: "POST", path, body, headers: [...headers].flat() };
        expect((await world().call(request)).status).toBe(status);
      }
    });
  });
}

function claimsOf(jwt: string): Record<string, unknown> {
  const [, payload = ""] = jwt.split(".");
  return JSON.parse(Buffer.from(payload, "base64url").toString()) as Record<string, unknown>;
}
