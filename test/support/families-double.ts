/**
 * A provider with any number of refresh token families: `alice.0`, `alice.1`, … are one, and
 * whoever signs in anew starts another.
 */
import type { TokenEndpoint, TokenOutcome } from "../../lambda/ports/provider";
import type { Clock, Timer } from "../../lambda/ports/runtime";

export type Rotation = "none" | "grace" | "strict";

interface Family {
  serial: number;
  isRevoked: boolean;
}

export function createFamiliesDouble({ rotation }: { readonly rotation: Rotation }) {
  const families = new Map<string, Family>();
  const reused: string[] = [];
  let issued = 0;

  function familyOf(token: string): { family: Family; serial: number } {
    const [name = "", serial = ""] = token.split(".");
    const family = families.get(name) ?? { serial: 0, isRevoked: true };
    return { family, serial: Number(serial) };
  }

  function isLive(token: string): boolean {
    const { family, serial } = familyOf(token);
    const isCurrent = serial === family.serial;
    const isGraced = rotation === "grace" && serial === family.serial - 1;
    return !family.isRevoked && (isCurrent || isGraced);
  }

  function process(token: string): TokenOutcome & { kind: "tokens" | "refused" } {
    const { family, serial } = familyOf(token);
    if (!isLive(token)) {
      reused.push(token);
      family.isRevoked ||= rotation === "strict";
      return { kind: "refused" };
    }
    if (rotation !== "none" && serial === family.serial) {
      family.serial += 1;
    }
    issued += 1;
    return {
      kind: "tokens",
      accessToken: {
        accessToken: `access-${String(issued)}`,
        tokenType: "Bearer",
        scope: "openid",
        expiresAt: 0,
      },
      refreshToken:
        rotation === "none" ? undefined : `${token.split(".")[0] ?? ""}.${String(family.serial)}`,
      foreign: false,
      sub: undefined,
    };
  }

  return {
    /** Refresh tokens that came back after they had been replaced or revoked. */
    reused,
    isLive,
    /** The user signs in at the provider: the first token of a new family. */
    issue: (name: string): string => {
      families.set(name, { serial: 0, isRevoked: false });
      return `${name}.0`;
    },
    endpoint: (time: Clock & Timer): TokenEndpoint => ({
      timeoutMs: 4_000,
      async refresh(refreshToken) {
        await time.sleep(50);
        const outcome = process(refreshToken);
        await time.sleep(50);
        return outcome.kind === "tokens"
          ? {
              ...outcome,
              accessToken: { ...outcome.accessToken, expiresAt: time.now() + 3_600_000 },
            }
          : outcome;
      },
      exchangeCode: () => Promise.resolve({ kind: "refused" }),
      revoke: async (refreshToken) => {
        await time.sleep(50);
        familyOf(refreshToken).family.isRevoked = true;
        return true;
      },
    }),
  };
}
