import { createPublicKey, type JsonWebKey } from "node:crypto";
import { readUnverifiedJwt } from "../../../lambda/auth/jwt-grammar";
import { UnauthorizedError } from "../../../lambda/errors";
import { createRollupIdentity } from "../../../lambda/idp/profiles/rollup-identity";
import { createTokenJudge, type TokenJudge } from "../../support/token-judge";
import {
  ALICE,
  BOB,
  CLIENT_ID,
  encode,
  headerOf,
  ISSUER,
  NOW,
  signHs256,
} from "../../support/tokens";

const IAT = Math.floor(NOW / 1000) - 10;
const GOOD_CLAIMS = { iss: ISSUER, aud: CLIENT_ID, sub: ALICE, iat: IAT, exp: IAT + 60 };

let api: TokenJudge;

beforeEach(() => {
  api = createTokenJudge();
});

afterEach(() => {
  api.clock.restore();
});

/** What the grammar says of a spelling that the HTTP layer may already have refused. */
function grammar(token: string): unknown {
  try {
    return typeof readUnverifiedJwt(token, createRollupIdentity({}).idToken);
  } catch (error) {
    return (error as { reason?: unknown }).reason;
  }
}

async function expectMalformed(spelling: string): Promise<void> {
  expect({ spelling, grammar: grammar(spelling) }).toEqual({
    spelling,
    grammar: "malformed_token",
  });
  expect(await api.verdict(spelling)).toBe(401);
}

describe("S01: the algorithm is ES256 and nothing else", () => {
  const others = ["none", "nOnE", "NONE", "", "HS256", "RS256", "ES384", "ES256K", "es256"];

  test.each([...others, "EdDSA", " ES256", "constructor", null, 7, ["ES256"], undefined])(
    "alg %p is refused",
    async (alg) => {
      expect(await api.judgeIdToken({ header: { alg } })).toBe("disallowed_algorithm");
    },
  );

  test("an unsigned token is refused", async () => {
    const [header = "", payload = ""] = api.issuer.idToken({ header: { alg: "none" } }).split(".");
    expect(await api.judge(`${header}.${payload}.`)).toBe("malformed_token");
    expect(await api.judge(`${header}.${payload}.AA`)).toBe("disallowed_algorithm");
  });

  test("HS256 with the public key's bytes as secret is refused, under either name", async () => {
    const key = api.issuer.addKey();
    const publicKey = createPublicKey({ key: key.publicJwk as JsonWebKey, format: "jwk" });
    const secrets = [
      publicKey.export({ type: "spki", format: "pem" }),
      publicKey.export({ type: "spki", format: "der" }),
      JSON.stringify(key.publicJwk),
      Buffer.from(String(key.publicJwk["x"]), "base64url"),
    ];
    for (const secret of secrets) {
      const honest = signHs256({ ...headerOf(key), alg: "HS256" }, GOOD_CLAIMS, secret);
      expect(await api.judge(honest)).toBe("disallowed_algorithm");
      const disguised = signHs256(headerOf(key), GOOD_CLAIMS, secret);
      expect(await api.judge(disguised)).toBe("invalid_signature");
    }
  });

  test("a token really signed with RS256 by a key of the set is refused", async () => {
    api.issuer.addKey("rsa", "RS256");
    expect(await api.judgeIdToken({})).toBe("disallowed_algorithm");
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
    "k".repeat(128),
  ])("S04: %p is no key, and has no side effect", async (kid) => {
    expect(await api.judgeIdToken({ header: { kid } })).toBe("unknown_key");
    expect(new Set(api.server.requests.map(({ url }) => url)).size).toBe(1);
  });

  test("S04: one above 128 characters is refused before any key is looked for", async () => {
    expect(await api.judgeIdToken({ header: { kid: "k".repeat(129) } })).toBe("disallowed_header");
    expect(api.server.requests).toEqual([]);
  });

  test.each([undefined, null, 1, {}, ["a"], ""])(
    "S05: %p instead of a kid is refused, even with one key in the set",
    async (kid) => {
      expect(await api.judgeIdToken({ header: { kid } })).toBe("disallowed_header");
    },
  );
});

describe("S13: the typ", () => {
  test.each(["at+jwt", "application/at+jwt", "JWS", "", 1, null, ["JWT"]])(
    "%p is refused",
    async (typ) => {
      expect(await api.judgeIdToken({ header: { typ } })).toBe("wrong_token_kind");
    },
  );

  test("it may be absent, and its case does not matter", async () => {
    expect(await api.judgeIdToken({ header: { typ: undefined } })).toBe("believed");
    expect(await api.judgeIdToken({ header: { typ: "jwt" } })).toBe("believed");
  });
});

