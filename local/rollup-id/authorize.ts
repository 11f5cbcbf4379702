/** `GET /authorize`: the rules for its parameters, the page, and `&user=NAME`, which skips the page. */
import type { ServerResponse } from "node:http";
import { errorPage, signInPage } from "./page";
import { personNamed, type Memory } from "./state";
import { newCode, type Code } from "./token";
import { sendPage } from "./wire";

export const SCOPES = ["openid", "profile", "email", "connected_accounts", "erc_4337"] as const;

export interface AuthorizeWorld {
  readonly memory: Memory;
  readonly redirectUris: readonly string[];
  readonly codes: Map<string, Code>;
  readonly now: () => number;
}

const MAX_NAME_LENGTH = 100;

export function authorize(
  world: AuthorizeWorld,
  query: URLSearchParams,
  response: ServerResponse,
): void {
  const fault = faultIn(world, query);
  if (fault !== undefined) {
    // Never a redirect: the redirect URI may be the very thing that is wrong.
    sendPage(response, 400, errorPage(fault));
    return;
  }
  if (query.get("decision") === "deny") {
    redirect(query, { error: "access_denied" }, response);
    return;
  }
  const name = (query.get("user") ?? "").trim();
  if (name === "") {
    const names = Object.keys(world.memory.get().people);
    sendPage(response, 200, signInPage({ query, names, scopes: scopesIn(query) }));
    return;
  }
  redirect(query, { code: issueCode(world, name, query) }, response);
}

function issueCode(world: AuthorizeWorld, name: string, query: URLSearchParams): string {
  const { sub } = personNamed(world.memory, name);
  const code = newCode();
  const scope = scopesIn(query).join(" ");
  world.codes.set(code, { sub, name, scope, issuedAt: world.now() });
  return code;
}

function faultIn(world: AuthorizeWorld, query: URLSearchParams): string | undefined {
  const redirectUri = query.get("redirect_uri") ?? "";
  const prompt = query.get("prompt");
  if (query.get("client_id") !== world.memory.get().clientId) {
    return "There is no application with this client_id.";
  }
  if (!world.redirectUris.some((allowed) => sameOrigin(allowed, redirectUri))) {
    return "The redirect_uri is not the application's.";
  }
  if ((query.get("state") ?? "") === "") {
    return "The parameter state is required.";
  }
  const scopes = scopesIn(query);
  if (scopes.length === 0 || !scopes.every((scope) => SCOPES.some((known) => known === scope))) {
    return "The parameter scope is missing, or has a scope that the application is not configured for.";
  }
  if (prompt !== null && prompt !== "consent") {
    return "The parameter prompt can only be consent.";
  }
  if ((query.get("user") ?? "").length > MAX_NAME_LENGTH) {
    return "The name is too long.";
  }
  return undefined;
}

/** The real one compares no more than that. */
function sameOrigin(one: string, other: string): boolean {
  return URL.canParse(one) && URL.canParse(other) && new URL(one).origin === new URL(other).origin;
}

function scopesIn(query: URLSearchParams): readonly string[] {
  return (query.get("scope") ?? "").split(" ").filter((scope) => scope !== "");
}

function redirect(
  query: URLSearchParams,
  answer: Readonly<Record<string, string>>,
  response: ServerResponse,
): void {
  const location = new URL(query.get("redirect_uri") ?? "");
  for (const [name, value] of Object.entries({ ...answer, state: query.get("state") ?? "" })) {
    location.searchParams.set(name, value);
  }
  response.writeHead(302, { location: location.href, "cache-control": "no-store" }).end();
}
