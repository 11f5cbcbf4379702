/** The API as the caller of a case sees it. */
import type { SignedIn } from "../kills/providers/provider";
import type { FaultAnswer } from "./result";
import type { FaultWorld } from "./world";

/** Longer than the lifetime of any token here, so that every call refreshes. */
const MIN_VALIDITY_SECONDS = 86_400;
const PATIENCE_MS = 35_000;

export async function askForToken(world: FaultWorld, user: SignedIn): Promise<FaultAnswer> {
  const body = { min_validity: MIN_VALIDITY_SECONDS };
  const { status, retryAfter, json } = await send(world, user, {
    method: "POST",
    path: "/me/access-token",
    body,
  });
  return {
    status,
    ...(status !== 200 && { code: String(json["code"]), action: String(json["action"]) }),
    ...(retryAfter !== null && { retryAfterSeconds: Number(retryAfter) }),
  };
}

export async function connect(world: FaultWorld, user: SignedIn): Promise<void> {
  const body = { refresh_token: user.refreshToken };
  const { status } = await send(world, user, { method: "PUT", path: "/me/refresh-token", body });
  if (status !== 200) {
    throw new Error(`PUT /me/refresh-token answers ${status}`);
  }
}

export async function statusOf(world: FaultWorld, user: SignedIn): Promise<string> {
  const { status, json } = await send(world, user, { method: "GET", path: "/me/refresh-token" });
  return status === 200 ? String(json["status"]) : `GET answers ${status}`;
}

async function send(
  { stack }: FaultWorld,
  { idToken }: SignedIn,
  request: { readonly method: string; readonly path: string; readonly body?: object },
) {
  const response = await fetch(`${stack.outputs.apiUrl}${request.path}`, {
    method: request.method,
    headers: {
      authorization: `Bearer ${idToken}`,
      ...(request.body && { "content-type": "application/json" }),
    },
    ...(request.body && { body: JSON.stringify(request.body) }),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  const json = (await response.json()) as Readonly<Record<string, unknown>>;
  return { status: response.status, retryAfter: response.headers.get("retry-after"), json };
}
