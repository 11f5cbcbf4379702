/** What all views share: the vault, the user, the access token, and the one way to act. */
import type { Recorder } from "./recorder";
import type { Settings } from "./settings";
import type { TokenState } from "./token-state";
import type { User } from "./vault";
import { type Vault, VaultError } from "./vault";

export interface App {
  readonly vault: Vault;
  readonly settings: Settings;
  readonly recorder: Recorder;
  readonly notices: Notices;
  /** Undefined while signed out. */
  user: User | undefined;
  token: TokenState;
  /**
   * Runs one named action at a time, shows that it runs, and draws its requests afterwards.
   * @returns undefined if it failed; the page has then told the user
   */
  run<T>(name: string, work: () => Promise<T>, options?: RunOptions): Promise<T | undefined>;
  signIn(): Promise<void>;
  /** Shows the welcome; `why` tells the user the reason. */
  signedOut(why?: string): void;
  go(view: string): void;
}

interface RunOptions {
  /** The notice after success. */
  readonly done?: string;
  /** Whether to offer a retry with a countdown. @default true */
  readonly retries?: boolean;
  /** Continues the action that began before the page was left. */
  readonly goesOn?: boolean;
  /** Called first. @returns whether it has handled the error */
  readonly onError?: (error: VaultError) => boolean;
}

export interface Notices {
  /** A polite notice until the next one. */
  say(text: string): void;
  /** @returns whether to retry; false also if another notice has replaced this one */
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

/** @returns whether to retry, after the countdown or a click */
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
 * `fetch` throws a TypeError if there was no answer.
 * @throws everything else, as a bug of the page
 */
function asVaultError(thrown: unknown): VaultError {
  if (thrown instanceof VaultError) {
    return thrown;
  }
  if (thrown instanceof TypeError) {
    return new VaultError("No answer came.", { action: "retry", code: "network", cause: thrown });
  }
  throw thrown;
}
