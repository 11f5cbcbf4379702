/** A scenario: what is explored, with which code, under which rules. */
import type { Grant } from "../../../lambda/grant/grant";
import type { Role } from "./programs";
import type { Rotation } from "./provider";
import type { CodeRunner } from "./replay-cache";
import type { Program, Request } from "./run";
import type { Invariant } from "./violation";

/** What is explored. */
export interface Configuration {
  readonly name: string;
  readonly rotation: Rotation;
  /** Concurrent callers; a later one comes when all have ended. */
  readonly roles: readonly Role[];
  readonly crashes: number;
  readonly losses: number;
  /** The provider has a revocation endpoint. */
  readonly isRevocable?: boolean;
  /** A new sign-in revokes the earlier tokens. */
  readonly isExclusive?: boolean;
  /**
   * Lifetime of access tokens. @default shorter than any caller asks for, so that each later caller
   * refreshes again
   */
  readonly lifetimeMs?: number;
  /**
   * The exhaustive search has no interval: with one, the code would fault on the age of the cached
   * token, which the state keys leave out (state-key.ts). @default 0
   */
  readonly exchangeIntervalSeconds?: number;
  /** The history names each caller separately. */
  readonly isEachNoted?: boolean;
}

/** Rules of the world that a variant breaks. */
export interface Rules {
  readonly read?: (row: Grant | undefined) => Grant | undefined;
  /** Undefined: the normal write. */
  readonly write?: (
    row: Grant | undefined,
    request: Request & { kind: "write" },
  ) => { readonly row: Grant; readonly answer: Grant } | undefined;
  readonly breakProgram?: (program: Program) => Program;
  /** The queue keeps no order. */
  readonly isUnordered?: boolean;
  /** The provider accepts predecessors for ever. */
  readonly isGraceEndless?: boolean;
  /** Invariants that the variant is known to break besides. */
  readonly isSuspended?: readonly Invariant[];
}

export interface Scenario {
  readonly configuration: Configuration;
  readonly rules: Rules;
  readonly runner: CodeRunner;
}
