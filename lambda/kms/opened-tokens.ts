/**
 * A small cache of opened access tokens, so that a warm instance answers without KMS. The key is a
 * hash of the ciphertext and its binding, so a token that was replaced, revoked or moved is never
 * found.
 *
 * The price: up to 32 access tokens are in the memory of a function that can open them anyway.
 * Refresh tokens, which are good for years, are never cached.
 */
import { createHash } from "node:crypto";

const MAX_ENTRIES = 32;

export interface OpenedTokens {
  find(ciphertext: Uint8Array, binding: Uint8Array): string | undefined;
  keep(ciphertext: Uint8Array, binding: Uint8Array, plaintext: string): void;
}

export function createOpenedTokens(): OpenedTokens {
  const entries = new Map<string, string>();

  return {
    find: (ciphertext, binding) => entries.get(keyOf(ciphertext, binding)),
    keep: (ciphertext, binding, plaintext) => {
      const [oldest = ""] = entries.keys();
      if (entries.size >= MAX_ENTRIES) {
        entries.delete(oldest);
      }
      entries.set(keyOf(ciphertext, binding), plaintext);
    },
  };
}

function keyOf(ciphertext: Uint8Array, binding: Uint8Array): string {
  const boundTo = createHash("sha256").update(binding).digest();
  return createHash("sha256").update(boundTo).update(ciphertext).digest("base64");
}
