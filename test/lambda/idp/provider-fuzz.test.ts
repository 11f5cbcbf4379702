/**
 * Whatever a provider answers, over real HTTP and through the real use cases: no successor that
 * arrived is lost, no good user is quarantined or signed out, and nothing is a 500 but what the
 * operator can act on.
 */
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { createKeySet } from "../../../lambda/auth/key-set";
import type { IdpSettings } from "../../../lambda/env";
import { ServiceError } from "../../../lambda/errors";
import { pickUserinfoOf } from "../../../lambda/idp/identity";
import { createProfile } from "../../../lambda/idp/profile";
import { createTokenEndpoint } from "../../../lambda/idp/token-endpoint";
import { createUserinfo } from "../../../lambda/idp/userinfo";
import { createHttpClient } from "../../../lambda/platform/http-client";
import type { TokenEndpoint } from "../../../lambda/ports/provider";
import { postedSecret } from "../../support/client-credentials";
import { createWorld, SUB } from "../../support/exchange-world";
import {
  type Answer,
  answers,
  hasArrived,
  isWhole,
  serve,
  SUCCESSOR,
} from "../../support/provider-answers";
import { CLIENT_ID, createTestIssuer, encode, ISSUER } from "../../support/tokens";
import { ROLLUP_SETTINGS } from "../../support/users-api";

/** `npm run fuzz:provider` takes more, and a seed of its own: FUZZ_RUNS, FUZZ_SEED. */
const RUNS = Number(process.env["FUZZ_RUNS"] ?? 400);
const SEED = Number(process.env["FUZZ_SEED"] ?? 20_261_129);
const PARAMETERS = { numRuns: RUNS, seed: SEED };

const jwt = (claims: object) => `e30.${encode(JSON.stringify(claims))}.c2ln`;
const own = { iss: ISSUER, aud: [CLIENT_ID], sub: SUB };
const TOKENS = {
  accessToken: jwt({ ...own, exp: Date.UTC(2026, 0, 1) / 1000 + 3_600, scope: "openid", jti: "1" }),
  idToken: jwt(own),
  foreignIdToken: jwt({ ...own, sub: "urn:rollupid:identity/0x02" }),
};

const PROFILES: readonly [string, Partial<IdpSettings>][] = [
  ["rollup", {}],
  ["oidc, strict", { profile: "oidc", refreshTokenRotation: "strict" }],
  ["oidc, grace", { profile: "oidc", refreshTokenRotation: "grace" }],
  ["oidc, none", { profile: "oidc", refreshTokenRotation: "none" }],
];

let listener: RequestListener = (_, response) => response.end();
const server = createServer((incoming, response) => {
  incoming.resume().on("end", () => {
    listener(incoming, response);
  });
});
let url = "";

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function settingsOf(changes: Partial<IdpSettings>): IdpSettings {
  return { ...ROLLUP_SETTINGS, tokenEndpoint: url, jwksUri: url, ...changes };
}

/**
 * A user with `refresh-token-0`, and the real token endpoint; time passes only while nobody waits
 * for it.
 */
async function createUser(settings: IdpSettings) {
  const profile = createProfile(settings);
  const presented: string[] = [];
  let onTheWire: Promise<unknown> | undefined;
  const world = await createWorld({
    rotation: profile.refreshToken.rotation,
    endpoint: (clock): TokenEndpoint => {
      const real = createTokenEndpoint({ settings, profile, http: createHttpClient(), clock });
      return {
        ...real,
        refresh: async (token, secret, sub) => {
          presented.push(token);
          const asking = real.refresh(token, secret, sub);
          onTheWire = asking;
          return await asking.finally(() => {
            onTheWire = undefined;
          });
        },
      };
    },
  });
  const step = async () => {
    if (onTheWire === undefined) {
      return await world.handOut();
    }
    await onTheWire;
    return true;
  };
  /** `token`, or the reason of the error; anything else that is thrown is a bug. */
  const ask = async (): Promise<string> =>
    await world.time.run(world.call(), step).then(
      () => "token",
      (error: unknown) => {
        if (error instanceof ServiceError) {
          return error.reason;
        }
        throw error;
      },
    );
  return { world, presented, ask };
}

const REFUSALS = new Set([
  "400 BAD_REQUEST mismatch client id",
  "401 UNAUTHORIZED invalid token",
  "401 UNAUTHORIZED expired token",
]);

/** Whether the provider has said that this grant is dead; from the documents, not from the code. */
function isRefusal({ status, members = {} }: Answer, isOidc: boolean): boolean {
  const { error, name, code, message, refresh_token: refresh, access_token: access } = members;
  if (!isOidc) {
    return name === "RollupError" && REFUSALS.has([status, code, message].join(" "));
  }
  const isTokens = [refresh, access].some((token) => typeof token === "string" && token !== "");
  if (status === 200 && isTokens) {
    return false;
  }
  return error === "invalid_grant"
    ? [200, 400, 401, 403].includes(status)
    : ["login_required", "interaction_required"].includes(String(error)) &&
        [200, 400].includes(status);
}

/** Whether it may have spoken of our own registration. */
function isAboutClient({ status, members = {}, headers }: Answer, isOidc: boolean): boolean {
  return isOidc
    ? members["error"] === "invalid_client" || (status === 401 && "www-authenticate" in headers)
    : members["message"] === "invalid client credentials";
}

