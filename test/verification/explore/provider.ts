/**
 * The provider as a value: families of refresh tokens, and the result of each refresh. Pure, so
 * that the search can store and restore it.
 */
import { CANARY } from "./sealing";

export type Rotation = "none" | "grace" | "strict";

export interface Family {
  /** Serial of the live token. */
  readonly serial: number;
  /** The predecessor is still accepted, and answered with the same successor. */
  readonly isGraced: boolean;
  readonly isRevoked: boolean;
  /** The user ended it: by a sign-in where only one counts, or by a disconnect. */
  readonly isEndedByUser: boolean;
}

interface Exchange {
  readonly family: number;
  /** The refresh token of the same response. */
  readonly serial: number;
}

export interface Provider {
  readonly families: readonly Family[];
  readonly exchanges: readonly Exchange[];
}

export interface RefreshToken {
  readonly family: number;
  readonly serial: number;
}

export const NEW_FAMILY: Family = {
  serial: 0,
  isGraced: false,
  isRevoked: false,
  isEndedByUser: false,
};

export function writeToken({ family, serial }: RefreshToken): string {
  return `${CANARY}refresh-${String(family)}-${String(serial)}`;
}

export function readToken(text: string): RefreshToken {
  const [, , family, serial] = text.split("-");
  return { family: Number(family), serial: Number(serial) };
}

function writeAccessToken(exchange: number): string {
  return `${CANARY}access-${String(exchange)}`;
}

export function readAccessToken(text: string): number {
  return Number(text.split("-")[2]);
}

export function isLive({ families }: Provider, { family, serial }: RefreshToken): boolean {
  const known = families[family];
  return (
    known !== undefined &&
    !known.isRevoked &&
    (serial === known.serial || (known.isGraced && serial === known.serial - 1))
  );
}

export function changeFamily(provider: Provider, at: number, change: Partial<Family>): Provider {
  const families = provider.families.map((family, index) =>
    index === at ? { ...family, ...change } : family,
  );
  return { ...provider, families };
}

export interface Presented {
  readonly provider: Provider;
  /** Undefined if the token is refused. */
  readonly successor: RefreshToken | undefined;
  readonly accessToken: string;
}

/** Processes one refresh request. A spent token ends its family (RFC 9700 section 4.14.2). */
export function present(rotation: Rotation, provider: Provider, token: RefreshToken): Presented {
  const { family } = token;
  if (!isLive(provider, token)) {
    return {
      provider: changeFamily(provider, family, { isRevoked: true }),
      successor: undefined,
      accessToken: "",
    };
  }
  const { serial } = provider.families[family] ?? NEW_FAMILY;
  const isRotated = rotation !== "none" && token.serial === serial;
  const next = isRotated ? serial + 1 : serial;
  const rotated = isRotated
    ? changeFamily(provider, family, { serial: next, isGraced: rotation === "grace" })
    : provider;
  const exchanges = [...provider.exchanges, { family, serial: next }];
  return {
    provider: { ...rotated, exchanges },
    successor: { family, serial: next },
    accessToken: writeAccessToken(exchanges.length - 1),
  };
}
