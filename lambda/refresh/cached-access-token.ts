/**
 * How an access token lies sealed beside its refresh token: the access token itself and its scope.
 */
import { InternalError } from "../errors";
import type { CachedAccessToken, Grant } from "../grant/grant";
import type { AccessToken } from "../model";
import type { Opener, SealingKey } from "../ports/crypto";

interface Content {
  readonly access_token: string;
  readonly scope?: string;
}

/**
 * `obtainedBy`: owner of the lease under which the token was obtained; of a sign-in, the `grantId`.
 */
export function sealCached(
  key: SealingKey,
  token: AccessToken,
  obtained: { readonly gen: number; readonly obtainedBy: string },
): CachedAccessToken {
  const content: Content = { access_token: token.accessToken, scope: token.scope };
  return {
    ...obtained,
    ciphertext: key.seal(JSON.stringify(content), "access_token"),
    expiresAt: token.expiresAt,
  };
}

/**
 * @throws InternalError `ciphertext_rejected` where the ciphertext is not this grant's (S37);
 * UnavailableError.
 */
export async function openCached(
  opener: Opener,
  grant: Grant,
  cached: CachedAccessToken,
): Promise<AccessToken> {
  const { sub, grantId } = grant;
  const content = parse(
    await opener.open(cached.ciphertext, {
      sub,
      grantId,
      gen: cached.gen,
      purpose: "access_token",
    }),
  );
  return {
    accessToken: content.access_token,
    tokenType: "Bearer",
    expiresAt: cached.expiresAt,
    scope: content.scope,
  };
}

/** The cipher has authenticated it, so only its JSON can fail, and a SyntaxError would quote it. */
function parse(plaintext: string): Content {
  try {
    return JSON.parse(plaintext) as Content;
  } catch {
    throw new InternalError("ciphertext_rejected");
  }
}
