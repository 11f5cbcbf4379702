import {
  follow,
  members,
  type Operation,
  operationsOf,
  readContract,
} from "@rollup-vault/api-contract/check/document";
import { AwsError } from "@rollup-vault/local-aws/aws/call";
import type { Answer, Call } from "@rollup-vault/local-aws/testing/http-exchange";
import { signed } from "../signed";
import type { World } from "../world";

const operations = operationsOf(readContract())
  // Not in a stage with a client secret: see client-keys.integration.ts.
  .filter(({ path }) => path !== "/.well-known/jwks.json")
  .map((each) => [`${each.method} ${each.path}`, each] as const);
const SERVICE = "/service/access-token";
const guarded = operations.filter(([, { operation }]) => "500" in members(operation["responses"]));
const withBody = operations.filter(([, { operation }]) => operation["requestBody"] !== undefined);

const DENIED = new AwsError("AccessDeniedException", "made up");
const DOWN = new AwsError("InternalServerError", "made up", 500);

/** What `docs/openapi.json` promises of every operation alike; `call` holds each answer to it. */
export function describeContract(world: () => World): void {
  describe("the contract", () => {
    let own: { idToken: string; refreshToken: string; session: string; sub: string };

    async function open(name: string) {
      const person = await world().signIn(name, "openid profile email");
      const { body } = await world().call({
        method: "POST",
        path: "/sessions",
        bearer: person.idToken,
        json: { refresh_token: person.refreshToken },
      });
      return { ...person, session: String(body.session.token), sub: String(body.user.sub) };
    }

    beforeAll(async () => {
      own = await open("Contract");
    });

    /** By the proof that the operation takes, with a body that it takes. */
    async function ask(
      { method, path, operation }: Operation,
      changes: Partial<Call> & { readonly query?: string } = {},
    ): Promise<Answer> {
      const { query = "", ...rest } = changes;
      const actual = path.replace("{id}", "0b6a2f1e-4c57-4a39-9c63-2d1e5f7a8b90");
      const bodies: Readonly<Record<string, unknown>> = {
        updateAttributes: { attributes: {} },
        storeRefreshToken: { refresh_token: own.refreshToken },
        getServiceAccessToken: { sub: own.sub },
      };
      const json = bodies[String(operation["operationId"])];
      const body = rest.body ?? (json === undefined ? undefined : JSON.stringify(json));
      const type = body === undefined ? [] : ["content-type", "application/json"];
      const request = { method, path: actual + query, ...(body !== undefined && { body }) };
      const headers = rest.headers ?? type;
      if (path === SERVICE) {
        return await world().call({ ...request, headers: await signed(world(), request, headers) });
      }
      const [first] = operation["security"] as Readonly<Record<string, unknown>>[];
      const bearer = first && "idToken" in first ? own.idToken : own.session;
      return await world().call({ ...request, bearer, headers });
    }

    test.each(operations)("%s refuses a query that it does not know", async (_, each) => {
      expect((await ask(each, { query: "?unknown=1" })).status).toBe(400);
    });

    test.each(operations)("%s with headers beyond what the gateway takes", async (_, each) => {
      const headers = ["x-large", "a".repeat(10_241)];
      const { method, path } = each;
      expect((await world().call({ method, path, headers })).status).toBe(431);
    });

    test.each(guarded)("%s without any proof", async (_, { method, path }) => {
      const { status } = await world().call({ method, path });
      expect(status).toBe(path === SERVICE ? 403 : 401);
    });

    test.each(withBody)("%s with a body that is too large, or no JSON", async (_, each) => {
      const headers = ["content-type", "application/json"];
      const large = await ask(each, { body: JSON.stringify({ x: "x".repeat(17_000) }), headers });
      const text = await ask(each, { body: "text", headers: ["content-type", "text/plain"] });
      expect([large.status, text.status]).toEqual([413, 415]);
    });

    test.each(guarded)("%s while the store denies itself, or is down", async (_, each) => {
      for (const [fault, status] of [
        [DENIED, 500],
        [DOWN, 503],
      ] as const) {
        world().failAws(({ service }) => (service === "dynamodb" ? fault : undefined));
        const answer = await ask(each);
        world().failAws(() => undefined);
        expect([answer.status, answer.headers["content-type"]]).toEqual([
          status,
          "application/problem+json",
        ]);
      }
    });

    test("GET /me of somebody who has only just signed in at the provider is 404", async () => {
      const { idToken: bearer } = await world().signIn("Contract Nobody Yet");
      expect((await world().call({ method: "GET", path: "/me", bearer })).status).toBe(404);
    });

    test("a backend that asks for somebody erased, or left in doubt by a rotating provider, is told so", async () => {
      const [erased, doubtful] = [await open("Contract Erased"), await open("Contract Doubtful")];
      await world().call({ method: "DELETE", path: "/me", bearer: erased.session });
      await world().leaveInDoubt(doubtful.sub);
      const [, each] = operations.find(([, { path }]) => path === SERVICE)!;
      for (const [{ sub }, reason] of [
        [erased, "erased"],
        [doubtful, "in_doubt"],
      ] as const) {
        const { status, body } = await ask(each, { body: JSON.stringify({ sub }) });
        expect([status, body.reason]).toEqual([409, reason]);
      }
      const { session: bearer } = doubtful;
      const connection = await world().call({ method: "GET", path: "/me/refresh-token", bearer });
      expect(connection.body).toMatchObject({ status: "needs_sign_in", reason: "in_doubt" });
    });

    test("GET /openapi.json is the document that this test holds everything to, and is not sent twice", async () => {
      const first = await world().call({ method: "GET", path: "/openapi.json" });
      expect(first.body).toEqual(readContract());
      const headers = ["if-none-match", String(first.headers["etag"])];
      const again = await world().call({ method: "GET", path: "/openapi.json", headers });
      expect([again.status, again.text]).toEqual([304, ""]);
      const origin = ["origin", "http://localhost:3000"];
      const shared = await world().call({ method: "GET", path: "/openapi.json", headers: origin });
      expect(shared.headers["access-control-allow-origin"]).toBe("http://localhost:3000");
    });

    test("its paths and methods are the template's routes", () => {
      const routes = world().stack.deployment.routes.map(({ key }) => key);
      const documented = operations.map(([name]) => name);
      expect(routes.filter((key) => key !== "$default").sort()).toEqual([...documented].sort());
    });

    describe("takes every documented example of a request, its placeholders filled in", () => {
      const document = readContract();
      const rows = withBody.flatMap(([name, each]) => {
        const content = `${each.pointer}/requestBody/content/application~1json/examples`;
        const { value: examples } = follow(document, content);
        return Object.keys(examples).map((example) => {
          const { value } = follow(document, `${content}/${example}`);
          return [name, example, each, value["value"]] as const;
        });
      });

      test.each(rows)("%s: %s", async (_, example, { method, path }, value) => {
        const person = await open("Contract Examples");
        const { redirectUri } = world().stack.outputs;
        const text = JSON.stringify(value)
          .replace("<refresh-token>", person.refreshToken)
          .replace("<code>", await world().authorize("Contract Examples"))
          .replace("https://app.example/callback", redirectUri)
          .replace(/urn:rollupid:identity\/0x00c0ffee/, person.sub);
        const type = ["content-type", "application/json"];
        const request = { method, path, body: text };
        const proof =
          path === SERVICE
            ? await signed(world(), request, type)
            : example === "sign_in_by_code"
              ? type
              : [...type, "authorization", `Bearer ${person.idToken}`];
        const { status } = await world().call({ ...request, headers: proof });
        expect([200, 201]).toContain(status);
      });
    });
  });
}
