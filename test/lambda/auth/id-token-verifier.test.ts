import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import {
  BOB,
  CLIENT_ID,
  createTestKey,
  encode,
  headerOf,
  ISSUER,
  NOW,
  signHs256,
  type Overrides,
} from "../../support/tokens";
import { createUsersApi, ROLLUP_SETTINGS } from "../../support/users-api";

type Api = ReturnType<typeof createUsersApi>;

const IAT = Math.floor(NOW / 1000) - 10;
const FUZZ_RUNS = Number(process.env["FUZZ_RUNS"] ?? 500);

let api: Api;

beforeEach(() => {
  api = createUsersApi();
});

afterEach(() => {
  api.clock.restore();
});

async function verdict(overrides: Overrides): Promise<number> {
  return await api.verdict(api.issuer.idToken(overrides));
}

describe("an ID token of the provider", () => {
  test("in the provider's own shape is believed", async () => {
    expect(await verdict({})).toBe(201);
    expect(await verdict({})).toBe(200);
  });

  test("without the profile scope, with nothing but iss, aud, sub, iat and exp, is believed", async () => {
    expect(await verdict({ claims: { name: undefined } })).toBe(201);
  });
});

describe("S01: the algorithm is ES256 and nothing else", () => {
  test.each([
    "none",
    "nOnE",
    "NONE",
    "",
    "HS256",
    "RS256",
    "ES384",
    "ES256K",
    "es256",
    "EdDSA",
    null,
    7,
  ])("alg %p is refused", async (alg) => {
    expect(await verdict({ header: { alg } })).toBe(401);
  });

  test("no alg at all is refused", async () => {
    expect(await verdict({ header: { alg: undefined } })).toBe(401);
  });

  test("an unsigned token is refused", async () => {
    const [header, payload] = api.issuer.idToken({ header: { alg: "none" } }).split(".");
    expect(await api.verdict(`${header ?? ""}.${payload ?? ""}.`)).toBe(401);
    expect(await api.verdict(`${header ?? ""}.${payload ?? ""}.AA`)).toBe(401);
  });

  test("HS256 with the public key's bytes as secret is refused", async () => {
    const key = api.issuer.addKey();
    const pem = generateKeyPairSync("ec", { namedCurve: "P-256" })
      .publicKey.export({ type: "spki", format: "pem" })
      .toString();
    const claims = { iss: ISSUER, aud: CLIENT_ID, sub: BOB, iat: IAT, exp: IAT + 60 };
    for (const secret of [pem, JSON.stringify(key.publicJwk), String(key.publicJwk["x"])]) {
      for (const alg of ["HS256", "ES256"]) {
        const token = signHs256({ ...headerOf(key), alg }, claims, secret);
        expect(await api.verdict(token)).toBe(401);
      }
    }
  });

  test("a token really signed with RS256 by a key of the set is refused", async () => {
    api.issuer.addKey("rsa", "RS256");
    expect(await verdict({})).toBe(401);
  });
});

describe("S02: keys come from the configured address only", () => {
  test("a key in the header is not used, nor is one that the header points to", async () => {
    const foreign = createTestKey("evil", "ES256");
    const address = "https://evil.example/jwks.json";
    const headers = [
      { jwk: foreign.publicJwk },
      { jku: address },
      { x5u: address },
      { x5c: ["MIIB"] },
      { jwk: foreign.publicJwk, jku: address },
    ];
    for (const extra of headers) {
      const own = headerOf(api.issuer.addKey());
      const token = api.issuer.sign({ ...own, ...extra }, JSON.stringify({ sub: BOB }), foreign);
      expect(await api.verdict(token)).toBe(401);
    }
    expect(new Set(api.server.requests.map(({ url }) => url)).size).toBeLessThanOrEqual(1);
  });

  test("a foreign jku of a well-signed token is ignored", async () => {
    expect(await verdict({ header: { jku: "https://evil.example/jwks.json" } })).toBe(201);
    expect(api.server.requests.map(({ url }) => url)).toEqual([ROLLUP_SETTINGS.jwksUri]);
  });
});

