/** A provider that nobody here wrote, as the journey uses it. */
import type { Life } from "./process";
import type { Proxy } from "./proxy";

export interface RealProvider extends Life {
  readonly title: string;
  readonly version: string;
  /** Its issuer is this one's address. */
  readonly proxy: Proxy;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
  /** Whether a refresh token is good for one use only. */
  readonly isStrict: boolean;
  /** Signs a person in, with the hands of one. @returns where the browser ends up */
  visit(address: string, person: string): Promise<URL>;
  /** Of access tokens issued from now on; seconds. */
  setLifetime(seconds: number): Promise<void>;
  /** Ends what this subject has granted, as an administrator may. */
  revoke(sub: string): Promise<void>;
  /** From now on nobody is granted this scope; without one, all of them again. */
  withhold(scope?: string): Promise<void>;
  /** Whether a scope that is withheld goes from the next refresh of an older grant, too. */
  readonly takesScopesBack: boolean;
}

/** What is known before the provider starts. */
export interface Place {
  readonly proxy: Proxy;
  /** The provider's own. */
  readonly port: number;
  /** For what it stores. */
  readonly folder: string;
  readonly redirectUri: string;
}

/** @throws Error with status and the beginning of the answer */
export async function ask(url: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(url, init);
  if (!response.ok) {
    const { method = "GET" } = init;
    const text = (await response.text()).slice(0, 300);
    throw new Error(`${method} ${new URL(url).pathname}: ${response.status} ${text}`);
  }
  return response;
}

/** A request with a JSON body. */
export function json(method: string, body: unknown, headers: Record<string, string> = {}) {
  return {
    method,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  };
}
