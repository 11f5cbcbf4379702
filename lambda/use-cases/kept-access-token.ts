/** How an access token lies sealed beside its refresh token, with what belongs to it. */
import { InternalError } from "../errors";
import type { AccessToken, Grant, KeptAccessToken } from "../model";
import type { Opener, SealingKey } from "../ports/crypto";

interface Content {
  readonly access_token: string;
  readonly scope?: string;
}

/** `obtainedBy`: owner of the lease under which the token was obtained. */
export function sealKept(
  key: SealingKey,
  token: AccessToken,
  obtained: { readonly gen: number; readonly obtainedBy: string },
): KeptAccessToken {
  const content: Content = {
    access_token: token.accessToken,
    ...(token.scope === undefined ? {} : { scope: token.scope }),
  };
  return {
    ...obtained,
    ciphertext: key.seal(JSON.stringify(content), "access_token"),
    expiresAt: token.expiresAt,
  };
}

/** @throws InternalError `ciphertext_rejected` where the ciphertext is not this grant's (S37); UnavailableError. */
export async function openKept(
  opener: Opener,
  grant: Grant,
  kept: KeptAccessToken,
): Promise<AccessToken> {
  const { sub, grantId } = grant;
  const content = parse(
    await opener.open(kept.ciphertext, { sub, grantId, gen: kept.gen, purpose: "access_token" }),
  );
  return {
    accessToken: content.access_token,
    tokenType: "Bearer",
    expiresAt: kept.expiresAt,
    scope: content.scope,
  };
}

/** Authenticated by the cipher, so its shape is ours; a parse error would show its input, so it is not passed on. */
function parse(plaintext: string): Content {
  try {
    return JSON.parse(plaintext) as Content;
  } catch {
    throw new InternalError("ciphertext_rejected");
  }
}
