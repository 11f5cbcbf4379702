/**
 * Reads what an OpenID provider says of itself: its discovery document (OpenID Connect Discovery
 * 1.0 section 4, RFC 8414) and its key set. Only at the desk (bin/, local/): what is deployed has
 * settings, and reads neither.
 */
import * as v from "valibot";
import { isKeyFor, readKeySet, type UsableJwk } from "../../lambda/auth/jwk";
import { ID_TOKEN_ALGS } from "../../lambda/facts";
import { type HttpClient, HttpFailure } from "../../lambda/ports/http-client";
import { isSafeUrl } from "../safe-url";
import { type Document, ProviderError } from "./provider-error";

export type IdTokenAlg = (typeof ID_TOKEN_ALGS)[number];

/** A key of the provider's key set. */
export interface FoundKey {
  readonly kty: string;
  readonly crv?: string;
  readonly alg?: string;
  /** It may sign, as far as it says (RFC 7517 section 4.2). */
  readonly isForSigning: boolean;
  /** Algorithms of ID tokens that this product would verify with it. */
  readonly usableFor: readonly IdTokenAlg[];
}

/**
 * Lists are as the provider gives them, without entries that are no printable ASCII text;
 * `undefined` where it gives none.
 */
export interface Discovery {
  readonly issuer: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly jwksUri: string;
  readonly userinfoEndpoint: string | undefined;
  readonly revocationEndpoint: string | undefined;
  readonly endSessionEndpoint: string | undefined;
  readonly idTokenAlgs: readonly string[] | undefined;
  readonly idTokenEncryptionAlgs: readonly string[] | undefined;
  readonly clientAuthentications: readonly string[] | undefined;
  readonly grantTypes: readonly string[] | undefined;
  readonly responseTypes: readonly string[] | undefined;
  readonly scopes: readonly string[] | undefined;
  readonly claims: readonly string[] | undefined;
  readonly challengeMethods: readonly string[] | undefined;
  readonly subjectTypes: readonly string[] | undefined;
  /** RFC 9207: `iss` comes with the code. */
  readonly sendsIssuer: boolean;
  /** RFC 9126: an authorization request must be pushed first. */
  readonly requiresPushedRequests: boolean;
  readonly keys: readonly FoundKey[];
}

export interface DiscoveryOptions {
  readonly http: HttpClient;
  /** For each of the two documents. @default 15,000 */
  readonly timeoutMs?: number;
}

/** A person waits, and some providers make their keys when they are asked for them. */
export const DESK_TIMEOUT_MS = 15_000;
const MAX_BYTES = 65_536;
/** It is printed at a terminal, which would obey control characters. */
const PRINTABLE = /^[\x20-\x7e]{1,2048}$/;

const printable = v.pipe(v.string(), v.regex(PRINTABLE));
const endpoint = v.optional(v.nullable(printable));
const list = v.optional(
  v.nullable(
    v.pipe(
      v.array(v.unknown()),
      v.transform((entries) => entries.filter((entry): entry is string => v.is(printable, entry))),
    ),
  ),
);
const flag = v.optional(v.unknown());

const documentSchema = v.object({
  issuer: v.string(),
  authorization_endpoint: printable,
  token_endpoint: printable,
  jwks_uri: printable,
  userinfo_endpoint: endpoint,
  revocation_endpoint: endpoint,
  end_session_endpoint: endpoint,
  id_token_signing_alg_values_supported: list,
  id_token_encryption_alg_values_supported: list,
  token_endpoint_auth_methods_supported: list,
  grant_types_supported: list,
  response_types_supported: list,
  scopes_supported: list,
  claims_supported: list,
  code_challenge_methods_supported: list,
  subject_types_supported: list,
  authorization_response_iss_parameter_supported: flag,
  require_pushed_authorization_requests: flag,
});

/** @throws ProviderError */
export async function discover(issuer: string, options: DiscoveryOptions): Promise<Discovery> {
  const document = await readJson(discoveryUrl(issuer), "discovery document", options);
  const found = readDocument(issuer, document);
  return { ...found, keys: keysIn(await readJson(found.jwksUri, "key set", options)) };
}

