/** What must be refused, whoever asks. None of these needs a person. */
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { operationsOf, readContract } from "@rollup-vault/api-contract/check/document";
import { AwsClient } from "aws4fetch";
import type { ApiRequest } from "./api";
import type { Check, Run } from "./check";
import type { Deployment } from "./deployment";
import { type Headers, need, Skipped } from "./verdict";

interface Route {
  readonly method: string;
  readonly path: string;
}

/** Without a body, so that the credential alone is judged. */
function routesFor(...schemes: readonly string[]): readonly Route[] {
  return operationsOf(readContract())
    .filter(({ operation }) => {
      const security = (operation["security"] ?? []) as readonly object[];
      return security.some((scheme) => schemes.some((name) => name in scheme));
    })
    .map(({ method, path }) => ({ method, path: path.replace("{id}", "0".repeat(16)) }));
}

/** By ID token or session. `POST /sessions` also takes a code without either. */
const USER_ROUTES = routesFor("idToken", "session");
const BEARER_ONLY = USER_ROUTES.filter(
  ({ method, path }) => method !== "POST" || path !== "/sessions",
);
const SERVICE_ROUTE = { method: "POST", path: "/service/access-token" };

export const REFUSAL_CHECKS: readonly Check[] = [
  {
    name: "each route of a user refuses a request without a bearer",
    run: async (run) => {
      await refused(run, BEARER_ONLY, {});
    },
  },
  {
    name: "each route of a user refuses a bearer that is junk",
    run: async (run) => {
      await refused(run, USER_ROUTES, bearer(randomBytes(24).toString("base64url")));
    },
  },
  {
    name: "each route of a user refuses a session that was never opened",
    run: async (run) => {
      await refused(run, USER_ROUTES, bearer(`rvs_${randomBytes(40).toString("base64url")}`));
    },
  },
  {
    name: "an unsigned ID token is refused",
    run: async (run) => {
      const header = { alg: "none", typ: "JWT" };
      await refused(run, USER_ROUTES, bearer(`${encoded(header)}.${encoded(claims(run))}.`));
    },
  },
  {
    name: "an ID token signed by a stranger is refused",
    run: async (run) => {
      await refused(run, USER_ROUTES, bearer(byStranger(claims(run))));
    },
  },
  {
    name: "an ID token of the provider for another client is refused",
    run: async (run) => {
      const token = need(run.person, "person who signs in").foreignIdToken;
      if (token === undefined) {
        throw new Skipped("no ID token for another client was given (SMOKE_FOREIGN_ID_TOKEN)");
      }
      await refused(run, USER_ROUTES, bearer(token));
    },
  },
  {
    name: "POST /sessions refuses a redirect URI that the stage does not list",
    run: async ({ api }) => {
      const code = randomBytes(20).toString("hex");
      await api.expect([400, 401], {
        method: "POST",
        path: "/sessions",
        json: { code, redirect_uri: "https://smoke-suite.invalid/callback" },
      });
    },
  },
  {
    name: "POST /sessions refuses a body that is no JSON",
    run: async ({ api }) => {
      const headers = { "content-type": "application/json" };
      await api.expect(400, { method: "POST", path: "/sessions", headers, body: "{" });
    },
  },
  {
    name: "POST /service/access-token refuses a request without a signature",
    run: async ({ api, deployment }) => {
      const json = { sub: "smoke-suite" };
      await api.expect(...refusalOf({ ...SERVICE_ROUTE, json }, deployment));
    },
  },
  {
    name: "POST /service/access-token refuses a stranger's signature",
    run: async ({ api, deployment }) => {
      const stranger = new AwsClient({
        accessKeyId: "AKIAIOSFODNN7EXAMPLE",
        secretAccessKey: randomBytes(30).toString("base64"),
        region: deployment.region,
        service: "execute-api",
      });
      const body = JSON.stringify({ sub: "smoke-suite" });
      const { headers } = await stranger.sign(`${api.url}${SERVICE_ROUTE.path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
      });
      const request = { ...SERVICE_ROUTE, headers: Object.fromEntries(headers), body };
      await api.expect(...refusalOf(request, deployment));
    },
  },
];

/** Where no role is listed there is no service route. */
function refusalOf(request: ApiRequest, { hasServiceRoute }: Deployment): [number, ApiRequest] {
  return hasServiceRoute ? [403, request] : [404, { ...request, isUnlisted: true }];
}

export function bearer(token: string): Headers {
  return { authorization: `Bearer ${token}` };
}

/** @throws Failed for the first route that does not refuse */
export async function refused(
  { api }: Run,
  routes: readonly Route[],
  headers: Headers,
): Promise<void> {
  for (const { method, path } of routes) {
    await api.expect(401, { method, path, headers });
  }
}

/** A person's, whoever it would be. */
function claims({ deployment }: Run) {
  const now = Math.floor(Date.now() / 1000);
  const { issuer, clientId } = deployment.idp;
  return { iss: issuer, aud: [clientId], sub: "smoke-suite", typ: "JWT", iat: now, exp: now + 600 };
}

/** Made up as the provider would make it, but by another key. */
function byStranger(payload: object): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const signed = `${encoded({ alg: "ES256", typ: "JWT", kid: "smoke-suite" })}.${encoded(payload)}`;
  const signature = sign("sha256", Buffer.from(signed), {
    key: privateKey,
    dsaEncoding: "ieee-p1363",
  });
  return `${signed}.${signature.toString("base64url")}`;
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
