/** The tour's sign-in at the local Rollup ID: its tokens are fetched and brought to the API. */
import { fetchTokens, type RollupIdTokens } from "./rollup-id-tokens";
import { textOf } from "./tour-client";
import { PERSON, type SignedIn, type Tour } from "./tour-world";

export async function signInAtRollupId(tour: Tour): Promise<SignedIn> {
  const { outputs, show, send } = tour;
  show.heading(`${PERSON} signs in at the local Rollup ID`);
  show.note("the app's backend exchanges the code, since only it knows the client secret");
  const tokens = await fetchTokens(outputs, PERSON, send);
  await createUser(tour, tokens);
  await storeRefreshToken(tour, tokens);
  return { bearer: tokens.idToken, secrets: Object.values(tokens) };
}

async function createUser(
  { outputs, show, send }: Tour,
  { idToken }: RollupIdTokens,
): Promise<void> {
  show.heading("An ID token makes the user");
  const { body } = await send({
    method: "PUT",
    url: `${outputs.apiUrl}/me`,
    bearer: idToken,
    expect: [200, 201],
  });
  textOf(body, "sub");
}

async function storeRefreshToken(
  { outputs, show, send }: Tour,
  tokens: RollupIdTokens,
): Promise<void> {
  show.heading("The refresh token is sealed, and never comes out again");
  await send({
    method: "PUT",
    url: `${outputs.apiUrl}/me/refresh-token`,
    bearer: tokens.idToken,
    json: { refresh_token: tokens.refreshToken },
    expect: [200, 201, 204],
  });
}
