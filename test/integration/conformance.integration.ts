/** The tests of OpenID's conformance suite for relying parties, against the real stack. */
import { createHash, randomBytes } from "node:crypto";
import { CASES, type ConformanceCase } from "./conformance/cases";
import {
  type MisbehavingProvider,
  startMisbehavingProvider,
  SUBJECT,
} from "./conformance/provider";
import { until } from "./rotating-world";
import { startWorld, type World } from "./world";

jest.setTimeout(180_000);

/** Above the lifetime of any token here: the next call refreshes. */
const MIN_VALIDITY = 86_400;

let provider: MisbehavingProvider;
let world: World;
let lines: string[] = [];

beforeAll(async () => {
  provider = await startMisbehavingProvider();
  const { issuer } = provider;
  world = await startWorld({
    // One process for each function: each case finds the keys that the one before has left.
    concurrency: 1,
    // Half of the codes are refused, which a client of one network may not cause so often.
    limits: { exchangeIntervalSeconds: 0, refusedCodesPerMinute: 1_000 },
    idp: {
      profile: "oidc",
      issuer,
      jwksUri: `${issuer}/jwks`,
      tokenEndpoint: `${issuer}/token`,
      userinfoEndpoint: `${issuer}/userinfo`,
      idTokenSigningAlgs: ["RS256", "ES256"],
      refreshTokenRotation: "strict",
    },
    onLog: ({ line, stream }) => {
      // Node's own warnings come on the other one.
      if (stream === "stdout") {
        lines.push(line);
      } else {
        process.stderr.write(`${line}\n`);
      }
    },
  });
  const { clientId, clientSecret } = world.stack.outputs;
  provider.register(clientId, clientSecret);
});

afterAll(async () => {
  await world.close();
  await provider.close();
});

async function signIn() {
  const { redirectUri } = world.stack.outputs;
  const verifier = randomBytes(32).toString("base64url");
  const nonce = randomBytes(16).toString("base64url");
  const codeChallenge = createHash("sha256").update(verifier).digest("base64url");
  const code = provider.authorize({ nonce, codeChallenge, redirectUri });
  const json = { code, redirect_uri: redirectUri, code_verifier: verifier, nonce };
  return await world.call({ method: "POST", path: "/sessions", json });
}

async function signedIn(): Promise<string> {
  const { status, body } = await signIn();
  expect(status).toBe(201);
  return String(body.session.token);
}

const reasons = () =>
  lines.flatMap((line) => {
    const { reason } = JSON.parse(line) as { readonly reason?: string };
    return reason === undefined ? [] : [reason];
  });

async function play({ verdict, behaviour }: ConformanceCase): Promise<void> {
  switch (verdict.step) {
    case "sign-in": {
      const { status, body } = await signIn();
      if (verdict.does === "accepted") {
        expect([status, body.user?.sub]).toEqual([201, SUBJECT]);
      } else {
        expect([status, body.code]).toEqual([401, "invalid_token"]);
        expect(reasons().some((reason) => verdict.reasons.includes(reason))).toBe(true);
      }
      return;
    }
    case "userinfo": {
      const bearer = await signedIn();
      const asked = provider.userinfoRequests.length;
      const fresh = { method: "GET", path: "/me?fresh=true", bearer };
      let answer = await world.call(fresh);
      // A busy machine may have no time left to ask the provider, and then says so.
      await until(async () => {
        const isAsked = provider.userinfoRequests.length > asked;
        answer = isAsked ? answer : await world.call(fresh);
        return isAsked;
      });
      const { status, body } = answer;
      expect(provider.userinfoRequests.slice(asked)).toEqual([
        expect.stringMatching(/^Bearer \S+$/),
      ]);
      const isTaken = verdict.does === "taken";
      expect([status, body.fresh.status]).toEqual([200, isTaken ? "ok" : "unavailable"]);
      expect(body.claims).toMatchObject(isTaken ? { ...behaviour.userinfo } : {});
      return;
    }
    case "refresh": {
      const bearer = await signedIn();
      const { status, body } = await world.call({
        method: "POST",
        path: "/me/access-token",
        bearer,
        json: { min_validity: MIN_VALIDITY },
      });
      expect(provider.tokenRequests.at(-1)?.form).toMatchObject({ grant_type: "refresh_token" });
      expect([status, body.reason]).toEqual(
        verdict.does === "accepted" ? [200, undefined] : [409, "foreign_subject"],
      );
    }
  }
}

test.each(CASES)("$name", async (one) => {
  lines = [];
  provider.behave(one.behaviour);
  await play(one);
  // The provider answers 401 to any other authentication, and to any other verifier with 400.
  expect(provider.tokenRequests.at(-1)?.authorization).toMatch(/^Basic /);
});

test("S36: no token, code or secret of all that has left a trace", async () => {
  expect(Object.values(await world.leaks()).every((count) => count === 0)).toBe(true);
});
