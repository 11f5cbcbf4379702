/** What happens to a session, as a tab is told of it. */

export type SignedOutReason =
  /** On purpose. */
  | "signed_out"
  /** The user was erased. */
  | "erased"
  /** The API no longer knows the session: it ran out, or was ended from elsewhere. */
  | "session_ended";

/** Each says what is true of this tab now, whichever tab it came from. */
export interface VaultEvents {
  readonly "signed-in": { readonly sub: string; readonly elsewhere: boolean };
  readonly "signed-out": {
    readonly sub: string;
    readonly reason: SignedOutReason;
    readonly elsewhere: boolean;
  };
  /** The session lives, but there will be no access token until the user signs in again. */
  readonly "needs-sign-in": {
    readonly sub: string;
    readonly reason: string;
    readonly elsewhere: boolean;
  };
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
        try {
          if (wanted === name) {
            listener(event as never);
          }
        } catch (error) {
          // As an event target has it: reported, and no matter to anybody else.
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- as it was thrown
          void Promise.reject(error);
        }
      }
    },
  };
}
