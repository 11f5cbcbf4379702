/** Checks that need nobody: what anyone may see, and what browsers of which origin may. */
import { isDeepStrictEqual } from "node:util";
import { readContract } from "@rollup-vault/api-contract/check/document";
import type { Check, Run } from "./check";
import { assertThat, Skipped } from "./verdict";

const FOREIGN_ORIGIN = "https://smoke-suite.invalid";

export const OPEN_CHECKS: readonly Check[] = [
  {
    name: "GET /health is ok",
    shows: ["GET /health"],
    run: async ({ api }) => {
      const { body } = await api.expect(200, { method: "GET", path: "/health" });
      assertThat(body["status"] === "ok", 'the answer has no status "ok"');
    },
  },
  {
    name: "GET /openapi.json is the contract of this checkout",
    shows: ["GET /openapi.json"],
    run: async ({ api }) => {
      const { text, headers } = await api.expect(200, { method: "GET", path: "/openapi.json" });
      assertThat(
        isDeepStrictEqual(JSON.parse(text), readContract()),
        "another contract is deployed than docs/openapi.json: deploy this version, " +
          "or run the suite of the deployed one",
      );
      const etag = headers.get("etag") ?? "";
      const again = { method: "GET", path: "/openapi.json", headers: { "if-none-match": etag } };
      await api.expect(304, again);
    },
  },
  {
    name: "GET /.well-known/jwks.json has the client's keys, where the stage has some",
    shows: ["GET /.well-known/jwks.json"],
    run: async ({ api, deployment }) => {
      const request = { method: "GET", path: "/.well-known/jwks.json" };
      if (!deployment.publishesKeys) {
        await api.expect(404, { ...request, isUnlisted: true });
        return;
      }
      const { body } = await api.expect(200, request);
      const { keys } = body;
      assertThat(Array.isArray(keys) && keys.length > 0, "there is no key");
      assertThat(
        (keys as readonly object[]).every((key) => !("d" in key)),
        "a private key is published",
      );
    },
  },
  {
    name: "a path without a route is 404",
    run: async ({ api }) => {
      await api.expect(404, { method: "GET", path: "/no-such-path" });
    },
  },
  {
    name: "a method without a route is 405",
    run: async ({ api }) => {
      await api.expect(405, { method: "DELETE", path: "/health" });
    },
  },
  {
    name: "CORS: a preflight of each allowed origin is allowed",
    run: async (run) => {
      for (const origin of allowedOrigins(run)) {
        const { headers, status } = await preflight(run, origin);
        const allowed = headers.get("access-control-allow-origin");
        assertThat(allowed === origin, `a preflight from ${origin} is ${status}, and not allowed`);
        assertThat(
          listed(headers.get("access-control-allow-methods")).includes("put") &&
            listed(headers.get("access-control-allow-headers")).includes("authorization"),
          `a preflight from ${origin} does not allow PUT with authorization`,
        );
      }
    },
  },
  {
    name: "CORS: each allowed origin may read an answer",
    run: async (run) => {
      for (const origin of allowedOrigins(run)) {
        const headers = { origin };
        const answer = await run.api.send({ method: "GET", path: "/health", headers });
        const allowed = answer.headers.get("access-control-allow-origin");
        assertThat(allowed === origin, `a page of ${origin} may not read the answer`);
      }
    },
  },
  {
    name: "CORS: a preflight of a foreign origin is not allowed",
    run: async (run) => {
      const { headers } = await preflight(run, FOREIGN_ORIGIN);
      const allowed = headers.get("access-control-allow-origin");
      assertThat(allowed === null, `a foreign origin is allowed: ${String(allowed)}`);
    },
  },
  {
    name: "CORS: a foreign origin may not read an answer",
    run: async ({ api }) => {
      const headers = { origin: FOREIGN_ORIGIN };
      const answer = await api.send({ method: "GET", path: "/health", headers });
      const allowed = answer.headers.get("access-control-allow-origin");
      assertThat(allowed === null, `a foreign origin may read it: ${String(allowed)}`);
    },
  },
];

function allowedOrigins({ deployment }: Run): readonly string[] {
  const { corsOrigins } = deployment;
  if (corsOrigins === undefined) {
    throw new Skipped("the outputs have no CorsOrigins: deploy the API stack of this version");
  }
  return corsOrigins;
}

async function preflight({ api }: Run, origin: string) {
  return await api.send({
    method: "OPTIONS",
    path: "/me",
    isUnlisted: true,
    headers: {
      origin,
      "access-control-request-method": "PUT",
      "access-control-request-headers": "authorization,content-type",
    },
  });
}

function listed(header: string | null): readonly string[] {
  return (header ?? "").split(",").map((name) => name.trim().toLowerCase());
}
