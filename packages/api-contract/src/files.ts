/** The files that are made from the document. */
import { createHash } from "node:crypto";
import { OPENAPI } from "./document";

/** For people and tools. */
export const DOCUMENT_FILE = "docs/openapi.json";
/**
 * For the function that serves it: one string, ready to send, so that a request parses and builds
 * nothing.
 */
const SERVED_FILE = "lambda/http/openapi-text.ts";

/** Text by path, not yet formatted. */
export function contractFiles(): Readonly<Record<string, string>> {
  const text = JSON.stringify(OPENAPI);
  const etag = `"${createHash("sha256").update(text).digest("base64url")}"`;
  const served = [
    "// Written by npm run openapi, from packages/api-contract/src/. Do not edit.",
    `export const OPENAPI_ETAG = ${JSON.stringify(etag)};`,
    `export const OPENAPI_TEXT = ${JSON.stringify(text)};`,
  ];
  return {
    [DOCUMENT_FILE]: `${JSON.stringify(OPENAPI, null, 2)}\n`,
    [SERVED_FILE]: `${served.join("\n")}\n`,
  };
}
