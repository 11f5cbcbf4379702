/** Says which option is wrong, before anything is done with one. */
import { wrongOptions } from "./errors.js";
import type { VaultClientOptions } from "./types.js";

/** @throws VaultError `invalid_options`; TypeError for options that are no object */
export function checkOptions(options: VaultClientOptions): void {
  const { storage, provider, retry } = options;
  // No two of them have a name in common.
  let all: object = { ...options, ...retry, ...provider };

  /** @param rule for `typeof` and text of the value, joined; `u`: it may be left out */
  const check = (names: string, rule: RegExp): void => {
    for (const name of names.split(" ")) {
      const value = (all as Record<string, unknown>)[name];
      if (!rule.test(typeof value + String(value))) {
        throw wrongOptions(`Wrong ${name}`);
      }
    }
  };

  check("provider retry", /^[uo]/);
  check("apiUrl", /^stringhttps?:/);
  check("authorizationEndpoint", /^(u|stringhttps?:)/);
  if (provider) {
    check("clientId redirectUri", /^string./);
  }
  check("issuer scope", /^(u|string)/);
  check("tabs pkce nonce iss", /^(u|bo)/);
  check("fetch navigate", /^[uf]/);
  check("retries maxWait", /^(u|number\d)/);
  check("transport", /^(u|string(bearer|cookie)$)/);
  check("storage", /^(u|o|string(tab|local|memory)$)/);
  if (typeof storage === "object") {
    all = storage;
    check("getItem setItem removeItem", /^f/);
  }
}
