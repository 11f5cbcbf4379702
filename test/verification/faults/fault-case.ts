/** A fault of a neighbour, and what must follow. */
import type { ServiceName } from "@rollup-vault/local-aws/aws/call";
import type { ProviderName } from "../kills/providers/provider";

export type FaultProvider = Exclude<ProviderName, "oidc-provider">;

/** The cause of the fault. It concerns only the user of the case, unless `everybody` is set. */
export type Break =
  /** The next answer of the token endpoint to the user: a member of `token` of `POST /faults`. */
  | { readonly kind: "token"; readonly fault: Readonly<Record<string, unknown>> }
  | {
      readonly kind: "aws";
      readonly service: ServiceName;
      /** @default every action */
      readonly action?: string;
      /** Only this call of the user, counted from 1. */
      readonly nth?: number;
      /**
       * This call of the user and all later ones. Without `nth` and this: all calls until the
       * caller has an answer.
       */
      readonly from?: number;
      /**
       * Error name and status, a delay in milliseconds, or an answer that is lost after the call
       * was served.
       */
      readonly by: readonly [name: string, status: number] | number | "lost_answer";
      readonly everybody?: true;
    }
  | { readonly kind: "key_disabled" }
  /** Secrets Manager has a wrong client secret, and no process has read the right one. */
  | { readonly kind: "wrong_secret" }
  /** A new key signs, and the key set cannot be read. */
  | { readonly kind: "key_set_down" }
  /** A new key signs without an announcement. */
  | { readonly kind: "key_rolled_over" };

export interface FaultCase {
  readonly neighbour: string;
  readonly fault: string;
  readonly break: Break;
  readonly providers: readonly FaultProvider[];
  /** The caller's answer: status, code and action; of a 200 only the status. */
  readonly caller: readonly [status: number, code?: string, action?: string];
  /** The only successor was lost with the answer, and the user must sign in again. */
  readonly lostAt?: readonly FaultProvider[];
  /** The grant ends, as it must; the received token stays sealed and unused. */
  readonly closes?: true;
  /** The stored token stays stored and valid. `unsent`: the provider has not received it either. */
  readonly leaves?: "unsent" | "unspent";
  /** Seconds from the end of the fault until the user is served again, at most. */
  readonly withinSeconds: number;
}