/**
 * Whether it spoke of another user; Rollup ID's access tokens must say whose they are (decision
 * 0030).
 */
function isForeign({ members = {} }: Answer, isOidc: boolean): boolean {
  const { id_token: idToken, access_token: accessToken } = members;
  return idToken === TOKENS.foreignIdToken || (!isOidc && accessToken !== TOKENS.accessToken);
}

const PASSING = ["idp_unavailable", "idp_in_doubt", "idp_protocol", "idp_rate_limited"];

test.each(PROFILES)(
  `a refresh (%s), seed ${String(SEED)}`,
  async (_, changes) => {
    const settings = settingsOf(changes);
    const isOidc = settings.profile === "oidc";
    const seen = new Map<string, number>();
    const property = fc.asyncProperty(answers(TOKENS), async (answer) => {
      const { world, presented, ask } = await createUser(settings);
      listener = serve(answer);
      const said = await ask();
      seen.set(said, (seen.get(said) ?? 0) + 1);

      if (said === "refresh_token_refused") {
        expect(isRefusal(answer, isOidc)).toBe(true);
      } else if (said === "foreign_subject") {
        expect(isForeign(answer, isOidc)).toBe(true);
      } else if (said === "client_rejected") {
        expect(isAboutClient(answer, isOidc)).toBe(true);
      } else {
        expect(["token", ...PASSING]).toContain(said);
      }
      const isWrong = said === "refresh_token_refused" || said === "foreign_subject";
      if (isRefusal(answer, isOidc) && isWhole(answer)) {
        expect(said).toBe("refresh_token_refused");
      }
      const stored = await world.storedRefreshToken();
      expect(stored === SUCCESSOR || stored === "refresh-token-0").toBe(true);
      if (hasArrived(answer)) {
        seen.set("kept", (seen.get("kept") ?? 0) + 1);
        expect(stored).toBe(SUCCESSOR);
      }
      if (!isWrong) {
        // Long after, the provider is well: what is stored is what it is asked with, and everybody
        // is served.
        world.time.advance(8 * 24 * 3_600_000);
        const well = { access_token: isOidc ? "opaque" : TOKENS.accessToken };
        listener = (__, response) => response.end(JSON.stringify(well));
        expect(await ask()).toBe("token");
        expect(presented.at(-1)).toBe(stored);
      }
    });
    await fc.assert(property, PARAMETERS);
    // It is about something: each of these came up.
    const expected = ["token", "kept", "refresh_token_refused", "client_rejected", ...PASSING];
    expect([...seen.keys()]).toEqual(expect.arrayContaining([...expected, "foreign_subject"]));
  },
  600_000,
);

test.each(PROFILES.slice(0, 2))(
  `a code (%s): no code that may be spent is asked for again, seed ${String(SEED)}`,
  async (_, changes) => {
    const settings = settingsOf(changes);
    const profile = createProfile(settings);
    const http = createHttpClient();
    const endpoint = createTokenEndpoint({ settings, profile, http, clock: { now: Date.now } });
    const code = { code: "c", redirectUri: "https://a.example", codeVerifier: undefined };
    const property = fc.asyncProperty(answers(TOKENS), async (answer) => {
      listener = serve(answer);
      const outcome = await endpoint.exchangeCode(code, postedSecret("secret"));
      if (outcome.kind === "tokens") {
        expect(typeof answer.members?.["id_token"]).toBe("string");
      }
      if (outcome.kind === "failed" && outcome.processed === "no") {
        expect([429, 503]).toContain(answer.status);
      }
    });
    await fc.assert(property, PARAMETERS);
  },
  600_000,
);

test(`userinfo and key set, seed ${String(SEED)}`, async () => {
  const settings = settingsOf({});
  const http = createHttpClient();
  const userinfo = createUserinfo({ url, pickUserinfo: pickUserinfoOf(settings), http });
  const issuer = createTestIssuer();
  const [{ kid }] = issuer.jwks().keys as [{ kid: string }];
  const property = fc.asyncProperty(answers(TOKENS), async (answer) => {
    listener = serve(answer);
    const { kind } = await userinfo.read("at", SUB, 2_000);
    const isAnswer = answer.members !== undefined && isWhole(answer) && answer.status < 300;
    expect(kind).toBe(isAnswer && answer.members["sub"] === SUB ? "claims" : "unavailable");
    // A document that holds no key of theirs lets nobody in and keeps nobody out for good.
    const clock = { at: Date.now(), now: () => clock.at };
    const keySet = createKeySet({ jwksUri: url, algs: ["ES256"], http, clock });
    const token = { kid, alg: "ES256", iat: clock.at / 1000, token: "t" } as const;
    const request = { ...token, isFromTokenEndpoint: false };
    await expect(keySet.keysFor(request)).rejects.toBeInstanceOf(ServiceError);
    listener = (_, response) => response.end(JSON.stringify(issuer.jwks()));
    clock.at += 3_600_000;
    expect((await keySet.keysFor(request)).map((key) => key.kid)).toEqual([kid]);
  });
  await fc.assert(property, PARAMETERS);
}, 600_000);
