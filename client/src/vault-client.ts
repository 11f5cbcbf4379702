/** Users and access tokens of a rollup-vault deployment, for frontends. */
import { assemble } from "./assemble.js";
import { hostEnvironment } from "./environment.js";
import type { VaultClient, VaultClientOptions } from "./types.js";

export { VaultError, type VaultErrorAction, type VaultErrorCode } from "./errors.js";
export type { AccessTokenOptions } from "./access-token.js";
export type { RetryOptions } from "./api.js";
export type { TextStorage } from "./environment.js";
export type { Listener, VaultEvents } from "./events.js";
export type { ProviderOptions, SignInOptions } from "./sign-in.js";
export type { SignedOutReason } from "./tabs.js";
export type {
  AccessToken,
  AttributesPatch,
  Connection,
  ErasureReceipt,
  Export,
  FreshUser,
  ListedSession,
  Session,
  User,
} from "./wire.js";
export type { CallOptions, CompletedSignIn, VaultClient, VaultClientOptions } from "./types.js";

/** @throws VaultError `invalid_options` */
export function createVaultClient(options: VaultClientOptions): VaultClient {
  const host = hostEnvironment();
  return assemble(options, {
    ...host,
    ...(options.fetch && { fetch: options.fetch }),
    ...(options.tabs === false && { openChannel: undefined, locks: undefined }),
  });
}
