/** A fault of a neighbour, and what must come of it. */
import type { ServiceName } from "@rollup-vault/local-aws/aws/call";
import type { ProviderName } from "../kills/providers/provider";

export type FaultProvider = Exclude<ProviderName, "oidc-provider">;

/** How the fault is made. It concerns the one user of its case, unless `everybody` says otherwise. */
export type Break =
  /** The user's next answer of the token endpoint: a member of `token` of `POST /faults`. */
  | { readonly kind: "token"; readonly fault: Readonly<Record<string, unknown>> }
  | {
      readonly kind: "aws";
      readonly service: ServiceName;
      /** Absent: every one. */
      readonly action?: string;
      /** Only this call of the user, from 1. */
      readonly nth?: number;
      /** This call of the user and all after it. Absent, as `nth` is: all of them, until the caller has an answer. */
      readonly from?: number;
      /** Error name and status, or milliseconds before the call is served, or the answer lost after it was. */
      readonly by: readonly [name: string, status: number] | number | "lost_answer";
      readonly everybody?: true;
    }
  | { readonly kind: "key_disabled" }
  /** Another client secret than the provider's lies in Secrets Manager, and no process has read the right one. */
  | { readonly kind: "wrong_secret" }
  /** A new key signs, and the key set cannot be read. */
  | { readonly kind: "key_set_down" }
  /** A new key signs, and nobody has been told. */
  | { readonly kind: "key_rolled_over" };

export interface FaultCase {
  readonly neighbour: string;
  readonly fault: string;
  readonly break: Break;
  readonly providers: readonly FaultProvider[];
  /** What the caller gets: status, code and action; of a 200 nothing else. */
  readonly caller: readonly [status: number, code?: string, action?: string];
  /** Where the only successor went down with the answer, and another sign-in is due. */
  readonly lostAt?: readonly FaultProvider[];
  /** The connection ends, as it has to; what came is kept sealed, and out of use. */
  readonly closes?: true;
  /** The token that was stored stays there, and good; `unsent`: the provider has not heard of it either. */
  readonly leaves?: "unsent" | "unspent";
  /** Seconds from the fault's end until the user is served again, at most. */
  readonly withinSeconds: number;
}
