/** The two spellings of an ECDSA signature on P-256. */

/** Of each half. */
const BYTES = 32;
const SEQUENCE = 0x30;
const INTEGER = 0x02;

/**
 * Turns KMS's form, DER `SEQUENCE { r INTEGER, s INTEGER }` (RFC 3279 section 2.2.3), into that of
 * a JWS: r and s of 32 bytes each (RFC 7518 section 3.4).
 * @throws RangeError for anything that is no such sequence
 */
export function toJoseSignature(der: Uint8Array): Buffer {
  const r = readInteger(der, 2);
  const s = readInteger(der, r.end);
  if (der[0] !== SEQUENCE || der[1] !== der.length - 2 || s.end !== der.length) {
    throw new RangeError("no ECDSA signature");
  }
  return Buffer.concat([r.bytes, s.bytes]);
}

/** DER drops leading zeros, and adds one where the first bit would be a sign. */
function readInteger(
  der: Uint8Array,
  at: number,
): { readonly bytes: Buffer; readonly end: number } {
  const length = der[at + 1] ?? 0;
  const end = at + 2 + length;
  const digits = der.subarray(at + 2 + (der[at + 2] === 0 ? 1 : 0), end);
  if (der[at] !== INTEGER || length === 0 || end > der.length || digits.length > BYTES) {
    throw new RangeError("no ECDSA signature");
  }
  const bytes = Buffer.alloc(BYTES);
  bytes.set(digits, BYTES - digits.length);
  return { bytes, end };
}
