/**
 * `GET /authorize`: the rules for its parameters, the page, and `&user=NAME`, which skips the
 * page.
 */
import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { FaultConfig } from "./fault-config";
import { namesOffered, putLast, subjectOf, takeOffList } from "./people";
import type { Memory } from "./provider-memory";
import { errorPage, nameToRemove, sendPage, showAgain, signInPage } from "./sign-in-page";
import { type Code, CODE_LIFETIME_MS } from "./token-answer";

const SCOPES = ["openid", "profile", "email", "connected_accounts", "erc_4337"] as const;

export interface AuthorizeWorld {
  readonly memory: Memory;
  readonly redirectUris: readonly string[];
  readonly codes: Map<string, Code>;
  readonly faultConfig: () => FaultConfig;
  readonly now: () => number;
}

const MAX_NAME_LENGTH = 100;
const TITLE = "Rollup ID";
/** As the application is registered. */
const APP = "rollup-vault";

const WHAT_A_SCOPE_SHARES: Readonly<Record<string, string>> = {
  openid: "who you are, as an identifier",
  profile: "your name and picture",
  email: "one of your e-mail addresses",
  connected_accounts: "your connected accounts",
  erc_4337: "your smart-contract wallets",
};

export function authorize(
  world: AuthorizeWorld,
  query: URLSearchParams,
  response: ServerResponse,
): void {
  const fault = faultIn(world, query);
  if (fault !== undefined) {
    // Never a redirect: the redirect URI may be the very thing that is wrong.
    sendPage(response, { status: 400, html: errorPage(TITLE, fault) });
    return;
  }
  if (query.get("decision") === "deny") {
    redirect(query, { error: "access_denied" }, response);
    return;
  }
  const name = (query.get("user") ?? "").trim();
  if (name !== "") {
    redirect(query, { code: issueCode(world, name, query) }, response);
    return;
  }
  const removed = nameToRemove(query);
  if (removed !== undefined) {
    takeOffList(world.memory, removed);
    showAgain("/authorize", query, response);
    return;
  }
  const names = namesOffered(world.memory);
  const { host } = new URL(query.get("redirect_uri") ?? "");
  const shares = scopesIn(query).map((scope) => WHAT_A_SCOPE_SHARES[scope] ?? scope);
  const html = signInPage({ title: TITLE, app: APP, host, query, names, shares });
  sendPage(response, { status: 200, html, mayLeadTo: world.redirectUris });
}

/** 24 random bytes in hex, bound to the client alone. */
function issueCode(world: AuthorizeWorld, name: string, query: URLSearchParams): string {
  const { memory, codes, faultConfig, now } = world;
  const code = `0x${randomBytes(24).toString("hex")}`;
  const leaked = faultConfig().system_identifiers ? ["system_identifiers"] : [];
  const scope = [...scopesIn(query), ...leaked].join(" ");
  for (const [old, { issuedAt }] of codes) {
    if (now() - issuedAt > CODE_LIFETIME_MS) {
      codes.delete(old);
    }
  }
  codes.set(code, { sub: subjectOf(memory, name), name, scope, issuedAt: now() });
  putLast(memory, name);
  return code;
}

/** Everything else, e.g. `nonce`, `code_challenge` and `response_mode`, is ignored. */
function faultIn(world: AuthorizeWorld, query: URLSearchParams): string | undefined {
  const redirectUri = query.get("redirect_uri") ?? "";
  const scopes = scopesIn(query);
  if (query.get("client_id") !== world.memory.get().clientId) {
    return "There is no application with this client_id.";
  }
  if (!world.redirectUris.some((allowed) => isSameOrigin(allowed, redirectUri))) {
    return "The redirect_uri is not the application's.";
  }
  if ((query.get("state") ?? "") === "") {
    return "The parameter state is required.";
  }
  if (scopes.length === 0 || !scopes.every((scope) => SCOPES.some((known) => known === scope))) {
    return "The parameter scope is missing, or has a scope that the application is not configured for.";
  }
  if (!["consent", null].includes(query.get("prompt"))) {
    return "The parameter prompt can only be consent.";
  }
  return (query.get("user") ?? "").length > MAX_NAME_LENGTH ? "The name is too long." : undefined;
}

/**
 * The real one compares no more than that; a scheme of an app's own has no origin and is compared
 * whole.
 */
function isSameOrigin(one: string, other: string): boolean {
  if (!URL.canParse(one) || !URL.canParse(other)) {
    return false;
  }
  const { origin } = new URL(one);
  return origin === "null" ? one === other : origin === new URL(other).origin;
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
