/** Which `iss` names the provider of this deployment. The one place that compares issuers. */
import type { IdpSettings } from "./env";

type Issuers = Pick<IdpSettings, "issuer" | "acceptedIssuers">;

/** The issuer, and what else its tokens may call it. */
export function issuersOf({ issuer, acceptedIssuers = [] }: Issuers): readonly string[] {
  return [...new Set([issuer, ...acceptedIssuers])];
}

/** Compared as strings (OpenID Connect Core 3.1.3.7). */
export function isAcceptedIssuer(iss: unknown, { issuer, acceptedIssuers }: Issuers): boolean {
  return iss === issuer || acceptedIssuers?.some((each) => each === iss) === true;
}

/**
 * Whether it is the issuer but for the scheme or slashes at the end: what a provider may call
 * itself, and no stranger can. Decides only what the log says.
 */
export function isSpellingOf(issuer: string, iss: unknown): boolean {
  return typeof iss === "string" && bare(iss) === bare(issuer);
}

function bare(issuer: string): string {
  return issuer.replace(/^https?:\/\//, "").replace(/\/+$/, "");
}
