/** A sign-in at the local Rollup ID, as the app's own backend would do it: it gets all tokens. */
import type { Outputs } from "./outputs";
import { createSend, type Send, textOf } from "./tour-client";

export interface RollupIdTokens {
  readonly idToken: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

export type RollupIdClient = Pick<Outputs, "issuer" | "clientId" | "clientSecret" | "redirectUri">;

const nothing = (): void => undefined;
const SILENT = createSend({
  heading: nothing,
  sent: nothing,
  received: nothing,
  note: nothing,
  address: nothing,
});

/** @throws LocalRunError */
export async function fetchTokens(
  client: RollupIdClient,
  person: string,
  send: Send = SILENT,
): Promise<RollupIdTokens> {
  const code = await authorize(client, person, send);
  const form = {
    grant_type: "authorization_code",
    code,
    client_id: client.clientId,
    client_secret: client.clientSecret,
  };
  const url = `${client.issuer}/token`;
  const { body } = await send({ method: "POST", url, form, expect: [200, 201] });
  return {
    idToken: textOf(body, "id_token"),
    accessToken: textOf(body, "access_token"),
    refreshToken: textOf(body, "refresh_token"),
  };
}

async function authorize(client: RollupIdClient, person: string, send: Send): Promise<string> {
  const { issuer, clientId, redirectUri } = client;
  const query = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: "code",
    scope: "openid profile email",
    state: "state",
    user: person,
  });
  const url = `${issuer}/authorize?${query.toString()}`;
  const { location } = await send({ method: "GET", url, expect: [302] });
  return new URL(location ?? "", issuer).searchParams.get("code") ?? "";
}