/** Section 4.1: a slash at the end of the path is left out. @throws ProviderError */
function discoveryUrl(issuer: string): string {
  if (/[?#]/.test(issuer)) {
    throw ProviderError.of("issuer_with_query");
  }
  if (!PRINTABLE.test(issuer) || !isSafeUrl(issuer)) {
    throw ProviderError.of("issuer_malformed");
  }
  return `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
}

async function readJson(
  url: string,
  document: Document,
  { http, timeoutMs = DESK_TIMEOUT_MS }: DiscoveryOptions,
): Promise<Readonly<Record<string, unknown>>> {
  const headers = { accept: "application/json" };
  const request = { method: "GET", url, headers, timeoutMs, maxBytes: MAX_BYTES } as const;
  const { status, body } = await http.send(request).catch((error: unknown) => {
    const limit = error instanceof HttpFailure ? error.limit : undefined;
    const problem = limit === undefined ? "unreachable" : limit === "time" ? "slow" : "too_large";
    throw ProviderError.reading(document, problem);
  });
  if (status !== 200) {
    const isRedirect = status >= 300 && status < 400;
    const problem = isRedirect ? "redirects" : status === 404 ? "not_found" : "failed";
    throw ProviderError.reading(document, problem);
  }
  const parsed = parseJson(body);
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw ProviderError.reading(document, "not_json");
  }
  return parsed as Record<string, unknown>;
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}

/** @throws ProviderError */
function readDocument(issuer: string, document: unknown): Omit<Discovery, "keys"> {
  const parsed = v.safeParse(documentSchema, document);
  if (!parsed.success) {
    throw ProviderError.of("incomplete");
  }
  const said = parsed.output;
  // Section 4.3: identical, character for character.
  if (said.issuer !== issuer) {
    const isSlash = said.issuer.replace(/\/$/, "") === issuer.replace(/\/$/, "");
    throw ProviderError.of(isSlash ? "other_slash" : "other_issuer");
  }
  const found = {
    issuer,
    authorizationEndpoint: said.authorization_endpoint,
    tokenEndpoint: said.token_endpoint,
    jwksUri: said.jwks_uri,
    userinfoEndpoint: said.userinfo_endpoint ?? undefined,
    revocationEndpoint: said.revocation_endpoint ?? undefined,
    endSessionEndpoint: said.end_session_endpoint ?? undefined,
    idTokenAlgs: said.id_token_signing_alg_values_supported ?? undefined,
    idTokenEncryptionAlgs: said.id_token_encryption_alg_values_supported ?? undefined,
    clientAuthentications: said.token_endpoint_auth_methods_supported ?? undefined,
    grantTypes: said.grant_types_supported ?? undefined,
    responseTypes: said.response_types_supported ?? undefined,
    scopes: said.scopes_supported ?? undefined,
    claims: said.claims_supported ?? undefined,
    challengeMethods: said.code_challenge_methods_supported ?? undefined,
    subjectTypes: said.subject_types_supported ?? undefined,
    sendsIssuer: said.authorization_response_iss_parameter_supported === true,
    requiresPushedRequests: said.require_pushed_authorization_requests === true,
  };
  if (!endpointsOf(found).every(isSafeUrl)) {
    throw ProviderError.of("unsafe_endpoint");
  }
  return found;
}

function endpointsOf(found: Omit<Discovery, "keys">): readonly string[] {
  const { authorizationEndpoint, tokenEndpoint, jwksUri } = found;
  const { userinfoEndpoint, revocationEndpoint, endSessionEndpoint } = found;
  const optional = [userinfoEndpoint, revocationEndpoint, endSessionEndpoint];
  return [authorizationEndpoint, tokenEndpoint, jwksUri, ...optional.filter((url) => url != null)];
}

const keySchema = v.object({
  kty: printable,
  crv: v.optional(printable),
  alg: v.optional(printable),
  use: v.optional(v.unknown()),
});

/** Judges each key by the verifier's own reading of a key set. */
function keysIn(document: Readonly<Record<string, unknown>>): readonly FoundKey[] {
  const isKeySet = usableIn(document["keys"]).length > 0;
  const entries: readonly unknown[] = Array.isArray(document["keys"]) ? document["keys"] : [];
  return entries.flatMap((entry) => {
    const parsed = v.safeParse(keySchema, entry);
    if (!parsed.success) {
      return [];
    }
    const { use, ...key } = parsed.output;
    const usableFor = isKeySet ? algsOf(usableIn([entry])) : [];
    return [{ ...key, isForSigning: use === undefined || use === "sig", usableFor }];
  });
}

function usableIn(keys: unknown): readonly UsableJwk[] {
  return readKeySet(Buffer.from(JSON.stringify({ keys })), ID_TOKEN_ALGS) ?? [];
}

/** What a key is used for: the algorithm that it names, or all that its type and curve allow. */
function algsOf(keys: readonly UsableJwk[]): readonly IdTokenAlg[] {
  return ID_TOKEN_ALGS.filter((alg) =>
    keys.some(
      (jwk) => isKeyFor(alg, jwk) && (jwk.alg === alg || !v.is(v.picklist(ID_TOKEN_ALGS), jwk.alg)),
    ),
  );
}
