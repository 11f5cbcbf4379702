/**
 * Forgetting the refresh token for good. The tombstone is what revokes: an exchange in flight finds its lease gone (S30).
 * With a provider that has a revocation endpoint the token is also revoked there, between two writes: the first makes the grant
 * unusable, the second deletes the ciphertext. A crash between them is finished by repeating the call, which is harmless.
 */
import { UnavailableError } from "../errors";
import type { Grant } from "../model";
import type { ClientSecretSource, Clock, GrantStore, Opener, TokenEndpoint } from "../ports";
import { beginDisconnect, disconnect } from "./grant";
import type { Call } from "./conclude";

export interface DisconnectDependencies {
  readonly grants: GrantStore;
  readonly opener: Opener;
  readonly tokenEndpoint: TokenEndpoint;
  readonly clientSecret: ClientSecretSource;
  /** Whether the provider has a revocation endpoint (RFC 7009). */
  readonly isRevocable: boolean;
  readonly clock: Clock;
}

const MAX_CONFLICTS = 8;

export function createDisconnect(dependencies: DisconnectDependencies) {
  const { grants, clock, isRevocable } = dependencies;

  return async function disconnectUser(call: Call): Promise<void> {
    let grant = await grants.read(call.sub);
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
      if (grant === undefined || grant.status === "disconnected") {
        return;
      }
      const isFirstStep = isRevocable && grant.status !== "disconnecting";
      const stamp = { at: clock.now(), by: call.by };
      if (!isFirstStep && isRevocable) {
        await revoke(dependencies, grant, call);
      }
      const next = isFirstStep ? beginDisconnect(grant, stamp) : disconnect(grant, stamp);
      const result = await grants.write(next, grant.revision);
      grant = result.written ? result.grant : result.current;
    }
    throw new UnavailableError("store_conflict");
  };
}

/** Best effort: what fails here must not keep the ciphertext alive, which is the part that we can promise. */
async function revoke(
  { opener, clientSecret, tokenEndpoint }: DisconnectDependencies,
  grant: Grant,
  call: Call,
): Promise<void> {
  const { sub, grantId, refreshToken } = grant;
  if (refreshToken === undefined) {
    return;
  }
  try {
    const [secret, token] = await Promise.all([
      clientSecret.current(),
      opener.open(refreshToken.ciphertext, {
        sub,
        grantId,
        gen: refreshToken.gen,
        purpose: "refresh_token",
      }),
    ]);
    const outcome = (await tokenEndpoint.revoke(token, secret)) ? "revoked" : "not_revoked";
    call.log.info("revocation", { outcome });
  } catch {
    call.log.warn("revocation", { outcome: "not_revoked" });
  }
}
