/** The tour's sign-in at the local Rollup ID: its tokens are fetched and brought to the API. */
import { textOf } from "./tour-client";
import { PERSON, type SignedIn, type Tour } from "./tour-world";

interface Tokens {
  readonly idToken: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

export async function signInAtRollupId(tour: Tour): Promise<SignedIn> {
  const tokens = await signIn(tour);
  await createUser(tour, tokens);
  await storeRefreshToken(tour, tokens);
  return { bearer: tokens.idToken, secrets: Object.values(tokens) };
}

async function signIn({ outputs, show, send }: Tour): Promise<Tokens> {
  const { issuer, clientId, clientSecret, redirectUri } = outputs;
  show.heading(`${PERSON} signs in at the local Rollup ID`);
  const query = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: "code",
    scope: "openid profile email",
    state: "tour",
    user: PERSON,
  });
  const authorize = await send({
    method: "GET",
    url: `${issuer}/authorize?${query.toString()}`,
    expect: [302],
  });
  const code = new URL(authorize.location ?? "", issuer).searchParams.get("code") ?? "";
  show.note("the app's backend exchanges the code, since only it knows the client secret");
  const form = {
    grant_type: "authorization_code",
    code,
    client_id: clientId,
    client_secret: clientSecret,
  };
  const { body } = await send({ method: "POST", url: `${issuer}/token`, form, expect: [200, 201] });
  return {
    idToken: textOf(body, "id_token"),
    accessToken: textOf(body, "access_token"),
    refreshToken: textOf(body, "refresh_token"),
  };
}

async function createUser({ outputs, show, send }: Tour, { idToken }: Tokens): Promise<void> {
  show.heading("An ID token makes the user");
  const { body } = await send({
    method: "PUT",
    url: `${outputs.apiUrl}/me`,
    bearer: idToken,
    expect: [200, 201],
  });
  textOf(body, "sub");
}

async function storeRefreshToken({ outputs, show, send }: Tour, tokens: Tokens): Promise<void> {
  show.heading("The refresh token is sealed, and never comes out again");
  await send({
    method: "PUT",
    url: `${outputs.apiUrl}/me/refresh-token`,
    bearer: tokens.idToken,
    json: { refresh_token: tokens.refreshToken },
    expect: [200, 201, 204],
  });
}
