/** Client authentication by a shared secret, and by none (RFC 6749 section 2.3). */
import type { ClientAuthentication, ClientCredentials } from "../ports/provider";
import type { ClientSecretSource } from "./client-secret";

export interface SecretAuthenticationOptions {
  readonly clientId: string;
  /** Whether the secret goes into the `Authorization` header, or into the form. */
  readonly isBasic: boolean;
  readonly source: ClientSecretSource;
}

/** `client_secret_basic`, `client_secret_post`: credentials for any number of requests. */
export function createSecretAuthentication(
  options: SecretAuthenticationOptions,
): ClientAuthentication {
  const { clientId, isBasic, source } = options;
  const credentialsOf = (secret: string): ClientCredentials =>
    isBasic
      ? { fields: {}, authorization: basic(clientId, secret) }
      : { fields: { client_id: clientId, client_secret: secret } };

  return {
    prepare: async () => credentialsOf(await source.current()),
    renew: async (rejected) => {
      const credentials = credentialsOf(await source.reread());
      return isSame(credentials, rejected) ? undefined : credentials;
    },
  };
}

/** `none`: a public client says its id, and has nothing to renew (RFC 6749 section 3.2.1). */
export function createPublicClient(clientId: string): ClientAuthentication {
  return {
    prepare: () => Promise.resolve({ fields: { client_id: clientId } }),
    renew: () => Promise.resolve(undefined),
  };
}

function isSame(one: ClientCredentials, other: ClientCredentials): boolean {
  return (
    one.authorization === other.authorization &&
    one.fields["client_secret"] === other.fields["client_secret"]
  );
}

/** RFC 6749 section 2.3.1: both parts are form-encoded before they are joined. */
function basic(clientId: string, secret: string): string {
  const pair = [clientId, secret].map((part) => new URLSearchParams({ part }).toString().slice(5));
  return `Basic ${Buffer.from(pair.join(":")).toString("base64")}`;
}
