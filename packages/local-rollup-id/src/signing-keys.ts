/**
 * ES256 keys with the `kid` that Rollup ID gives them: milliseconds since the epoch, in decimal.
 */
import { type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK } from "jose";
import type { Memory } from "./provider-memory";

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
}

/** A new primary for signing; old public keys stay listed. */
export async function addKey(memory: Memory, now: number): Promise<void> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const { kty, crv, x, y, d } = await exportJWK(privateKey);
  const newest = Number(memory.get().currentKid);
  const kid = String(Math.max(now, newest + 1));
  const key = { alg: "ES256", kid, ...strings({ kty, crv, x, y, d }) };
  memory.change(({ keys }) => ({ keys: [...keys, key], currentKid: kid }));
}

/** Exactly alg, kid, kty, x, y, crv: the real one has no `use`. */
export function publicJwks(memory: Memory): { keys: Record<string, string | undefined>[] } {
  return {
    keys: memory.get().keys.map(({ alg, kid, kty, x, y, crv }) => ({ alg, kid, kty, x, y, crv })),
  };
}

export async function currentKey(memory: Memory): Promise<SigningKey> {
  const { keys, currentKid } = memory.get();
  return await privateKeyOf(keys, currentKid);
}

async function privateKeyOf(keys: readonly JWK[], kid: string): Promise<SigningKey> {
  const jwk = keys.find((key) => key.kid === kid);
  if (jwk === undefined) {
    throw new Error("the local Rollup ID has lost its current key");
  }
  return { kid, privateKey: (await importJWK(jwk, "ES256")) as CryptoKey };
}

function strings(members: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(members).filter(
      (entry): entry is [string, string] => typeof entry[1] === "string",
    ),
  );
}
