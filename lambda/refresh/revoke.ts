/** Telling the provider that a refresh token is not needed any more (RFC 7009). */
import type { Grant } from "../grant/grant";
import type { Revocation } from "../model";
import type { Opener } from "../ports/crypto";
import type { ClientAuthentication, TokenEndpoint } from "../ports/provider";
import type { Logger } from "../ports/runtime";

export interface RevokeDependencies {
  readonly opener: Opener;
  readonly tokenEndpoint: Pick<TokenEndpoint, "revoke">;
  readonly clientAuthentication: ClientAuthentication;
}

/** Best effort: a failure must not keep the ciphertext alive, whose deletion can be promised. */
export async function revoke(
  dependencies: RevokeDependencies | undefined,
  { sub, grantId, refreshToken }: Pick<Grant, "sub" | "grantId" | "refreshToken">,
  log: Logger,
): Promise<Revocation> {
  if (refreshToken === undefined) {
    return "no_token";
  }
  if (dependencies === undefined) {
    return "no_endpoint";
  }
  const { opener, tokenEndpoint, clientAuthentication } = dependencies;
  const { ciphertext, gen } = refreshToken;
  try {
    const [credentials, token] = await Promise.all([
      clientAuthentication.prepare(),
      opener.open(ciphertext, { sub, grantId, gen, purpose: "refresh_token" }),
    ]);
    const outcome = (await tokenEndpoint.revoke(token, credentials)) ? "revoked" : "not_revoked";
    log.info("revocation", { outcome });
    return outcome;
  } catch {
    log.warn("revocation", { outcome: "not_revoked" });
    return "not_revoked";
  }
}