describe("S04 S05: the kid", () => {
  test.each([
    "../../etc/passwd",
    "' OR 1=1 --",
    "https://evil.example/jwks.json",
    "__proto__",
    "constructor",
    "toString",
    "k".repeat(129),
    "",
  ])("S04: %p is refused without a side effect", async (kid) => {
    expect(await verdict({ header: { kid } })).toBe(401);
    expect(new Set(api.server.requests.map(({ url }) => url)).size).toBeLessThanOrEqual(1);
  });

  test.each([undefined, null, 1, {}, ["a"]])(
    "S05: %p instead of a kid is refused, even with one key in the set",
    async (kid) => {
      expect(await verdict({ header: { kid } })).toBe(401);
    },
  );
});

describe("S10 S11: issuer and audience", () => {
  test.each([
    `${ISSUER}/`,
    "https://passport.example.evil",
    ISSUER.toUpperCase(),
    "",
    1,
    null,
    undefined,
    [ISSUER],
  ])("S10: iss %p is refused", async (iss) => {
    expect(await verdict({ claims: { iss } })).toBe(401);
  });

  test.each([
    ["another client", ["other"]],
    ["ours and another", [CLIENT_ID, "other"]],
    ["ours twice", [CLIENT_ID, CLIENT_ID]],
    ["nobody", []],
    ["a nested list", [[CLIENT_ID]]],
    ["an object", { 0: CLIENT_ID, length: 1 }],
    ["nothing", undefined],
    ["the empty string", ""],
  ])("S11: an audience of %s is refused", async (_, aud) => {
    expect(await verdict({ claims: { aud } })).toBe(401);
  });

  test("S11: exactly our client id is believed, as a string and as a list of one", async () => {
    expect(await verdict({ claims: { aud: CLIENT_ID } })).toBe(201);
    expect(await verdict({ claims: { aud: [CLIENT_ID] } })).toBe(200);
  });

  test("S11: azp, where it is there, must be our client id", async () => {
    expect(await verdict({ claims: { azp: CLIENT_ID } })).toBe(201);
    for (const azp of ["other", "", null, [CLIENT_ID]]) {
      expect(await verdict({ claims: { azp } })).toBe(401);
    }
  });
});

describe("S12 S28: lifetime", () => {
  test.each([
    ["no exp", { exp: undefined }],
    ["no iat", { iat: undefined }],
    ["exp as text", { exp: String(IAT + 3600) }],
    ["iat as text", { iat: String(IAT) }],
    ["a fraction of a second", { exp: IAT + 3599.5 }],
    ["exp before iat", { exp: IAT - 1 }],
    ["exp equal to iat", { exp: IAT }],
    ["a lifetime above an hour", { exp: IAT + 3601 }],
    ["exp in the year 9999", { exp: 253_402_300_799 }],
    ["milliseconds instead of seconds", { iat: NOW, exp: NOW + 3_600_000 }],
    ["iat a day ahead", { iat: IAT + 86_400, exp: IAT + 90_000 }],
    ["nbf ahead", { nbf: IAT + 3_000 }],
    ["nbf as text", { nbf: "0" }],
    ["a negative iat", { iat: -5, exp: 3_000 }],
  ])("S12: %s is refused", async (_, claims) => {
    expect(await verdict({ claims })).toBe(401);
  });

  test("S12: iat up to 60 seconds ahead is believed, 61 are not", async () => {
    const now = NOW / 1000;
    expect(await verdict({ claims: { iat: now + 60, exp: now + 3600 } })).toBe(201);
    expect(await verdict({ claims: { iat: now + 61, exp: now + 3600 } })).toBe(401);
  });

  test("S28: an ID token that ran out 59 seconds ago is believed, one of 61 seconds ago is not", async () => {
    const token = api.issuer.idToken();
    api.clock.advance((3600 - 10 + 59) * 1000);
    expect(await api.verdict(token)).toBe(201);
    api.clock.advance(2_000);
    expect(await api.verdict(token)).toBe(401);
  });
});

