import { createHash } from "node:crypto";
import fc from "fast-check";
import type { VerifiedIdToken } from "../../../lambda/model";
import { createTokenJudge, type TokenJudge } from "../../support/token-judge";
import { ALICE, BOB, CLIENT_ID, createTestKey, encode, ISSUER, NOW } from "../../support/tokens";
import { ROLLUP_SETTINGS } from "../../support/users-api";

const IAT = Math.floor(NOW / 1000) - 10;
const FUZZ_RUNS = Number(process.env["FUZZ_RUNS"] ?? 2_000);

let api: TokenJudge;

beforeEach(() => {
  api = createTokenJudge();
});

afterEach(() => {
  api.clock.restore();
});

function signedPart(token: string): string {
  return token.slice(0, token.lastIndexOf("."));
}

/** Order of the curve's group (SEC 2, secp256r1). */
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const HALF = 32;

/** The same token with the other signature that anybody can make of its own: (r, n - s). */
function flipped(token: string): string {
  const signature = Buffer.from(token.slice(token.lastIndexOf(".") + 1), "base64url");
  const s = BigInt(`0x${signature.subarray(HALF).toString("hex")}`);
  const other = Buffer.from((N - s).toString(16).padStart(2 * HALF, "0"), "hex");
  return `${signedPart(token)}.${encode(Buffer.concat([signature.subarray(0, HALF), other]))}`;
}

describe("S16: with ECDSA each token has a second signature that is as valid (F8)", () => {
  test("which makes it no other token", async () => {
    const token = api.issuer.idToken();
    expect(flipped(token)).not.toBe(token);
    const [one, other] = [
      await api.idTokens.verify(token),
      await api.idTokens.verify(flipped(token)),
    ];
    expect(other).toEqual(one);
    const another = await api.idTokens.verify(api.issuer.idToken({ claims: { nonce: "n" } }));
    expect(another.tokenHash).not.toBe(one.tokenHash);
  });

  test("and brings nobody back whom it was used to erase, also where the provider's clock is ahead", async () => {
    const now = NOW / 1000;
    const token = api.issuer.idToken({ claims: { iat: now + 30, exp: now + 600 } });
    expect(await api.verdict(token)).toBe(201);
    const { tokenHash } = await api.idTokens.verify(token);
    const seen = await api.users.find(ALICE);
    await api.users.begin(ALICE, seen, { at: NOW, tokenHashes: [tokenHash] });
    expect(await api.verdict(token)).toBe(401);
    expect(await api.verdict(flipped(token))).toBe(401);
  });
});

