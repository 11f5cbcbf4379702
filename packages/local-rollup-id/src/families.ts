/**
 * Refresh tokens by family: a sign-in begins one, a rotation adds a generation. Rollup ID itself
 * never rotates (Q3, Q14); other providers do, in the two ways that `POST /faults` offers.
 */
import { randomBytes } from "node:crypto";
import type { FaultConfig } from "./fault-config";
import { fingerprintOfJti } from "./fingerprint";
import type { Family, Memory } from "./provider-memory";
import { RollupError } from "./rollup-errors";

export interface FamilyWorld {
  readonly memory: Memory;
  readonly faultConfig: () => FaultConfig;
  readonly now: () => number;
}

export interface Membership {
  readonly family: string;
  readonly generation: number;
  readonly sub: string;
}

/**
 * One per refresh token that a client may still use; its expiry, where there is one, is not
 * looked at.
 */
export interface LiveToken extends Membership {
  readonly fingerprint: string;
  /** Of the predecessor, while that is honoured. */
  readonly in_grace: string | null;
}

/** Looks like any other `jti` (24 bytes in hex): family, generation, and eight random bytes. */
const JTI = /^0x([0-9a-f]{24})([0-9a-f]{8})[0-9a-f]{16}$/;

/** @returns the `jti` of the first refresh token of a new family */
export function beginFamily({ memory, now }: FamilyWorld, sub: string): string {
  const id = randomBytes(12).toString("hex");
  const live = jtiOf(id, 0);
  keep(memory, id, { sub, live, rotatedAt: now(), revoked: false });
  return live;
}

/** Undefined for a token that this provider did not issue as a refresh token. */
export function membershipOf(memory: Memory, jti: string | undefined): Membership | undefined {
  const [, id = "", generation = ""] = JTI.exec(jti ?? "") ?? [];
  const family = memory.get().families[id];
  return family && { family: id, generation: Number.parseInt(generation, 16), sub: family.sub };
}

/**
 * Spends a refresh token whose signature has been verified.
 * @returns the `jti` of its successor; undefined where the provider does not rotate, as Rollup ID
 *   does not
 * @throws RollupError where it has been spent
 */
export function spend(world: FamilyWorld, jti: string | undefined): string | undefined {
  const { rotation } = world.faultConfig();
  if (rotation === "none") {
    return undefined;
  }
  const membership = membershipOf(world.memory, jti);
  const family = membership && world.memory.get().families[membership.family];
  if (jti === undefined || membership === undefined || family === undefined) {
    throw new RollupError("UNAUTHORIZED", "invalid token");
  }
  if (!family.revoked && jti === family.live) {
    const live = jtiOf(membership.family, membership.generation + 1);
    keep(world.memory, membership.family, {
      ...family,
      live,
      previous: jti,
      rotatedAt: world.now(),
    });
    return live;
  }
  if (isInGrace(world, family) && jti === family.previous) {
    return family.live;
  }
  if (rotation === "strict") {
    keep(world.memory, membership.family, { ...family, revoked: true });
  }
  throw new RollupError("UNAUTHORIZED", "invalid token");
}

/** What is live under the present fault configuration. */
export function liveTokens(world: FamilyWorld): readonly LiveToken[] {
  return Object.values(world.memory.get().families).flatMap((family) => {
    const membership = membershipOf(world.memory, family.live);
    const isDead = family.revoked && world.faultConfig().rotation !== "none";
    if (membership === undefined || isDead) {
      return [];
    }
    const previous = isInGrace(world, family) ? family.previous : undefined;
    return {
      ...membership,
      fingerprint: fingerprintOfJti(family.live),
      in_grace: previous === undefined ? null : fingerprintOfJti(previous),
    };
  });
}

function isInGrace({ faultConfig, now }: FamilyWorld, { revoked, rotatedAt }: Family): boolean {
  const { rotation, grace_seconds: seconds } = faultConfig();
  return rotation === "grace" && !revoked && now() - rotatedAt < seconds * 1000;
}

function jtiOf(family: string, generation: number): string {
  const counter = generation.toString(16).padStart(8, "0");
  return `0x${family}${counter}${randomBytes(8).toString("hex")}`;
}

function keep(memory: Memory, id: string, family: Family): void {
  memory.change(({ families }) => ({ families: { ...families, [id]: family } }));
}
