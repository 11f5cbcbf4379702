/**
 * Client authentication by a key that never leaves KMS: `private_key_jwt` (RFC 7523 sections 2.2
 * and 3, OpenID Connect Core 9), and the signed client secret of Apple (decision 0039).
 */
import { clientKeysOf } from "../client-authentication";
import type { IdpSettings } from "../env";
import type { ClientSigner } from "../ports/crypto";
import type { ClientAuthentication } from "../ports/provider";
import type { Clock, Random } from "../ports/runtime";
import { ASSERTION_SECONDS } from "../time-limits";

export interface KeyAuthenticationOptions {
  readonly settings: IdpSettings;
  readonly signer: ClientSigner;
  readonly clock: Clock;
  readonly random: Random;
}

type Members = Readonly<Record<string, string | number>>;

/** RFC 7523 section 2.2. */
const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/**
 * Signs once for each request and keeps nothing: a provider takes an assertion once. One that was
 * rejected is not replaced by another of the same key.
 */
export function createKeyAuthentication(options: KeyAuthenticationOptions): ClientAuthentication {
  const { settings, signer, clock } = options;
  const { clientId, clientSigning } = settings;
  const { keys = [], alg = "ES256" } = clientKeysOf(settings) ?? {};
  const isSecret = settings.clientAuthentication === "signed_client_secret";

  async function sign(): Promise<string> {
    const kid = isSecret ? (keys[0] ?? "") : await signer.kid();
    const iat = Math.floor(clock.now() / 1000);
    const times = { iat, exp: iat + ASSERTION_SECONDS };
    const claims: Members = isSecret
      ? { iss: clientSigning?.teamId ?? "", sub: clientId, aud: settings.issuer, ...times }
      : { ...assertionOf(options), ...times };
    const input = `${encode({ alg, kid, typ: "JWT" })}.${encode(claims)}`;
    return `${input}.${await signer.sign(input)}`;
  }

  return {
    prepare: async () => {
      const signed = await sign();
      return {
        fields: {
          client_id: clientId,
          ...(isSecret
            ? { client_secret: signed }
            : { client_assertion_type: ASSERTION_TYPE, client_assertion: signed }),
        },
      };
    },
    renew: () => Promise.resolve(undefined),
  };
}

/** OpenID Connect Core 9. */
function assertionOf({ settings, random }: KeyAuthenticationOptions): Members {
  const { clientId, issuer, tokenEndpoint, clientSigning } = settings;
  return {
    iss: clientId,
    sub: clientId,
    aud: clientSigning?.audience === "token_endpoint" ? tokenEndpoint : issuer,
    jti: random.id(),
  };
}

function encode(members: Members): string {
  return Buffer.from(JSON.stringify(members)).toString("base64url");
}
