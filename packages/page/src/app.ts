/**
 * What all views share: the vault, what is known by now, and the one way in which anything is
 * done.
 */
import type { Recorder } from "./recorder";
import type { Settings } from "./settings";
import type { User } from "./vault";
import { type Vault, VaultError } from "./vault";

export interface App {
  readonly vault: Vault;
  readonly settings: Settings;
  readonly recorder: Recorder;
  readonly notices: Notices;
  /** Undefined: nobody is signed in. */
  user: User | undefined;
  /**
   * Does something under a name: one at a time, shown as under way, drawn when it is over.
   * @returns undefined where it failed; the person has been told then
   */
  run<T>(name: string, work: () => Promise<T>, options?: RunOptions): Promise<T | undefined>;
  signIn(): Promise<void>;
  /** Back to the first view; `why` says it to the person. */
  signedOut(why?: string): void;
  go(view: string): void;
}

interface RunOptions {
  /** Said when it is done. */
  readonly done?: string;
  /** Of a person's own accord: then a try again is offered by itself. @default true */
  readonly retries?: boolean;
  /** Part of the action that was begun before the page was left. */
  readonly goesOn?: boolean;
  /** Told first; true: it has been dealt with. */
  readonly onError?: (error: VaultError) => boolean;
}

export interface Notices {
  /** Polite, and gone with the next one. */
  say(text: string): void;
  /** @returns whether to try again; false too when something else has taken its place */
  error(error: VaultError, mayRetry: boolean): Promise<boolean>;
  clear(): void;
}

export interface Hooks {
  readonly busy: (name: string | undefined) => void;
  readonly acted: () => Promise<void>;
}

/** @returns {@link App.run} */
export function createRun(app: () => App, hooks: Hooks): App["run"] {
  let isRunning = false;

  async function once<T>(name: string, work: () => Promise<T>, options: RunOptions): Promise<T> {
    const { notices, recorder } = app();
    isRunning = true;
    if (options.goesOn !== true) {
      recorder.begin(name);
    }
    notices.clear();
    hooks.busy(name);
    try {
      return await work();
    } finally {
      isRunning = false;
      hooks.busy(undefined);
      await hooks.acted();
    }
  }

  return async (name, work, options = {}) => {
    while (!isRunning) {
      try {
        const result = await once(name, work, options);
        if (options.done !== undefined) {
          app().notices.say(options.done);
        }
        return result;
      } catch (thrown) {
        if (!(await tell(app(), asVaultError(thrown), options))) {
          return undefined;
        }
      }
    }
    return undefined;
  };
}

/** @returns whether to try again, once the person has waited for it or asked for it */
async function tell(app: App, error: VaultError, options: RunOptions): Promise<boolean> {
  if (options.onError?.(error) === true) {
    return false;
  }
  if (error.action === "sign_in" && error.code !== "needs_sign_in") {
    app.signedOut(SESSION_OVER);
    return false;
  }
  return await app.notices.error(error, options.retries !== false);
}

export const SESSION_OVER =
  "Your session is over, or your data was erased somewhere else. Sign in to go on.";

/**
 * The page's own `fetch` throws, too, which says only that no answer came. @throws what is a bug
 * of the page
 */
function asVaultError(thrown: unknown): VaultError {
  if (thrown instanceof VaultError) {
    return thrown;
  }
  if (thrown instanceof TypeError) {
    return new VaultError("No answer came.", { action: "retry", code: "network" }, thrown);
  }
  throw thrown;
}
