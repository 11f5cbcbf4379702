/** Tokens of the three kinds, alike as Rollup ID's are: one key, `iss`, `aud`, `sub` and `typ` for all. */
import { randomBytes } from "node:crypto";
import { SignJWT } from "jose";
import { currentKey } from "./keys";
import type { Memory } from "./state";

export const HOUR_SECONDS = 3_600;

export interface Minter {
  idToken(person: Person): Promise<string>;
  accessToken(grant: Grant, lifetimeSeconds: number): Promise<string>;
  /** `expiresInSeconds` undefined: no `exp`, as the code has it; the documentation shows one of 90 days. */
  refreshToken(grant: Grant, jti: string, expiresInSeconds: number | undefined): Promise<string>;
}

export interface Person {
  readonly sub: string;
  readonly name: string;
  readonly scope: string;
  /** Older builds put the e-mail into the ID token. */
  readonly withEmail: boolean;
}

export interface Grant {
  readonly sub: string;
  readonly scope: string;
}

export interface MinterOptions {
  readonly memory: Memory;
  readonly issuer: string;
  readonly now: () => number;
}

export function newJti(): string {
  return `0x${randomBytes(24).toString("hex")}`;
}

export function createMinter({ memory, issuer, now }: MinterOptions): Minter {
  async function sign(sub: string, claims: Record<string, unknown>, expiresIn?: number) {
    const { kid, privateKey } = await currentKey(memory);
    const iat = Math.floor(now() / 1000);
    const jwt = new SignJWT({
      ...claims,
      iss: issuer,
      aud: [memory.get().clientId],
      sub,
      iat,
      ...(expiresIn === undefined ? {} : { exp: iat + expiresIn }),
    });
    return await jwt
      .setProtectedHeader({ alg: "ES256", jku: `${issuer}/.well-known/jwks.json`, kid, typ: "JWT" })
      .sign(privateKey);
  }

  return {
    idToken: async (person) => await sign(person.sub, idTokenClaims(person), HOUR_SECONDS),
    accessToken: async ({ sub, scope }, lifetimeSeconds) =>
      await sign(sub, { scope, jti: newJti() }, lifetimeSeconds),
    refreshToken: async ({ sub, scope }, jti, expiresInSeconds) =>
      await sign(sub, { scope, jti }, expiresInSeconds),
  };
}

function idTokenClaims({ name, scope, withEmail }: Person): Record<string, unknown> {
  const scopes = scope.split(" ");
  return {
    ...(scopes.includes("profile") ? { name, picture: pictureOf(name) } : {}),
    ...(withEmail && scopes.includes("email") ? { email: emailOf(name) } : {}),
  };
}

export function pictureOf(name: string): string {
  return `https://pictures.example/${encodeURIComponent(name)}.png`;
}

export function emailOf(name: string): string {
  return `${encodeURIComponent(name.toLowerCase())}@people.example`;
}
