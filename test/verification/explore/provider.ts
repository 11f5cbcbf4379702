/** The provider as a value: families of refresh tokens, and what each exchange gave. Pure, so that a state can be kept and gone back to. */
import { CANARY } from "./sealing";

export type Rotation = "none" | "grace" | "strict";

export interface Family {
  /** Of the live token. */
  readonly serial: number;
  /** Its predecessor is still taken, and answered with the same successor. */
  readonly isGraced: boolean;
  readonly isRevoked: boolean;
  /** By the user's own doing: signed in anew where only one sign-in counts, or disconnected. */
  readonly isEndedByUser: boolean;
}

interface Exchange {
  readonly family: number;
  /** Of the refresh token that came with it. */
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
  /** Undefined: refused. */
  readonly successor: RefreshToken | undefined;
  readonly accessToken: string;
}

/** One refresh token request, processed. A spent token that comes back ends the family (RFC 9700 section 4.14.2). */
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
