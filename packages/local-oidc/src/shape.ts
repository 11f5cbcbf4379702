/**
 * Gives the answers of oidc-provider the shape of those of the provider that is played. A JWT
 * access token has the opaque one as its `jti`, by which userinfo finds it again.
 */
import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";
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
      const { id_token: idToken, access_token: accessToken, scope, ...rest } = answer;
      const { refreshBrings } = habits;
      const hasIdToken = !isRefresh || refreshBrings.idToken;
      const hasScope = !isRefresh || refreshBrings.scope;
      return {
        ...rest,
        access_token:
          habits.accessToken.format === "opaque"
            ? accessToken
            : await sign(accessTokenOf(habits, answer, words), "at+jwt"),
        ...(hasScope && { scope }),
        ...(typeof idToken === "string" &&
          hasIdToken && { id_token: await sign(idTokenOf(habits, idToken, words), "JWT") }),
      };
    },
    unwrapped: async (accessToken) =>
      habits.accessToken.format === "opaque" ? accessToken : await unwrap(accessToken, publicKey),
  };
}

function idTokenOf({ idToken }: Habits, token: string, words: Words): JWTPayload {
  const { iat = 0, exp = 0, ...payload } = decodeJwt(token);
  const { backdatedSeconds: past } = idToken;
  return withoutNull({
    ...payload,
    iat: iat - past,
    ...(past > 0 && { nbf: iat - past }),
    exp: exp - past,
    ...filled(idToken.claims, words),
  });
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
