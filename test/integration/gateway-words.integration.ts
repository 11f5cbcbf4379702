/**
 * What the gateway says by itself when there is nothing behind it, or what there is breaks:
 * documented beside the API's own words.
 */
import { type Gateway, openGateway } from "@rollup-vault/local-aws/gateway/gateway";
import { call } from "./http-call";

let gateway: Gateway;

beforeAll(async () => {
  gateway = await openGateway(0);
});

afterAll(async () => {
  await gateway.close();
});

test("nothing behind it yet: 503", async () => {
  const { status, body } = await call(gateway.url, { method: "GET", path: "/me" });
  expect([status, Object.keys(body as object)]).toEqual([503, ["message"]]);
});

test("a function that breaks: 500", async () => {
  gateway.serve({
    routes: [{ key: "GET /me", functionId: "broken", authorization: "NONE" }],
    cors: undefined,
    invoke: () => Promise.reject(new Error("made up")),
  });
  const { status, body } = await call(gateway.url, { method: "GET", path: "/me" });
  expect([status, Object.keys(body as object)]).toEqual([500, ["message"]]);
});
