/** The form of an ECDSA signature that X.509 has. */

const SEQUENCE = 0x30;
const INTEGER = 0x02;
/** A length above 127 has a byte before it that says in how many bytes it is. */
const LENGTH_IN_ONE_BYTE = 0x81;

/**
 * Turns r ‖ s, halves of equal size as a JWS has them (RFC 7518 section 3.4), into
 * `SEQUENCE { r INTEGER, s INTEGER }` (RFC 3279 section 2.2.3), which OpenSSL takes.
 */
export function toDerSignature(signature: Buffer): Buffer {
  const size = signature.length / 2;
  // With room for the header of the sequence, and for header and sign of each integer.
  const der = Buffer.allocUnsafe(3 + 3 + size + 3 + size);
  const sAt = writeInteger({ der, at: 3 }, signature, 0);
  const end = writeInteger({ der, at: sAt }, signature, size);
  const length = end - 3;
  const isLong = length > 127;
  der[0] = SEQUENCE;
  der[1] = isLong ? LENGTH_IN_ONE_BYTE : SEQUENCE;
  der[2] = length;
  return der.subarray(isLong ? 0 : 1, end);
}

/**
 * Writes the half that begins at `half`, without leading zeros, but for one where the first bit
 * would be a sign.
 * @returns where the integer ends
 */
function writeInteger(
  { der, at }: { readonly der: Buffer; readonly at: number },
  signature: Buffer,
  half: number,
): number {
  const last = half + signature.length / 2 - 1;
  let first = half;
  while (first < last && signature[first] === 0) {
    first += 1;
  }
  const sign = (signature[first] ?? 0) > 127 ? 1 : 0;
  const length = sign + last + 1 - first;
  der[at] = INTEGER;
  der[at + 1] = length;
  der[at + 2] = 0;
  signature.copy(der, at + 2 + sign, first, last + 1);
  return at + 2 + length;
}