describe("S13: look-alikes", () => {
  test("an access token and a refresh token, validly signed, are no bearers here", async () => {
    expect(await api.verdict(api.issuer.accessToken())).toBe(401);
    expect(api.lastReason()).toBe("wrong_token_kind");
    expect(await api.verdict(api.issuer.refreshToken())).toBe(401);
    expect(await api.verdict(api.issuer.refreshToken({ claims: { exp: IAT + 3600 } }))).toBe(401);
  });

  test.each([{ scope: "" }, { scope: null }, { jti: "1" }, { jti: null }, { scope: ["openid"] }])(
    "an ID token with %p is refused",
    async (claims) => {
      expect(await verdict({ claims })).toBe(401);
    },
  );

  test.each(["at+jwt", "application/at+jwt", "JWS", "", 1, null])(
    "typ %p is refused",
    async (typ) => {
      expect(await verdict({ header: { typ } })).toBe(401);
    },
  );

  test("typ may be absent, and its case does not matter", async () => {
    expect(await verdict({ header: { typ: undefined } })).toBe(201);
    expect(await verdict({ header: { typ: "jwt" } })).toBe(200);
  });
});

describe("S14: the subject", () => {
  test.each([
    undefined,
    null,
    "",
    " ",
    7,
    ["urn:rollupid:identity/0x01"],
    "alice",
    "urn:rollupid:identity/",
    "urn:rollupid:identity/0xzz",
    "urn:rollupid:identity/0x01?+x",
    "urn:rollupid:identity/0x01\n",
    "urn:rollupid:identité/0x01",
    `urn:rollupid:identity/0x${"0".repeat(256)}`,
  ])("%p is refused", async (sub) => {
    expect(await verdict({ claims: { sub } })).toBe(401);
  });

  test.each(["urn:rollupid:account/0xAbCd", "urn:threeid:account/0x01"])(
    "the older spelling %p is believed",
    async (sub) => {
      expect(await verdict({ claims: { sub } })).toBe(201);
    },
  );
});

describe("S15: forms that are not a plain compact JWT", () => {
  test("crit and b64 are refused", async () => {
    expect(await verdict({ header: { crit: ["exp"] } })).toBe(401);
    expect(await verdict({ header: { crit: [] } })).toBe(401);
    expect(await verdict({ header: { b64: false } })).toBe(401);
    expect(await verdict({ header: { b64: false, crit: ["b64"] } })).toBe(401);
  });

  test("JWE, JSON serialisation, braces, white space and newlines are refused", async () => {
    const token = api.issuer.idToken();
    const [header = "", payload = "", signature = ""] = token.split(".");
    const spellings = [
      `${header}.e30.${payload}.${signature}.e30`,
      JSON.stringify({ protected: header, payload, signature }),
      `{${token}}`,
      `${token}\n`,
      `${token} `,
      ` ${token}`,
      `${header}. ${payload}.${signature}`,
      `${header}.${payload}`,
      `${header}..${signature}`,
      `.${payload}.${signature}`,
      "..",
      "",
    ];
    for (const spelling of spellings) {
      expect(await api.verdict(spelling)).toBe(401);
    }
  });

  test.each(['["iss"]', '"text"', "null", "7", "", "{", '{"iss":'])(
    "a payload of %p is refused",
    async (payload) => {
      const key = api.issuer.addKey();
      expect(await api.verdict(api.issuer.sign(headerOf(key), payload))).toBe(401);
    },
  );
});

describe("S16: one token has one accepted spelling", () => {
  test("padding, the other alphabet and a non-canonical last character are refused", async () => {
    const token = api.issuer.idToken();
    const [header = "", payload = "", signature = ""] = token.split(".");
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const last = alphabet.indexOf(signature.at(-1) ?? "");
    const twins = [1, 2, 3].map((bits) => signature.slice(0, -1) + (alphabet[last ^ bits] ?? ""));
    const spellings = [
      `${token}=`,
      `${token}==`,
      `${header}=.${payload}.${signature}`,
      `${header}.${payload}.${Buffer.from(signature, "base64url").toString("base64")}`,
      ...twins.map((twin) => `${header}.${payload}.${twin}`),
    ];
    expect(twins.map((twin) => Buffer.from(twin, "base64url").toString("hex"))).toContain(
      Buffer.from(signature, "base64url").toString("hex"),
    );
    for (const spelling of spellings) {
      expect(await api.verdict(spelling)).toBe(401);
    }
    expect(await api.verdict(token)).toBe(201);
  });
});

