/**
 * Without a page, as in a server: one client object may see many people, and keeps none of them.
 */
import { createVaultClient, type VaultClientOptions } from "../src/vault-client.js";
import { accessToken, json, signedIn, userOf } from "./browser-double.js";

/** @param sent counts */
function serverClient(options: Partial<VaultClientOptions>, names = ["ada", "bob"]) {
  const sent: string[] = [];
  const answers: Record<string, () => Response> = {
    "POST /sessions": () => json(signedIn(names.shift() ?? ""), 201),
    "GET /me": () => json(userOf(names.shift() ?? "")),
    "POST /me/access-token": () => json(accessToken()),
  };
  const client = createVaultClient({
    apiUrl: "https://api.example",
    fetch: (input, init) => {
      const { method, url } = new Request(input, init);
      const route = `${method} ${new URL(url).pathname}`;
      sent.push(route);
      return Promise.resolve(answers[route]?.() ?? json({}, 404));
    },
    ...options,
  });
  return { client, sent };
}

test("without a storage that it is given it opens no session: the next request would have it", async () => {
  const { client, sent } = serverClient({});
  await expect(client.signInWithIdToken({ idToken: "id.token.ada" })).rejects.toMatchObject({
    name: "VaultError",
    code: "invalid_options",
    action: "fix_request",
  });
  expect(sent).toEqual([]);
  await expect(client.user()).rejects.toMatchObject({ code: "not_signed_in" });
});

test("with cookies it asks each time, and keeps neither user nor access token", async () => {
  const { client, sent } = serverClient({ transport: "cookie" });
  expect(await client.user()).toMatchObject({ sub: "urn:ada" });
  expect(await client.user()).toMatchObject({ sub: "urn:bob" });
  await expect(client.accessToken()).rejects.toMatchObject({ code: "not_signed_in" });
  expect(sent).not.toContain("POST /me/access-token");
});

test.each([{ storage: "memory" }, { storage: "memory", transport: "cookie" }] as const)(
  "a client that is said to be one person's is: %j",
  async (options) => {
    const { client } = serverClient(options);
    await client.signInWithIdToken({ idToken: "id.token.ada" });
    expect((await client.accessToken()).access_token).toMatch(/^access-/);
  },
);

test.each(["tab", "local"] as const)("storage %j is a page's: here it is none", async (storage) => {
  const { client, sent } = serverClient({ storage });
  await expect(client.signInWithIdToken({ idToken: "id.token.ada" })).rejects.toMatchObject({
    code: "invalid_options",
  });
  expect(sent).toEqual([]);
});

test("with cookies, two visitors who come at once are two requests", async () => {
  const { client } = serverClient({ transport: "cookie" });
  const users = await Promise.all([client.user(), client.user()]);
  expect(users.map(({ sub }) => sub)).toEqual(["urn:ada", "urn:bob"]);
});

test("two clients share nothing", async () => {
  const one = serverClient({ storage: "memory" }, ["ada", "ada"]).client;
  const other = serverClient({ storage: "memory" }, ["bob", "bob"]).client;
  await one.signInWithIdToken({ idToken: "id.token.ada" });
  await other.signInWithIdToken({ idToken: "id.token.bob" });
  expect(await one.user()).toMatchObject({ sub: "urn:ada" });
  expect(await other.user()).toMatchObject({ sub: "urn:bob" });
});

test("where there is nowhere to go, signing in says so", async () => {
  const provider = { clientId: "app", redirectUri: "https://app.example/callback" };
  const { client } = serverClient({ storage: "memory", provider });
  await expect(client.signIn()).rejects.toMatchObject({
    code: "unsupported",
    message: "No page: set navigate",
  });
});
