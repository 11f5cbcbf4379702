/** What the parts of a client share, and how they reach each other. */
import type { AccessTokens } from "./access-token.js";
import type { Api } from "./api.js";
import type { Environment } from "./environment.js";
import type { Emitter, VaultState } from "./events.js";
import type { TabSessions } from "./session.js";
import type { Tabs } from "./tabs.js";
import type { TextStorage, VaultClient, VaultClientOptions } from "./types.js";

export interface Core
  extends
    Omit<Environment, "storage" | "locals">,
    Pick<VaultClientOptions, "provider" | "navigate" | "retry"> {
  /** Base URL of the API, without a slash at the end. */
  readonly url: string;
  /** Name in storages, and of channels and locks. */
  readonly key: string;
  readonly isCookie: boolean;
  /** Whether the client serves one person: there is a page, or `storage` is set. */
  readonly isPersonal: boolean;
  /** For sessions. Undefined: memory only. */
  readonly keeper: TextStorage | undefined;
  /** For sign-ins in progress. */
  readonly pageKeeper: TextStorage | undefined;
  readonly emitter: Emitter;
  readonly user: VaultClient["user"];
  readonly stateOf: () => VaultState;
  /** Tells the listeners of `change`, if the state has changed. */
  readonly changed: () => void;
  /**
   * Callers get a VaultError or the reason of their own signal, and no other error. What needs a
   * session waits for the one that is being opened.
   * @returns the same object
   */
  readonly guard: <T extends object>(methods: T) => T;
  /** Changes of the user that were made here. */
  edits: number;
  /** The sign-in whose answer is being accepted. */
  signingIn?: { readonly url: string; readonly work: Promise<unknown> } | undefined;
  channel: Tabs;
  api: Api;
  tabSession: TabSessions;
  accessTokens: AccessTokens;
}

/** How the package's other entries reach the parts of a client. */
export interface HasCore {
  readonly core: Core;
}
