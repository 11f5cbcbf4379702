import type { LocalAwsOptions } from "@rollup-vault/local-aws/aws/start";
import type { FunctionsOptions } from "@rollup-vault/local-aws/functions";
import type { LogLine } from "@rollup-vault/local-aws/logs";
import type { FunctionHooks } from "@rollup-vault/local-aws/runtime/function-spec";
import type { IdpSettings } from "../lambda/env";
import type { Preset, PresetName } from "../lib/provider/preset";
import type { LocalContext } from "../lib/stages/local";
import type { Frontend } from "./outputs";

export interface StackOptions {
  /** Absent: throw-away. */
  readonly dataFolder?: string;
  /** 0: any free port. */
  readonly port: number;
  readonly issuerPort: number;
  /** Absent: no page. */
  readonly page?: {
    readonly port: number;
    /** Whether any other will do where that one is taken. */
    readonly orAnyOther: boolean;
    /** An API that takes access tokens, for the page to call besides userinfo. */
    readonly resourceUrl?: string;
  };
  /** Origins of apps that are developed against the run, besides the usual ones. */
  readonly frontends?: readonly string[];
  readonly engine?: LocalAwsOptions["engine"];
  /** Processes per function at most. @default 4 */
  readonly concurrency?: number;
  /** Absent: the local Rollup ID, or the one that plays the preset. */
  readonly provider?: OutsideProvider;
  /** Whose habits the local provider has. Absent: Rollup ID's. */
  readonly preset?: Preset;
  /** Settings that differ from the local Rollup ID's, for tests beside others. */
  readonly idp?: Partial<IdpSettings>;
  /** Settings of sessions that differ from the local stage's. */
  readonly sessions?: LocalContext["sessions"];
  /** Limits that differ from the defaults. */
  readonly limits?: LocalContext["limits"];
  readonly throttle?: LocalContext["throttle"];
  /** AWS endpoints to use instead of the local ones. */
  readonly external?: LocalAwsOptions["external"];
  /** Told of every AWS call before it has any effect. */
  readonly onCall?: LocalAwsOptions["onCall"];
  /** By the function's short name, e.g. `AccessToken`. */
  readonly hooks?: Readonly<Record<string, FunctionHooks>>;
  readonly onLog?: (line: LogLine) => void;
  readonly onInvoked?: FunctionsOptions["onInvoked"];
  /** Of the queues and of the page Operations. @default the system's */
  readonly now?: () => number;
  /** Shows progress around each step. */
  readonly step?: Step;
  /** Aborting ends a start that is under way. */
  readonly signal?: AbortSignal;
  /**
   * Where assemblies of earlier runs are, and this one's goes (assembly-cache.ts). Of no use with
   * ports that are different each time. Absent: a new one is made.
   */
  readonly assemblies?: string;
}

/** A provider that this run neither starts nor ends. */
export interface OutsideProvider {
  /** The stage gets exactly these. */
  readonly idp: IdpSettings;
  /** Empty where the client has none. */
  readonly clientSecret: string;
  /** Where people sign in. */
  readonly authorizationEndpoint: string;
  /** As its vendor writes it, for people. */
  readonly title: string;
  /** Whose scopes it has. @default guessed */
  readonly preset?: PresetName;
  /** For the page and the tour. @default no scope but openid, PKCE, a nonce */
  readonly frontend?: Frontend;
}

export type Step = <T>(title: string, work: () => Promise<T>) => Promise<T>;

/** @returns the caller's step, refusing to go on once the start was aborted */
export function stepOf({ step, signal }: Pick<StackOptions, "step" | "signal">): Step {
  const show: Step = step ?? ((_, work) => work());
  return async (title, work) => {
    signal?.throwIfAborted();
    return await show(title, work);
  };
}

/**
 * For who tries things out: here one asks for a new access token to see what becomes of it, and
 * does not wait a minute for the next (`exchangeIntervalSeconds` of a deployment,
 * lambda/limits.ts).
 */
export const LIMITS_TO_TRY = { exchangeIntervalSeconds: 0 } as const;