describe("an ID token of the provider", () => {
  test.each([
    ["a nonce", "n-0S6_WzA2Mj", "n-0S6_WzA2Mj"],
    ["no nonce", undefined, undefined],
    ["a nonce that is no text", 7, undefined],
  ])("is told by its times in milliseconds, its hash, and %s", async (_, nonce, expected) => {
    const token = api.issuer.idToken({ claims: { iat: IAT, exp: IAT + 60, nonce } });
    const verified = await api.idTokens.verify(token);
    expect({ ...verified, claims: undefined }).toStrictEqual({
      sub: ALICE,
      issuedAt: IAT * 1000,
      expiresAt: (IAT + 60) * 1000,
      claims: undefined,
      nonce: expected,
      tokenHash: createHash("sha256").update(signedPart(token)).digest("base64url"),
    });
  });

  test("in the provider's own shape is believed", async () => {
    expect(await api.verdict(api.issuer.idToken())).toBe(201);
    expect(await api.verdict(api.issuer.idToken())).toBe(200);
  });

  test("without the profile scope, with nothing but iss, aud, sub, iat and exp, is believed", async () => {
    expect(await api.judgeIdToken({ claims: { name: undefined } })).toBe("believed");
  });

  test("is believed whatever its subject, age, lifetime and name, within the policy", async () => {
    const now = NOW / 1000;
    const tokens = fc.record({
      hex: fc.stringMatching(/^[0-9a-fA-F]{1,200}$/),
      age: fc.integer({ min: -60, max: 3_000 }),
      left: fc.integer({ min: -59, max: 600 }),
      name: fc.string({ unit: "grapheme", maxLength: 300 }),
      isArray: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(tokens, async ({ hex, age, left, name, isArray }) => {
        fc.pre(age + left > 0);
        const times = { iat: now - age, exp: now + left };
        const aud = isArray ? [CLIENT_ID] : CLIENT_ID;
        const sub = `urn:rollupid:identity/0x${hex}`;
        expect(await api.judgeIdToken({ claims: { ...times, aud, sub, name } })).toBe("believed");
      }),
      { numRuns: Math.min(FUZZ_RUNS, 300) },
    );
  });
});

describe("S02: keys come from the configured address only", () => {
  const address = "https://evil.example/jwks.json";
  const forger = createTestKey("evil", "ES256");

  test.each([
    { jwk: forger.publicJwk },
    { jku: address },
    { x5u: address },
    { x5c: ["MIIB"] },
    { jwk: forger.publicJwk, jku: address, x5u: address },
  ])("a forger's key that header %j names is neither used nor fetched", async (header) => {
    expect(await api.judgeIdToken({ header, key: forger })).toBe("invalid_signature");
    const own = { ...header, kid: forger.kid };
    expect(await api.judgeIdToken({ header: own, key: forger })).toBe("unknown_key");
    expect(new Set(api.server.requests.map(({ url }) => url))).toEqual(
      new Set([ROLLUP_SETTINGS.jwksUri]),
    );
  });

  test("a foreign jku of a well-signed token is ignored", async () => {
    expect(await api.judgeIdToken({ header: { jku: address } })).toBe("believed");
    expect(api.server.requests.map(({ url }) => url)).toEqual([ROLLUP_SETTINGS.jwksUri]);
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

describe("S23: the claims that are kept", () => {
  async function kept(claims: Record<string, unknown>): Promise<VerifiedIdToken["claims"]> {
    const token = api.issuer.idToken({ claims: { name: undefined, ...claims } });
    const { body } = await api.call("PUT /me", { headers: { authorization: `Bearer ${token}` } });
    return body?.["claims"] as VerifiedIdToken["claims"];
  }

  const wellFormed = {
    name: "Älice",
    picture: "https://cdn.example/alice.png",
    email: "alice@example.com",
  };

  test("are those on the profile's list, as they were signed", async () => {
    expect(await kept(wellFormed)).toEqual(wellFormed);
  });

  test.each([
    ["one that is not on the list", { role: "admin", azp: CLIENT_ID }],
    ["a name of another type", { name: { toString: "x" } }],
    ["an empty name", { name: "" }],
    ["a name of null", { name: null }],
    ["a name above its cap", { name: "x".repeat(257) }],
    ["a picture above its cap", { picture: `https://cdn.example/${"x".repeat(2_048)}` }],
    ["a picture that is a script", { picture: "javascript:alert(1)" }],
    ["a picture that is data", { picture: "data:image/png;base64,AAAA" }],
    ["a picture over plain http", { picture: "http://cdn.example/alice.png" }],
    ["a picture that is no address", { picture: "alice.png" }],
    ["members named like those of every object", { constructor: "x", hasOwnProperty: "y" }],
  ])("%s is left out, and keeps nobody from signing in", async (_, claims) => {
    expect(await kept(claims)).toEqual({});
  });

  test("a name at its cap is kept", async () => {
    expect(await kept({ name: "x".repeat(256) })).toEqual({ name: "x".repeat(256) });
  });
});

function kidOf(token: string): unknown {
  try {
    const header = Buffer.from(token.split(".")[0] ?? "", "base64url").toString();
    return (JSON.parse(header) as { kid?: unknown }).kid;
  } catch {
    return undefined;
  }
}

describe("mutations", () => {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ {";

  test("no token that is one character away from a good one is believed", async () => {
    const token = api.issuer.idToken();
    expect(await api.judge(token)).toBe("believed");
    const mutation = fc.record({
      at: fc.nat(token.length - 1),
      character: fc.nat(alphabet.length - 1).map((at) => alphabet.charAt(at)),
      removed: fc.constantFrom(1, 1, 1, 0),
      isInserted: fc.constantFrom(true, true, true, false),
    });
    await fc.assert(
      fc.asyncProperty(mutation, async ({ at, character, removed, isInserted }) => {
        const inserted = isInserted ? character : "";
        const changed = token.slice(0, at) + inserted + token.slice(at + removed);
        // White space around the credentials of the header would be the HTTP layer's to judge.
        fc.pre(changed !== token && changed.trim() === changed);
        // A kid that is one character away may be that of a new key: nobody knows until the set is
        // fetched again.
        expect([401, 503]).toContain(await api.verdict(changed));
        const isOpen = api.lastReason() === "key_set_unavailable";
        expect(isOpen && kidOf(changed) === kidOf(token)).toBe(false);
      }),
      { numRuns: FUZZ_RUNS },
    );
  });

  test("a signature for other content is refused", async () => {
    const [header = "", , signature = ""] = api.issuer.idToken().split(".");
    const claims = { iss: ISSUER, aud: [CLIENT_ID], sub: BOB, iat: IAT, exp: IAT + 3600 };
    const forged = `${header}.${encode(JSON.stringify(claims))}.${signature}`;
    expect(await api.judge(forged)).toBe("invalid_signature");
  });
});
