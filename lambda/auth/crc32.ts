/**
 * CRC-32 as of ISO 3309 and zlib, over ASCII text. `node:zlib` has it too (22.2, 20.15), but five
 * functions would load that module, half a millisecond of each cold start, for these ten lines.
 */
const POLYNOMIAL = 0xedb88320;

export function crc32(ascii: string): number {
  let remainder = -1;
  for (let at = 0; at < ascii.length; at += 1) {
    remainder ^= ascii.charCodeAt(at);
    for (let bit = 0; bit < 8; bit += 1) {
      remainder = (remainder >>> 1) ^ (POLYNOMIAL & -(remainder & 1));
    }
  }
  return ~remainder >>> 0;
}
