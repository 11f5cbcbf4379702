import type { World } from "../world";

/** What API Gateway does by itself, before any function. */
export function describeGateway(world: () => World): void {
  describe("the gateway", () => {
    const preflight = (origin: string) =>
      world().call({
        method: "OPTIONS",
        path: "/me",
        headers: ["origin", origin, "access-control-request-method", "PUT"],
      });

    test("S31: answers the preflight of a listed origin with exactly that origin", async () => {
      const answer = await preflight("http://localhost:3000");
      expect(answer.status).toBe(204);
      expect(answer.headers["access-control-allow-origin"]).toBe("http://localhost:3000");
      expect(answer.headers["access-control-allow-methods"]).toContain("PUT");
    });

    test.each(["https://evil.example", "http://localhost:3000.evil.example", "null"])(
      "S31: the origin %s gets no CORS headers, neither in a preflight nor in an answer",
      async (origin) => {
        const get = { method: "GET", path: "/health", headers: ["origin", origin] };
        for (const answer of [await preflight(origin), await world().call(get)]) {
          const cors = Object.keys(answer.headers).filter((name) => name.startsWith("access-"));
          expect(cors).toEqual([]);
        }
      },
    );

    test("headers beyond 10,240 bytes: 431", async () => {
      const headers = ["x-large", "a".repeat(10_241)];
      expect((await world().call({ method: "GET", path: "/health", headers })).status).toBe(431);
    });

    test("a body beyond 10 MB: 413", async () => {
      const body = Buffer.alloc(10 * 1024 * 1024 + 1, 0x20);
      expect((await world().call({ method: "PUT", path: "/me", body })).status).toBe(413);
    });
  });
}
