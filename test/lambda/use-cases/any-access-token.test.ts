/**
 * 12.7: an access token of an `oidc` provider is nobody's business here: a JWE, an opaque one, a
 * JWT of another issuer are kept and handed out as they came, byte for byte.
 */
import { createCipheriv, randomBytes } from "node:crypto";
import { sessionTokens } from "../../../lambda/auth/session-token";
import type { IdpSettings } from "../../../lambda/env";
import { createProfile } from "../../../lambda/idp/profile";
import { createTokenEndpoint } from "../../../lambda/idp/token-endpoint";
import { createUserinfo } from "../../../lambda/idp/userinfo";
import type { HttpRequest } from "../../../lambda/ports/http-client";
import { createBudget } from "../../../lambda/use-cases/budget";
import {
  createRefreshCheck,
  createStoreRefreshToken,
} from "../../../lambda/use-cases/refresh-token";
import { createSignInByCode } from "../../../lambda/use-cases/sign-in";
import { createWorld, SUB } from "../../support/exchange-world";
import { createInMemorySessionStore } from "../../support/in-memory-session-store";
import { createInMemoryUserStore } from "../../support/in-memory-user-store";
import { createTestIssuer, encode, ISSUER } from "../../support/tokens";
import { ROLLUP_SETTINGS } from "../../support/users-api";

const OIDC: IdpSettings = { ...ROLLUP_SETTINGS, profile: "oidc", userinfoEndpoint: ISSUER };
const REDIRECT_URI = "https://app.example/callback";
const HOUR_MS = 3_600_000;
const issuer = createTestIssuer();

/** Compact serialisation (RFC 7516 section 7.1), `dir` and A256GCM, as Auth0 has it. */
function jwe(): string {
  const header = encode(JSON.stringify({ alg: "dir", enc: "A256GCM", iss: ISSUER, kid: "k" }));
  const [key, iv] = [randomBytes(32), randomBytes(12)];
  const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(Buffer.from(header));
  const text = Buffer.concat([cipher.update(JSON.stringify({ sub: "somebody" })), cipher.final()]);
  return [header, "", encode(iv), encode(text), encode(cipher.getAuthTag())].join(".");
}

const foreignJwt = () =>
  issuer.accessToken({
    header: { typ: "at+jwt" },
    claims: {
      iss: "https://sts.windows.net/another-tenant/",
      aud: "00000003-0000-0000-c000-000000000000",
      sub: "pairwise-for-another-api",
      exp: 1,
      jti: randomBytes(8).toString("hex"),
    },
  });

const FORMS: readonly (readonly [name: string, make: () => string])[] = [
  ["a JWE", jwe],
  ["an opaque one", () => `ya29.${randomBytes(120).toString("base64")}~+/==`],
  ["a JWT of another issuer, audience and subject, long expired", foreignJwt],
  ["one that looks like a JWT and is none", () => `a.${randomBytes(6).toString("hex")}.c`],
  ["a very long one", () => randomBytes(8_000).toString("hex")],
];

const json = (body: object) => ({
  status: 200,
  headers: {},
  body: Buffer.from(JSON.stringify(body)),
});

/** The real use cases before a provider whose access tokens have this form. */
async function createProvider(make: () => string, hasIdToken = true) {
  const issued: string[] = [];
  const idToken = issuer.idToken({ claims: { sub: SUB } });
  const http = {
    send: ({ method }: HttpRequest) => {
      if (method === "GET") {
        return Promise.resolve(json({ sub: SUB }));
      }
      issued.push(make());
      const members = { access_token: issued.at(-1), token_type: "Bearer", expires_in: 3_600 };
      return Promise.resolve(
        json({ ...members, refresh_token: "rt", ...(hasIdToken && { id_token: idToken }) }),
      );
    },
  };
  const world = await createWorld({
    endpoint: (clock) =>
      createTokenEndpoint({ settings: OIDC, profile: createProfile(OIDC), http, clock }),
  });
  const { dependencies, time } = world;
  const budget = createBudget({ perMinute: 1_000, clock: time });
  const pickUserinfo = () => ({});
  const ownership = createRefreshCheck({
    ...dependencies,
    userinfo: createUserinfo({ url: ISSUER, pickUserinfo, http }),
  });
  const signInByCode = createSignInByCode({
    ...dependencies,
    ownership,
    users: createInMemoryUserStore(),
    sessions: createInMemorySessionStore(),
    tokens: sessionTokens,
    limits: { idleSeconds: 60, absoluteSeconds: 60 },
    sessionsPerUser: 50,
    verifier: {
      ready: () => Promise.resolve(),
      verifyExchanged: () =>
        Promise.resolve({
          sub: SUB,
          issuedAt: time.now(),
          expiresAt: time.now() + HOUR_MS,
          claims: {},
          tokenHash: "hash",
          nonce: undefined,
        }),
    },
    redirectUris: [REDIRECT_URI],
    isPossibleCode: () => true,
    isCodeReusable: false,
    refusedCodes: budget,
    refreshTokens: budget,
    idTokenPolicy: { clockToleranceSeconds: 60 },
  });
  const call = { by: "POST /sessions", userAgent: "", network: "n", replaces: undefined };
  return {
    ...world,
    issued,
    byCode: () =>
      time.run(
        signInByCode(
          { code: "c", redirectUri: REDIRECT_URI, codeVerifier: undefined },
          { ...call, deadline: time.now() + 15_000, log: dependencies.log },
        ),
      ),
    handIn: () =>
      time.run(
        createStoreRefreshToken({ ...dependencies, ownership })({
          evidence: { sub: SUB, at: time.now(), tokenHash: undefined },
          by: "PUT /me/refresh-token",
          refreshToken: "rt",
        }),
      ),
  };
}

const bytes = (text: string | undefined) => Buffer.from(text ?? "");

describe.each(FORMS)("12.7: %s", (_, make) => {
  test("comes back from a sign-in by code, from the store, and from a refresh as it came", async () => {
    const world = await createProvider(make);
    const { accessToken } = await world.byCode();
    expect(bytes(accessToken?.accessToken)).toEqual(bytes(world.issued[0]));
    expect(bytes((await world.get()).accessToken)).toEqual(bytes(world.issued[0]));
    world.time.advance(HOUR_MS);
    expect(bytes((await world.get()).accessToken)).toEqual(bytes(world.issued[1]));
    expect(bytes((await world.get()).accessToken)).toEqual(bytes(world.issued[1]));
    expect(world.issued).toHaveLength(2);
    expect((await world.grant()).status).toBe("active");
  });

  test.each([true, false])(
    "comes with a refresh token that is handed in (ID token in the answer: %s), as it came",
    async (hasIdToken) => {
      const world = await createProvider(make, hasIdToken);
      await world.handIn();
      expect(bytes((await world.get()).accessToken)).toEqual(bytes(world.issued[0]));
      world.time.advance(HOUR_MS);
      expect(bytes((await world.get()).accessToken)).toEqual(bytes(world.issued[1]));
      expect((await world.grant()).status).toBe("active");
    },
  );

  test("is in no log line", async () => {
    const world = await createProvider(make);
    await world.byCode();
    world.time.advance(HOUR_MS);
    await world.get();
    const logged = JSON.stringify(world.lines);
    expect(world.issued.filter((token) => logged.includes(token))).toEqual([]);
  });
});
