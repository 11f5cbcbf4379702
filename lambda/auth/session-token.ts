/**
 * Session tokens: `rvs_` + 256 random bits + a checksum. The prefix is for secret scanners; the
 * checksum lets junk be refused without a read. Only the SHA-256 is stored, which is of no use to a
 * reader of the table.
 */
import { createHash, randomBytes } from "node:crypto";
import type { SessionTokens } from "../ports/tokens";
import { crc32 } from "./crc32";

const PREFIX = "rvs_";
const RANDOM_BYTES = 32;
/** 43 characters of base64url carry 256 bits, 6 the checksum. */
const FORM = /^rvs_[A-Za-z0-9_-]{49}$/;

export const sessionTokens: SessionTokens = {
  create: () => {
    const secret = randomBytes(RANDOM_BYTES).toString("base64url");
    const token = PREFIX + secret + checksum(secret);
    return { token, tokenHash: hash(token) };
  },
  // A token with this prefix is tried as a session token and as nothing else.
  isSessionToken: (text) => text.startsWith(PREFIX),
  // Undefined where the form or the checksum is wrong.
  hash: (text) => {
    const secret = text.slice(PREFIX.length, -6);
    return FORM.test(text) && checksum(secret) === text.slice(-6) ? hash(text) : undefined;
  },
};

function hash(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}

/** Protects no secret: it tells a session token from a typing error. */
function checksum(secret: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(secret));
  return bytes.toString("base64url");
}
