/** The configurations that are explored exhaustively, as large as minutes allow. */
import type { Rotation } from "./provider";
import type { Configuration } from "./scenario";

type Shape = Omit<Configuration, "name" | "rotation">;

const A = "access" as const;
/** Longer than any caller asks for. */
const LONG_LIFE_MS = 2 * 86_400_000;

type Named = readonly [string, Shape];

const ACTORS: readonly Named[] = [
  ["1 caller, signing in again", { roles: [A, "sign-in"], crashes: 1, losses: 1 }],
  [
    "1 caller, signing in again where that ends the first sign-in",
    { roles: [A, "sign-in"], crashes: 1, losses: 0, isExclusive: true },
  ],
  [
    "1 caller, disconnecting with revocation",
    { roles: [A, "disconnect"], crashes: 1, losses: 0, isRevocable: true },
  ],
  [
    "1 caller, disconnecting with revocation, signing in again",
    { roles: [A, "disconnect", "sign-in"], crashes: 1, losses: 0, isRevocable: true },
  ],
  [
    "1 caller, erasing with revocation",
    { roles: [A, "erase"], crashes: 1, losses: 0, isRevocable: true },
  ],
  [
    "1 caller, erasing with revocation, signing in with a proof from before",
    { roles: [A, "erase", "stale sign-in"], crashes: 1, losses: 0, isRevocable: true },
  ],
  ["1 caller, freezing", { roles: [A, "freeze"], crashes: 1, losses: 0 }],
];

const NONE: readonly Named[] = [
  ["3 callers", { roles: [A, A, A], crashes: 1, losses: 1 }],
  ["2 callers", { roles: [A, A], crashes: 2, losses: 2 }],
  [
    "3 callers, long-lived access tokens, each noted",
    {
      roles: [A, A, A],
      crashes: 1,
      losses: 0,
      lifetimeMs: LONG_LIFE_MS,
      isEachNoted: true,
    },
  ],
  ["2 callers, signing in again", { roles: [A, A, "sign-in"], crashes: 1, losses: 0 }],
  ["2 callers, disconnecting", { roles: [A, A, "disconnect"], crashes: 1, losses: 0 }],
  ["2 callers, erasing", { roles: [A, A, "erase"], crashes: 1, losses: 0 }],
  ["2 callers, freezing", { roles: [A, A, "freeze"], crashes: 1, losses: 0 }],
];

/** Larger, because the queue's consumers are callers as well and come at different times. */
const ROTATING: readonly Named[] = [
  ["3 callers, no fault", { roles: [A, A, A], crashes: 0, losses: 0 }],
  ["3 callers", { roles: [A, A, A], crashes: 1, losses: 1 }],
  ["2 callers", { roles: [A, A], crashes: 2, losses: 1 }],
  ["1 caller", { roles: [A], crashes: 2, losses: 2 }],
];

const named = (rotation: Rotation, shapes: readonly Named[]): Configuration[] =>
  shapes.map(([name, shape]) => ({ ...shape, name, rotation }));

export const ROTATIONS: readonly Rotation[] = ["none", "grace", "strict"];

export const CONFIGURATIONS: readonly Configuration[] = ROTATIONS.flatMap((rotation) =>
  named(rotation, [...(rotation === "none" ? NONE : ROTATING), ...ACTORS]),
);

/** The small configurations of `npm run test:proof`: seconds instead of minutes. */
export const REDUCED: readonly Configuration[] = ROTATIONS.flatMap((rotation) =>
  named(rotation, [
    ["1 caller", { roles: [A], crashes: 1, losses: 1 }],
    ["2 callers", { roles: [A, A], crashes: 1, losses: 0 }],
    ["2 callers, no fault", { roles: [A, A], crashes: 0, losses: 0 }],
    ["signing in again", { roles: [A, "sign-in"], crashes: 1, losses: 0 }],
    ["disconnecting", { roles: [A, "disconnect"], crashes: 1, losses: 0, isRevocable: true }],
    ["erasing", { roles: [A, "erase"], crashes: 1, losses: 0, isRevocable: true }],
    ["freezing", { roles: [A, "freeze"], crashes: 1, losses: 0 }],
  ]),
);

export const MAX_STATES = 5_000_000;
