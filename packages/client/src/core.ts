/** What the parts of a client have in common, and where they find each other. */
import type { AccessTokens } from "./access-token.js";
import type { Api } from "./api.js";
import type { Environment } from "./environment.js";
import type { Emitter } from "./events.js";
import type { Sessions } from "./session.js";
import type { Tabs } from "./tabs.js";
import type { TextStorage, VaultClient, VaultClientOptions } from "./types.js";

export interface Core
  extends
    Omit<Environment, "storage">,
    Pick<VaultClientOptions, "provider" | "navigate" | "origins" | "retry"> {
  /** Of the API, without a slash behind. */
  readonly url: string;
  /** In storages, of channels, of locks. */
  readonly key: string;
  readonly isCookie: boolean;
  /** Whether this is one person's: a page's, or one that was said to be. */
  readonly isPersonal: boolean;
  /** For sessions. Undefined: memory alone. */
  readonly keeper: TextStorage | undefined;
  /** For sign-ins that are under way. */
  readonly pageKeeper: TextStorage | undefined;
  readonly emitter: Emitter;
  readonly user: VaultClient["user"];
  channel: Tabs;
  api: Api;
  held: Sessions;
  accessTokens: AccessTokens;
}
