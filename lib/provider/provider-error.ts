/** Why an issuer cannot be used: one sentence each, without a word of the provider's own. */

/** What was read. */
export type Document = "discovery document" | "key set";

const OF_DOCUMENT = {
  unreachable: "cannot be reached: check the address, the network and the certificate",
  slow: "did not come in time",
  too_large: "is larger than 64 KB",
  redirects: "redirects, and redirects are not followed: name the issuer that it leads to",
  not_found: "does not exist (404): check the issuer, and its path",
  failed: "was answered with an error: try again, or ask the provider",
  not_json: "is no JSON object (an HTML page, for instance): check the issuer",
} as const;

const OF_PROVIDER = {
  issuer_malformed:
    "the issuer must be an https URL without user info (plain http only on this machine)",
  issuer_with_query:
    "the issuer must have no query and no fragment (OpenID Connect Discovery 1.0 section 3)",
  incomplete:
    "the discovery document lacks issuer, authorization_endpoint, token_endpoint or jwks_uri",
  other_issuer:
    "the discovery document names another issuer: use the one that the provider writes into " +
    "its tokens, with your own tenant in it",
  other_slash:
    "the discovery document names this issuer with another ending: add the slash at its end, " +
    "or leave it out",
  unsafe_endpoint:
    "the discovery document names an endpoint that is not https, or has user info or a fragment",
  no_code_flow: "the provider does not list the response type code",
  no_refresh_grant: "the provider does not list the grant type refresh_token",
  no_algorithm: "the provider signs ID tokens only with algorithms that are not supported here",
  no_usable_key: "the key set has no usable key for an algorithm that the provider lists",
  other_preset: "the issuer does not have the form that issuers of this preset have",
} as const;

type Problem = keyof typeof OF_DOCUMENT | keyof typeof OF_PROVIDER;

export class ProviderError extends Error {
  readonly problem: Problem;

  private constructor(problem: Problem, sentence: string) {
    super(sentence);
    this.name = "ProviderError";
    this.problem = problem;
  }

  static of(problem: keyof typeof OF_PROVIDER): ProviderError {
    return new ProviderError(problem, OF_PROVIDER[problem]);
  }

  static reading(document: Document, problem: keyof typeof OF_DOCUMENT): ProviderError {
    return new ProviderError(problem, `the provider's ${document} ${OF_DOCUMENT[problem]}`);
  }
}
