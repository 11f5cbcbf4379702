/**
 * A cipher without cost: a ciphertext is the number of a table entry, and opens only under the
 * context that it was sealed for (I6). Equal content gets the same number, so that a repeated
 * schedule finds the same bytes.
 */
import { InternalError } from "../../../lambda/errors";
import type { Opener, SealContext, Sealer, SecretPurpose } from "../../../lambda/ports/crypto";

/** The beginning of every plaintext here, so that a leaked one is found (I11). */
export const CANARY = "canary-";

interface Entry {
  readonly context: string;
  readonly plaintext: string;
  readonly ciphertext: Uint8Array;
}

const entries: Entry[] = [];
const numbers = new Map<string, number>();

function bind({ sub, grantId, gen, purpose }: SealContext): string {
  return JSON.stringify([sub, grantId, gen, purpose]);
}

function seal(plaintext: string, context: SealContext): Uint8Array {
  const bound = bind(context);
  const key = `${bound}${plaintext}`;
  const known = numbers.get(key);
  const entry = known === undefined ? undefined : entries[known];
  if (entry !== undefined) {
    return entry.ciphertext;
  }
  const number = entries.length;
  const ciphertext = new Uint8Array(Uint32Array.of(number).buffer);
  entries.push({ context: bound, plaintext, ciphertext });
  numbers.set(key, number);
  return ciphertext;
}

export function numberOf(ciphertext: Uint8Array): number {
  const [a = 0, b = 0, c = 0, d = 0] = ciphertext;
  return a + b * 2 ** 8 + c * 2 ** 16 + d * 2 ** 24;
}

/** Undefined if the ciphertext does not belong to `context`. */
export function openSealed(ciphertext: Uint8Array, context: SealContext): string | undefined {
  const entry = entries[numberOf(ciphertext)];
  return entry?.context === bind(context) ? entry.plaintext : undefined;
}

export function sealFor(
  plaintext: string,
  context: Omit<SealContext, "purpose">,
  purpose: SecretPurpose,
): Uint8Array {
  return seal(plaintext, { ...context, purpose });
}

export const cheapCipher: Sealer & Opener = {
  newKey: (context) =>
    Promise.resolve({ seal: (plaintext, purpose) => sealFor(plaintext, context, purpose) }),
  open: (ciphertext, context) => {
    const plaintext = openSealed(ciphertext, context);
    return plaintext === undefined
      ? Promise.reject(new InternalError("ciphertext_rejected"))
      : Promise.resolve(plaintext);
  },
};
