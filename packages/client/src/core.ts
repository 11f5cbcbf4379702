/** What the parts of a client share, and how they reach each other. */
import type { AccessTokens } from "./access-token.js";
import type { Api } from "./api.js";
import type { Environment } from "./environment.js";
import type { Emitter } from "./events.js";
import type { TabSessions } from "./session.js";
import type { Tabs } from "./tabs.js";
import type { TextStorage, VaultClient, VaultClientOptions } from "./types.js";

export interface Core
  extends
    Omit<Environment, "storage">,
    Pick<VaultClientOptions, "provider" | "navigate" | "origins" | "retry"> {
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
  channel: Tabs;
  api: Api;
  tabSession: TabSessions;
  accessTokens: AccessTokens;
}
