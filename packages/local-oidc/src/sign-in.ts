/** Sign-in without a password: a person is picked, or named in the request (`&user=NAME`). */
import type { IncomingMessage, ServerResponse } from "node:http";
import { queryOf } from "@rollup-vault/local-rollup-id/http-bodies";
import {
  errorPage,
  nameToRemove,
  sendPage,
  showAgain,
  signInPage,
} from "@rollup-vault/local-rollup-id/sign-in-page";
import type { Provider } from "oidc-provider";
import { filled, type Habits } from "./habits";
import type { Memory } from "./memory";

export interface SignInWorld {
  readonly provider: Provider;
  readonly habits: Habits;
  readonly memory: Memory;
  readonly redirectUris: readonly string[];
}

const MAX_NAME_LENGTH = 100;
const EXPIRED = "This sign-in is over, or it began in another browser. Go back and begin again.";

export async function signIn(
  { provider, habits, memory, redirectUris }: SignInWorld,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { title, scopes, subject } = habits;
  const details = await provider.interactionDetails(request, response).catch(() => undefined);
  if (details === undefined) {
    sendPage(response, { status: 400, html: errorPage(title, EXPIRED) });
    return;
  }
  const query = queryOf(request);
  if (query.get("decision") === "deny") {
    const denied = { error: "access_denied" };
    await provider.interactionFinished(request, response, denied);
    return;
  }
  const { params } = details;
  const named = query.get("user") ?? textOf(params["user"]);
  const name = named.trim().slice(0, MAX_NAME_LENGTH);
  if (name !== "") {
    const accountId = filled(subject, { id: memory.personCalled(name).id });
    const result = { login: { accountId }, consent: {}, select_account: {} };
    await provider.interactionFinished(request, response, result);
    return;
  }
  const removed = nameToRemove(query);
  if (removed !== undefined) {
    memory.takeOffList(removed);
    showAgain(new URL(request.url ?? "", "http://host").pathname, query, response);
    return;
  }
  const offered = memory.get().people.filter(({ unlisted }) => unlisted !== true);
  const asked = textOf(params["scope"])
    .split(" ")
    .filter((scope) => Object.hasOwn(scopes, scope));
  const html = signInPage({
    title,
    app: "rollup-vault",
    host: new URL(textOf(params["redirect_uri"])).host,
    query: new URLSearchParams(),
    names: offered.map(({ name }) => name),
    shares: asked.map((scope) => scopes[scope] ?? scope),
  });
  sendPage(response, { status: 200, html, mayLeadTo: redirectUris });
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
