/** The public half of a signing key, as a JWK (RFC 7517). */
import { createHash, createPublicKey, type JsonWebKey } from "node:crypto";
import { GetPublicKeyCommand, type KMSClient } from "@aws-sdk/client-kms";
import type { ClientSigningAlg } from "../client-authentication";
import { clientKeyError } from "./kms-errors";

/** As it is published: for signatures of this algorithm alone. */
export type PublicJwk = Readonly<Record<string, string>> & { readonly kid: string };

export interface ClientKeyOptions {
  readonly keyArn: string;
  readonly alg: ClientSigningAlg;
  readonly client: Pick<KMSClient, "send">;
}

/**
 * With `kms:GetPublicKey`.
 * @throws UnavailableError `client_key_unavailable`; InternalError `client_key_denied`
 */
export async function readPublicJwk({ keyArn, alg, client }: ClientKeyOptions): Promise<PublicJwk> {
  try {
    const { PublicKey } = await client.send(new GetPublicKeyCommand({ KeyId: keyArn }));
    const key = Buffer.from(PublicKey ?? []);
    const jwk = createPublicKey({ key, format: "der", type: "spki" }).export({ format: "jwk" });
    const members = requiredMembers(jwk);
    return { ...members, kid: thumbprint(members), use: "sig", alg };
  } catch (error) {
    throw clientKeyError(error);
  }
}

/** In the order of their names, as RFC 7638 section 3.2 hashes them. */
function requiredMembers({ crv, e, kty, n, x, y }: JsonWebKey): Readonly<Record<string, string>> {
  const members = Object.entries({ crv, e, kty, n, x, y });
  return Object.fromEntries(
    members.filter((each): each is [string, string] => each[1] !== undefined),
  );
}

function thumbprint(members: Readonly<Record<string, string>>): string {
  return createHash("sha256").update(JSON.stringify(members)).digest("base64url");
}
