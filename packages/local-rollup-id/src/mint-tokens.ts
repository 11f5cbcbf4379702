/**
 * Tokens of the three kinds, alike as Rollup ID's are: one key, `iss`, `aud`, `sub` and `typ` for
 * all.
 */
import { randomBytes } from "node:crypto";
import { SignJWT } from "jose";
import { emailOf, pictureOf } from "./people";
import type { Memory } from "./provider-memory";
import { currentKey } from "./signing-keys";

const HOUR_SECONDS = 3_600;

export interface Minter {
  idToken(person: Person): Promise<string>;
  accessToken(grant: Grant, lifetimeSeconds: number): Promise<string>;
  /**
   * `lifetimeSeconds` null: no `exp`, as the code has it; the documentation shows one of 90 days.
   */
  refreshToken(grant: Grant, jti: string, lifetimeSeconds: number | null): Promise<string>;
}

export interface Grant {
  readonly sub: string;
  readonly scope: string;
}

interface Person extends Grant {
  readonly name: string;
  /** Older builds put the e-mail into the ID token. */
  readonly withEmail: boolean;
}

export interface MinterOptions {
  readonly memory: Memory;
  /** Origin that the request was sent to. */
  readonly issuer: string;
  readonly now: () => number;
  /** @default the provider's one client */
  readonly audience?: string;
}

export function createMinter({ memory, issuer, now, audience }: MinterOptions): Minter {
  async function sign(sub: string, claims: Record<string, unknown>, lifetime: number | null) {
    const { kid, privateKey } = await currentKey(memory);
    const iat = Math.floor(now() / 1000);
    const jwt = new SignJWT({
      ...claims,
      iss: issuer,
      aud: [audience ?? memory.get().clientId],
      sub,
      iat,
      ...(lifetime === null ? {} : { exp: iat + lifetime }),
    });
    return await jwt
      .setProtectedHeader({ alg: "ES256", jku: `${issuer}/.well-known/jwks.json`, kid, typ: "JWT" })
      .sign(privateKey);
  }

  return {
    idToken: async (person) => await sign(person.sub, idTokenClaims(person), HOUR_SECONDS),
    accessToken: async ({ sub, scope }, lifetime) =>
      await sign(sub, { scope, jti: `0x${randomBytes(24).toString("hex")}` }, lifetime),
    refreshToken: async ({ sub, scope }, jti, lifetime) =>
      await sign(sub, { scope, jti }, lifetime),
  };
}

function idTokenClaims({ name, scope, withEmail }: Person): Record<string, unknown> {
  const scopes = scope.split(" ");
  return {
    ...(scopes.includes("profile") ? { name, picture: pictureOf(name) } : {}),
    ...(withEmail && scopes.includes("email") ? { email: emailOf(name) } : {}),
  };
}
