/**
 * What the page about one's account needs: `rollup-vault-client/account`. An entry of its own, so
 * that the pages without it load nothing of it.
 */
import type { Call } from "./api.js";
import type { HasCore } from "./core.js";
import type { CallOptions } from "./types.js";
import type { VaultClient } from "./vault-client.js";
import type * as wire from "./wire.js";

/** Every promise rejects as those of the client do. */
export interface Account {
  /**
   * Merges into the app's own data (RFC 7396: null deletes a member).
   * @param options `ifVersion`: only if the user still has this version, else VaultError
   *   `precondition_failed`
   */
  updateAttributes(
    patch: wire.AttributesPatch,
    options?: CallOptions & { readonly ifVersion?: number },
  ): Promise<wire.User>;
  /** Status and history of the grant (the stored refresh token). */
  connection(options?: CallOptions): Promise<wire.Connection>;
  /** Deletes the refresh token. */
  disconnect(options?: CallOptions): Promise<void>;
  exportData(options?: CallOptions): Promise<wire.Export>;
  /** Deletes user, grant and sessions for good. */
  erase(options?: CallOptions): Promise<wire.ErasureReceipt>;
  sessions(options?: CallOptions): Promise<readonly wire.ListedSession[]>;
  /** Ends another session of the user. */
  endSession(id: string, options?: CallOptions): Promise<void>;
}

/** @param vault of `createVaultClient`, whose session, retries and events these calls use */
export function accountOf(vault: VaultClient): Account {
  const { core } = vault as VaultClient & HasCore;
  const { api, tabSession, accessTokens, clocks } = core;
  const call =
    <T>(method: Call["method"], path: string, more?: Partial<Call>) =>
    ({ signal }: CallOptions = {}) =>
      api.send<T>({ method, path, signal, ...more });
  const list = call<wire.SessionList>("GET", "/sessions", { has: "sessions" });
  const methods: Account = {
    updateAttributes: async (patch, { ifVersion, ...options } = {}) => {
      const updated = await call<wire.User>("PATCH", "/me", {
        content: { attributes: patch },
        ...(ifVersion && { headers: { "if-match": `"${ifVersion}"` } }),
      })(options);
      // What `user()` has asked before does not know it yet.
      core.edits += 1;
      return updated;
    },
    connection: call("GET", "/me/refresh-token"),
    exportData: call("GET", "/me/export"),
    sessions: async (options) => (await list(options)).sessions,
    endSession: async (id, options) => {
      await call("DELETE", `/sessions/${encodeURIComponent(id)}`)(options);
    },
    disconnect: async (options) => {
      const session = await tabSession.required();
      await call("DELETE", "/me/refresh-token")(options);
      accessTokens.drop(session, "disconnected");
    },
    erase: async (options) => {
      const session = await tabSession.required();
      const at = clocks()[0];
      const receipt = await call<wire.ErasureReceipt>("DELETE", "/me")(options);
      await tabSession.end(session, "erased", at);
      return receipt;
    },
  };
  return core.guard(methods);
}
