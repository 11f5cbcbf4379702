/**
 * `GET /.well-known/jwks.json`: the public keys by which the provider knows this client (RFC 7517
 * section 5). They are public, and change with a deployment only.
 */
import type { RouteResult } from "./endpoint";

type Jwks = readonly Readonly<Record<string, string>>[];

/** Shorter than an owner waits between publishing a key and signing with it. */
const HEADERS = { "cache-control": "public, max-age=300" };

/** @param read is asked once for each instance; a failure is not kept */
export function createSendJwks(read: () => Promise<Jwks>): () => Promise<RouteResult> {
  let text: Promise<string> | undefined;

  return async () => {
    text ??= read()
      .then((keys) => JSON.stringify({ keys }))
      .catch((error: unknown) => {
        text = undefined;
        throw error;
      });
    return { status: 200, text: await text, headers: HEADERS };
  };
}
