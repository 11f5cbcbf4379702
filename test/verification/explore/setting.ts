/** What is explored, with what code, and by which rules. */
import type { Grant } from "../../../lambda/grant/grant";
import type { Behaviour } from "./behaviour";
import type { Invariant } from "./violation";
import type { Role } from "./programs";
import type { Rotation } from "./provider";
import type { Program, Request } from "./run";

/** What is explored. */
export interface Configuration {
  readonly name: string;
  readonly rotation: Rotation;
  /** Callers that are there at once; a later one comes when all have ended. */
  readonly roles: readonly Role[];
  readonly crashes: number;
  readonly losses: number;
  /** The provider has a revocation endpoint. */
  readonly isRevocable?: boolean;
  /** Signing in anew ends what the provider gave before. */
  readonly isExclusive?: boolean;
  /** Of access tokens. @default shorter than anybody asks for, so that each caller that comes later exchanges again */
  readonly lifetimeMs?: number;
  /**
   * What is explored without a gap has none: that tells states apart by what they do, and with an interval the code would act on how old the kept token is
   * (state-key.ts). @default 0
   */
  readonly exchangeIntervalSeconds?: number;
  /** Each caller is noted under a name of its own. */
  readonly isEachNoted?: boolean;
}

/** Rules of the world that a broken variant changes. */
export interface Rules {
  readonly read?: (row: Grant | undefined) => Grant | undefined;
  /** Undefined: as ever. */
  readonly write?: (
    row: Grant | undefined,
    request: Request & { kind: "write" },
  ) => { readonly row: Grant; readonly answer: Grant } | undefined;
  readonly breakProgram?: (program: Program) => Program;
  /** The queue keeps no order. */
  readonly isUnordered?: boolean;
  /** The provider takes predecessors for ever. */
  readonly isGraceEndless?: boolean;
  /** Known to be broken, and not what is looked for. */
  readonly isSuspended?: readonly Invariant[];
}

export interface Setting {
  readonly configuration: Configuration;
  readonly rules: Rules;
  readonly behaviour: Behaviour;
}