describe("S17: size", () => {
  test("a token above 4,096 bytes is refused although it is signed and right in every way", async () => {
    const padding = (length: number) => api.issuer.idToken({ claims: { pad: "x".repeat(length) } });
    const overhead = padding(0).length;
    const largest = padding(Math.floor(((4096 - overhead) * 3) / 4));
    expect(largest.length).toBeLessThanOrEqual(4096);
    expect(largest.length).toBeGreaterThan(4090);
    expect(await api.verdict(largest)).toBe(201);
    expect(await api.verdict(padding(Math.ceil(((4097 - overhead) * 3) / 4) + 3))).toBe(401);
    expect(api.lastReason()).toBe("malformed_token");
  });

  test("nothing is parsed or fetched for a token that is too large", async () => {
    const parse = jest.spyOn(JSON, "parse");
    const status = await api.handler(
      {
        routeKey: "PUT /me",
        headers: { authorization: `Bearer ${"a".repeat(4097)}` },
        requestContext: {},
      },
      { awsRequestId: "1", getRemainingTimeInMillis: () => 1 },
    );
    expect(status.statusCode).toBe(401);
    expect(parse).not.toHaveBeenCalled();
    expect(api.server.requests).toEqual([]);
  });
});

describe("S20: every refusal is the same answer", () => {
  test("whatever is wrong, status, headers and body are alike", async () => {
    const tokens = [
      "",
      "junk",
      "x".repeat(5_000),
      api.issuer.accessToken(),
      api.issuer.refreshToken(),
      api.issuer.idToken({ claims: { aud: "other" } }),
      api.issuer.idToken({ claims: { exp: IAT - 100 } }),
      api.issuer.idToken({ header: { alg: "none" } }),
      api.issuer.idToken({ header: { kid: "unknown" } }),
      `${api.issuer.idToken().slice(0, -4)}AAAA`,
    ];
    const answers = await Promise.all(
      tokens.map((token) => api.call("GET /me", { headers: { authorization: `Bearer ${token}` } })),
    );
    answers.push(await api.call("GET /me"));
    answers.push(await api.call("GET /me", { headers: { authorization: "Basic YTpi" } }));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toMatchObject({
      status: 401,
      headers: { "www-authenticate": 'Bearer error="invalid_token"' },
      body: { code: "invalid_token", action: "sign_in", retryable: false },
    });
  });
});

describe("mutations", () => {
  test("no single-character change of a good token is believed", async () => {
    const token = api.issuer.idToken();
    expect(await api.verdict(token)).toBe(201);
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=";
    await fc.assert(
      fc.asyncProperty(
        fc.nat(token.length - 1),
        fc.nat(alphabet.length - 1),
        async (at, character) => {
          const changed = token.slice(0, at) + (alphabet[character] ?? "") + token.slice(at + 1);
          fc.pre(changed !== token);
          expect(await api.verdict(changed)).toBe(401);
        },
      ),
      { numRuns: FUZZ_RUNS },
    );
  });

  test("a signature for other content is refused", async () => {
    const [header = "", , signature = ""] = api.issuer.idToken().split(".");
    const claims = { iss: ISSUER, aud: [CLIENT_ID], sub: BOB, iat: IAT, exp: IAT + 3600 };
    expect(await api.verdict(`${header}.${encode(JSON.stringify(claims))}.${signature}`)).toBe(401);
    expect(api.lastReason()).toBe("invalid_signature");
  });
});

describe("the oidc profile", () => {
  test.each(["RS256", "ES256", "PS256", "EdDSA"] as const)(
    "believes %s where the stage lists it, and nothing that it does not list",
    async (alg) => {
      api.clock.restore();
      api = createUsersApi({ ...ROLLUP_SETTINGS, profile: "oidc", idTokenSigningAlgs: [alg] }, alg);
      const claims = { sub: "alice", jti: "1" };
      expect(await verdict({ claims })).toBe(201);
      expect(await verdict({ claims: { ...claims, scope: "openid" } })).toBe(401);
      expect(await verdict({ claims, header: { typ: "at+jwt" } })).toBe(401);
      const [header = "", , signature = ""] = api.issuer.idToken({ claims }).split(".");
      const forged = encode(
        JSON.stringify({ iss: ISSUER, aud: CLIENT_ID, sub: "bob", iat: IAT, exp: IAT + 9 }),
      );
      expect(await api.verdict(`${header}.${forged}.${signature}`)).toBe(401);
      const other = alg === "ES256" ? "RS256" : "ES256";
      api.issuer.addKey("other", other);
      expect(await verdict({ claims })).toBe(401);
    },
  );
});