describe("S15: forms that are not a plain compact JWT", () => {
  test.each([{ crit: ["exp"] }, { crit: [] }, { crit: null }, { b64: false }, { b64: true }])(
    "a header with %p is refused",
    async (header) => {
      expect(await api.judgeIdToken({ header })).toBe("disallowed_header");
    },
  );

  test("JWE, JSON serialisation, braces, white space and newlines are refused", async () => {
    const token = api.issuer.idToken();
    const [header = "", payload = "", signature = ""] = token.split(".");
    const spellings = [
      `${header}.e30.${payload}.${signature}.e30`,
      JSON.stringify({ protected: header, payload, signature }),
      `{${token}}`,
      `${token}\n`,
      `${token}\r\n`,
      `${token} `,
      ` ${token}`,
      `${token}\0`,
      `${header}. ${payload}.${signature}`,
      `${header}.${payload}`,
      `${header}..${signature}`,
      `.${payload}.${signature}`,
      "..",
      "",
    ];
    for (const spelling of spellings) {
      await expectMalformed(spelling);
    }
  });

  test.each(['["iss"]', '"text"', "null", "7", " ", "{", '{"iss":', "\ufeff{}", "[".repeat(2000)])(
    "a payload of %p is refused",
    async (payload) => {
      const key = api.issuer.addKey();
      await expectMalformed(api.issuer.sign(headerOf(key), payload));
    },
  );

  test("bytes that are not UTF-8 are refused, instead of being read as something else", async () => {
    const bytes = Buffer.concat([Buffer.from('{"name":"'), Buffer.of(0xff), Buffer.from('"}')]);
    const [header = ""] = api.issuer.idToken().split(".");
    await expectMalformed(`${header}.${encode(bytes)}.AA`);
    await expectMalformed(`${encode(bytes)}.${encode("{}")}.AA`);
  });

  test("of a member that is there twice the last one counts, in every check alike", async () => {
    const text = JSON.stringify(GOOD_CLAIMS).slice(0, -1);
    const token = api.issuer.sign(
      headerOf(api.issuer.addKey()),
      `${text},"sub":${JSON.stringify(BOB)}}`,
    );
    const headers = { authorization: `Bearer ${token}` };
    expect((await api.call("PUT /me", { headers })).body).toMatchObject({ sub: BOB });
    const scoped = api.issuer.sign(headerOf(api.issuer.addKey()), `${text},"scope":"","scope":1}`);
    expect(await api.judge(scoped)).toBe("wrong_token_kind");
  });

  test("__proto__ and constructor are members like any other: they lend nothing", async () => {
    const { sub, ...rest } = GOOD_CLAIMS;
    const lender = `{"sub":${JSON.stringify(sub)},"polluted":true}`;
    const text = JSON.stringify(rest).slice(0, -1);
    for (const name of ["__proto__", "constructor"]) {
      const token = api.issuer.sign(
        headerOf(api.issuer.addKey(name)),
        `${text},"${name}":${lender}}`,
      );
      expect(await api.judge(token)).toBe("invalid_subject");
    }
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});

describe("S16: one token has one accepted spelling", () => {
  test("of all texts of up to five characters, those that their bytes would be spelled as", () => {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const header = encode(JSON.stringify({ alg: "ES256", kid: "1" }));
    const wrong = [0, 1, 2, 3, 4].flatMap((before) =>
      Array.from(alphabet).filter((last) => {
        const text = "Q".repeat(before) + last;
        const isCanonical = encode(Buffer.from(text, "base64url")) === text;
        return grammar(`${header}.e30.${text}`) !== (isCanonical ? "object" : "malformed_token");
      }),
    );
    expect(wrong).toEqual([]);
  });

  test("padding, the other alphabet and a non-canonical last character are refused", async () => {
    const token = api.issuer.idToken();
    const [header = "", payload = "", signature = ""] = token.split(".");
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const last = alphabet.indexOf(signature.at(-1) ?? "");
    const twins = [1, 2, 3].map((bits) => signature.slice(0, -1) + (alphabet[last ^ bits] ?? ""));
    const bytesOf = (text: string) => Buffer.from(text, "base64url").toString("hex");
    expect(twins.map(bytesOf)).toEqual(Array(3).fill(bytesOf(signature)));
    const spellings = [
      `${token}=`,
      `${token}==`,
      `${header}=.${payload}.${signature}`,
      `${header}.${payload}=.${signature}`,
      `${header}.${payload}.${Buffer.from(signature, "base64url").toString("base64")}`,
      ...twins.map((twin) => `${header}.${payload}.${twin}`),
    ];
    for (const spelling of spellings) {
      await expectMalformed(spelling);
    }
    expect(await api.judge(token)).toBe("believed");
  });
});

describe("S17: size", () => {
  test("a token above 4,096 bytes is refused although it is signed and right in every way", async () => {
    const padded = (length: number) => api.issuer.idToken({ claims: { pad: "x".repeat(length) } });
    const overhead = padded(0).length;
    const largest = padded(Math.floor(((4096 - overhead) * 3) / 4));
    expect(largest.length).toBeLessThanOrEqual(4096);
    expect(largest.length).toBeGreaterThan(4090);
    expect(await api.judge(largest)).toBe("believed");
    await expectMalformed(padded(Math.ceil(((4097 - overhead) * 3) / 4) + 3));
  });

  test("a token of exactly the greatest size is read", () => {
    const token = api.issuer.idToken();
    const policy = { ...createRollupIdentity({}).idToken, maxBytes: token.length };
    expect(readUnverifiedJwt(token, policy).payload).toMatchObject({ sub: ALICE });
    expect(() => readUnverifiedJwt(`${token}A`, policy)).toThrow(UnauthorizedError);
  });

  test("nothing is parsed or fetched for a token that is too large", async () => {
    const parse = jest.spyOn(JSON, "parse");
    const event = {
      routeKey: "PUT /me",
      headers: { authorization: `Bearer ${"a".repeat(4097)}` },
      requestContext: {},
    };
    const context = { awsRequestId: "1", getRemainingTimeInMillis: () => 1 };
    expect((await api.handler(event, context)).statusCode).toBe(401);
    expect(parse).not.toHaveBeenCalled();
    expect(api.server.requests).toEqual([]);
  });
});
