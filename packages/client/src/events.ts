/** The events of a session, in each tab. */

export type SignedOutReason =
  /** By `signOut()`. */
  | "signed_out"
  /** The user was erased. */
  | "erased"
  /** The API no longer knows the session: it expired, or another device ended it. */
  | "session_ended";

/**
 * What this tab knows without a request. "unknown": a cookie that the API has not been asked about
 * yet, or a storage that is still answering.
 */
export type VaultState = "signed-in" | "signed-out" | "signing-in" | "unknown";

/** Each event is true of this tab; `elsewhere` says that another tab caused it. */
export interface VaultEvents {
  readonly "signed-in": { readonly sub: string; readonly elsewhere: boolean };
  readonly "signed-out": {
    readonly sub: string;
    readonly reason: SignedOutReason;
    readonly elsewhere: boolean;
  };
  /** The session continues, but without access tokens until the user signs in again. */
  readonly "needs-sign-in": {
    readonly sub: string;
    readonly reason: string;
    readonly elsewhere: boolean;
  };
  readonly change: VaultState;
}

export type Listener<Name extends keyof VaultEvents> = (event: VaultEvents[Name]) => void;

export interface Emitter {
  readonly on: <Name extends keyof VaultEvents>(name: Name, listener: Listener<Name>) => () => void;
  emit<Name extends keyof VaultEvents>(name: Name, event: VaultEvents[Name]): void;
}

export function createEmitter(): Emitter {
  const all = new Set<readonly [name: string, listener: (event: never) => void]>();
  return {
    on: (name, listener) => {
      const one = [name, listener] as const;
      all.add(one);
      return () => {
        all.delete(one);
      };
    },
    emit: (name, event) => {
      for (const [wanted, listener] of all) {
        if (wanted === name) {
          // At once. As with EventTarget, an error is reported, and the other listeners still run.
          void new Promise(() => {
            listener(event as never);
          });
        }
      }
    },
  };
}
