/** Users and access tokens of a rollup-vault deployment, for frontends. */
import { assemble } from "./assemble.js";
import { hostEnvironment } from "./environment.js";
import type { VaultClient, VaultClientOptions } from "./types.js";

export { VaultError, type VaultErrorAction, type VaultErrorCode } from "./errors.js";
export type { Listener, SignedOutReason, VaultEvents, VaultState } from "./events.js";
export type {
  AccessTokenOptions,
  CallOptions,
  CompletedSignIn,
  ProviderOptions,
  RetryOptions,
  SignInOptions,
  TextStorage,
  VaultClient,
  VaultClientOptions,
} from "./types.js";
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

/** @throws VaultError `invalid_options` */
export function createVaultClient(options: VaultClientOptions): VaultClient {
  return assemble(options, hostEnvironment());
}
