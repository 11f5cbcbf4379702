/**
 * Gives the answers of oidc-provider the shape of those of the provider that is played. A JWT
 * access token has the opaque one as its `jti`, by which userinfo finds it again.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  type JsonWebKey,
  type KeyObject,
} from "node:crypto";
import { decodeJwt, type JWTPayload, jwtVerify, SignJWT } from "jose";
import { filled, type Habits, type Words } from "./habits";

export type TokenAnswer = Readonly<Record<string, unknown>>;

export interface Shaper {
  /** @param words of the person whose tokens these are */
  tokens(answer: TokenAnswer, words: Words, isRefresh: boolean): Promise<TokenAnswer>;
  /** The token that oidc-provider knows. A text that is none of ours is returned as it is. */
  unwrapped(accessToken: string): Promise<string>;
}

export interface ShaperOptions {
  readonly habits: Habits;
  /** Private JWK with `alg` and `kid`. */
  readonly key: Readonly<Record<string, string>>;
}

export function createShaper({ habits, key: jwk }: ShaperOptions): Shaper {
  const key = createPrivateKey({ key: jwk as JsonWebKey, format: "jwk" });
  const publicKey = createPublicKey(key);
  const sign = async (payload: JWTPayload, typ: string) =>
    await new SignJWT(payload)
      .setProtectedHeader({ alg: habits.idToken.alg, kid: jwk["kid"], typ })
      .sign(key);
  return {
    tokens: async (answer, words, isRefresh) => {
      const { id_token: idToken, access_token: opaque, scope, ...rest } = answer;
      const { refreshBrings } = habits;
      const hasScope = !isRefresh || refreshBrings.scope;
      const accessToken =
        habits.accessToken.format === "opaque"
          ? String(opaque)
          : await sign(accessTokenOf(habits, answer, words), "at+jwt");
      const shaped = { ...rest, access_token: accessToken, ...(hasScope && { scope }) };
      if (typeof idToken !== "string" || (isRefresh && !refreshBrings.idToken)) {
        return shaped;
      }
      const claims = idTokenOf(habits, { idToken, accessToken }, words);
      return { ...shaped, id_token: await sign(claims, "JWT") };
    },
    unwrapped: async (accessToken) =>
      habits.accessToken.format === "opaque" ? accessToken : await unwrap(accessToken, publicKey),
  };
}

interface Tokens {
  readonly idToken: string;
  readonly accessToken: string;
}

function idTokenOf({ idToken }: Habits, tokens: Tokens, words: Words): JWTPayload {
  const { iat = 0, exp = 0, ...payload } = decodeJwt(tokens.idToken);
  const { backdatedSeconds: past, atHash, alg } = idToken;
  return withoutNull({
    ...payload,
    iat: iat - past,
    ...(past > 0 && { nbf: iat - past }),
    exp: exp - past,
    ...(atHash && { at_hash: halfHash(tokens.accessToken, alg) }),
    ...filled(idToken.claims, words),
  });
}

/** `at_hash` (OpenID Connect Core 3.1.3.6). */
function halfHash(accessToken: string, alg: Habits["idToken"]["alg"]): string {
  const bits = /\d+$/.exec(alg)?.[0] ?? "512";
  const hash = createHash(`sha${bits}`).update(accessToken).digest();
  return hash.subarray(0, hash.length / 2).toString("base64url");
}

function accessTokenOf({ accessToken }: Habits, answer: TokenAnswer, words: Words): JWTPayload {
  const iat = Math.floor(Date.now() / 1000);
  return withoutNull({
    iss: words.issuer,
    sub: words.sub,
    aud: "https://api.example",
    iat,
    exp: iat + Number(answer["expires_in"]),
    jti: String(answer["access_token"]),
    scope: answer["scope"],
    ...filled(accessToken.claims, words),
  });
}

/** Habits leave a claim out by a null. */
function withoutNull(payload: JWTPayload): JWTPayload {
  return Object.fromEntries(Object.entries(payload).filter(([, value]) => value !== null));
}

async function unwrap(accessToken: string, key: KeyObject): Promise<string> {
  try {
    const { payload } = await jwtVerify(accessToken, key);
    return payload.jti ?? accessToken;
  } catch {
    return accessToken;
  }
}
