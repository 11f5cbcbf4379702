/** What is explored without a gap. Grown until the whole takes minutes. */
import type { Rotation } from "./provider";
import type { Configuration } from "./state";

type Shape = Omit<Configuration, "name" | "rotation">;

const A = "access" as const;
const HOUR_MS = 3_600_000;

const SHAPES: readonly (readonly [string, Shape])[] = [
  ["3 callers", { roles: [A, A, A], crashes: 1, losses: 1 }],
  ["2 callers", { roles: [A, A], crashes: 2, losses: 2 }],
  [
    "3 callers, long-lived access tokens, each noted",
    { roles: [A, A, A], crashes: 1, losses: 0, lifetimeMs: HOUR_MS, isEachNoted: true },
  ],
  [
    "3 callers, long-lived access tokens",
    { roles: [A, A, A], crashes: 0, losses: 0, lifetimeMs: HOUR_MS },
  ],
  ["2 callers, signing in again", { roles: [A, A, "sign-in"], crashes: 1, losses: 0 }],
  ["1 caller, signing in again", { roles: [A, "sign-in"], crashes: 2, losses: 1 }],
  [
    "1 caller, signing in again where that ends the first sign-in",
    { roles: [A, "sign-in"], crashes: 2, losses: 1, isExclusive: true },
  ],
  ["2 callers, disconnecting", { roles: [A, A, "disconnect"], crashes: 1, losses: 0 }],
  [
    "1 caller, disconnecting with revocation",
    { roles: [A, "disconnect"], crashes: 2, losses: 1, isRevocable: true },
  ],
  [
    "1 caller, disconnecting with revocation, signing in again",
    { roles: [A, "disconnect", "sign-in"], crashes: 1, losses: 0, isRevocable: true },
  ],
  ["2 callers, erasing", { roles: [A, A, "erase"], crashes: 1, losses: 0 }],
  [
    "1 caller, erasing with revocation",
    { roles: [A, "erase"], crashes: 2, losses: 1, isRevocable: true },
  ],
  [
    "1 caller, erasing with revocation, signing in with a proof from before",
    { roles: [A, "erase", "stale sign-in"], crashes: 1, losses: 0, isRevocable: true },
  ],
  ["2 callers, freezing", { roles: [A, A, "freeze"], crashes: 1, losses: 0 }],
  ["1 caller, freezing", { roles: [A, "freeze"], crashes: 2, losses: 1 }],
];

export const ROTATIONS: readonly Rotation[] = ["none", "grace", "strict"];

export const CONFIGURATIONS: readonly Configuration[] = SHAPES.flatMap(([name, shape]) =>
  ROTATIONS.map((rotation) => ({ ...shape, name, rotation })),
);

/** Seconds instead of minutes: what runs with the unit tests. */
export const REDUCED: readonly Configuration[] = ROTATIONS.flatMap((rotation) => [
  { name: "2 callers", rotation, roles: [A, A], crashes: 1, losses: 1 },
  { name: "3 callers", rotation, roles: [A, A, A], crashes: 0, losses: 0 },
  { name: "signing in again", rotation, roles: [A, "sign-in"], crashes: 1, losses: 0 },
  {
    ...{ name: "disconnecting", rotation, roles: [A, "disconnect"], crashes: 1, losses: 0 },
    isRevocable: true,
  },
  { name: "erasing", rotation, roles: [A, "erase"], crashes: 1, losses: 0, isRevocable: true },
  { name: "freezing", rotation, roles: [A, "freeze"], crashes: 1, losses: 0 },
]);

export const MAX_STATES = 5_000_000;
