/**
 * A few opened access tokens, so that a warm instance serves a kept one without asking KMS. Looked
 * up by a hash of the very bytes that the item holds now, and of what they are bound to: a token
 * that was replaced, revoked or moved is never found.
 *
 * The price: up to 32 access tokens lie in the memory of the one function that can open them all
 * anyway, until they are pushed out or the instance ends. Refresh tokens, which last for years, are
 * never kept.
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
      const oldest = entries.keys().next();
      if (entries.size >= MAX_ENTRIES && oldest.done !== true) {
        entries.delete(oldest.value);
      }
      entries.set(keyOf(ciphertext, binding), plaintext);
    },
  };
}

function keyOf(ciphertext: Uint8Array, binding: Uint8Array): string {
  const boundTo = createHash("sha256").update(binding).digest();
  return createHash("sha256").update(boundTo).update(ciphertext).digest("base64");
}
