/**
 * The page on an API of the developer's own that takes the access token, e.g. a GraphQL endpoint:
 * the local run was told of its address.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from "jose";
import { inChromium } from "./in-chromium";
import { signIn, usePageWorld } from "./page-world";

interface Received {
  readonly method: string | undefined;
  readonly bearer: string | undefined;
  readonly body: string;
}

/** Believes in nothing but the provider's signature. */
interface Resource {
  readonly url: string;
  readonly received: Received[];
  /** Before that every token is refused. */
  trust(issuer: string): void;
  readonly server: Server;
}

async function startResource(): Promise<Resource> {
  const received: Received[] = [];
  let issuer = "";
  const server = createServer((request, response) => {
    const work = async () => {
      response.setHeader("access-control-allow-origin", request.headers.origin ?? "null");
      response.setHeader("access-control-allow-headers", "authorization, content-type");
      if (request.method === "OPTIONS") {
        response.writeHead(204).end();
        return;
      }
      const { method, headers } = request;
      received.push({ method, bearer: headers.authorization, body: await text(request) });
      const sub = await subjectOf(request, issuer);
      const answer = sub === undefined ? { errors: ["no"] } : { data: { viewer: { sub } } };
      response.writeHead(sub === undefined ? 401 : 200, { "content-type": "application/json" });
      response.end(JSON.stringify(answer));
    };
    work().catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const trust = (trusted: string) => (issuer = trusted);
  return { url: `http://127.0.0.1:${String(port)}/graphql`, received, trust, server };
}

async function subjectOf({ headers }: IncomingMessage, issuer: string) {
  const token = /^Bearer (.+)$/.exec(headers.authorization ?? "")?.[1] ?? "";
  if (issuer === "") {
    return undefined;
  }
  const answer = await fetch(`${issuer}/.well-known/jwks.json`);
  const keys = createLocalJWKSet((await answer.json()) as JSONWebKeySet);
  const { payload } = await jwtVerify(token, keys, { issuer: [issuer, `${issuer}/`] });
  return payload.sub;
}

let resource: Resource;
const world = usePageWorld(async () => {
  resource = await startResource();
  return { page: { port: 0, orAnyOther: false, resourceUrl: resource.url } };
});

inChromium("the page, told of an API of the developer's own", () => {
  afterAll(() => {
    resource.server.close();
  });

  test("sends it the access token with a GraphQL query or a GET, shows its answer, and draws it", async () => {
    const { page, complaints } = await world.open();
    await page.clock.install();
    await signIn(page, "Own API");
    const sub = await page.locator(".facts code").first().textContent();
    await page.getByRole("link", { name: "Access token", exact: true }).click();
    const answer = page.locator(".card", { hasText: "own API" }).locator(".answer");
    const call = async () => {
      await page.getByRole("button", { name: "Call your API" }).click();
      await page.locator(".notices").getByText("Your API has answered.").waitFor();
      return await answer.textContent();
    };

    // A refused token that is as good as new is not replaced; one that has some age is, once.
    expect(await call()).toMatch(/^401\n/);
    await page.clock.fastForward(31_000);
    expect(await call()).toMatch(/^401\n/);
    const [first, again, renewed, ...others] = resource.received;
    expect([again, others]).toEqual([first, []]);
    expect(renewed?.bearer).not.toBe(first?.bearer);

    resource.trust(world.stack.outputs.issuer);
    await page.getByLabel("GraphQL query").fill("{ viewer { sub } }");
    expect(await call()).toBe(
      `200\n${JSON.stringify({ data: { viewer: { sub } } }, undefined, 2)}`,
    );
    expect(resource.received.at(-1)).toMatchObject({
      method: "POST",
      body: JSON.stringify({ query: "{ viewer { sub } }" }),
    });
    const panel = page.getByRole("region", { name: "What just happened" });
    await panel.getByText("The same as a list").click();
    const steps = (await panel.locator("ol.steps li").allTextContents()).join("\n");
    expect(steps).toContain("Browser asks Your API: POST /graphql");
    expect(complaints).toEqual([]);
  });
});
