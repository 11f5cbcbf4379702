/**
 * Who may use the operator's screen. The printed address has a token that works once: the tab that
 * comes with it gets a key, and nobody else can. Both are random, and gone with the process.
 */
import { randomBytes, timingSafeEqual } from "node:crypto";

export interface Keys {
  /** For the address. */
  readonly token: string;
  /** @returns the key, the first time */
  readonly redeem: (token: string) => string | undefined;
  readonly isKey: (key: string) => boolean;
}

const BYTES = 32;

export function createKeys(): Keys {
  const token = randomBytes(BYTES).toString("base64url");
  const key = randomBytes(BYTES).toString("base64url");
  let isRedeemed = false;
  return {
    token,
    redeem: (offered) => {
      if (isRedeemed || !isSame(offered, token)) {
        return undefined;
      }
      isRedeemed = true;
      return key;
    },
    // Nobody can know it before it is given out.
    isKey: (offered) => isRedeemed && isSame(offered, key),
  };
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
