import { accessToken, createBrowser, json, type Sent, signIn } from "./browser-double.js";

const RESOURCE = "https://resource.example";
const ROUTE = "POST /me/access-token";

async function signedInTab(respond: (sent: Sent) => Response) {
  const browser = createBrowser({
    [ROUTE]: () => json(accessToken()),
    [`GET ${RESOURCE}/things`]: respond,
    [`POST ${RESOURCE}/things`]: respond,
  });
  const tab = browser.open({ origins: [RESOURCE] });
  await signIn(browser, tab, "ada");
  const sent = () => browser.sent.filter(({ route }) => route.includes(RESOURCE));
  return { browser, client: tab.client, sent };
}

const bearers = (sent: readonly Sent[]) => sent.map(({ headers }) => headers.get("authorization"));

test("the access token goes to a listed origin, and never on by a redirect", async () => {
  const { client, sent } = await signedInTab(() => json({ ok: true }));
  expect(await (await client.fetch(`${RESOURCE}/things`)).json()).toEqual({ ok: true });
  expect(bearers(sent())).toEqual([expect.stringMatching(/^Bearer access-/)]);
  expect(sent()[0]?.init.redirect).toBe("error");
});

test.each([
  "https://evil.example/",
  "https://resource.example.evil.example/things",
  "https://evil.example/?https://resource.example/",
  "http://resource.example/things",
  "https://resource.example:8443/things",
  "https://api.example/me",
])("nothing is sent to %s, which is not listed", async (url) => {
  const { browser, client } = await signedInTab(() => json({}));
  const before = browser.sent.length;
  await expect(client.fetch(url)).rejects.toMatchObject({
    code: "origin_not_allowed",
    action: "fix_request",
  });
  expect(browser.sent).toHaveLength(before);
});

test.each(["http://resource.example", "https://resource.example/", "resource.example", "*", ""])(
  "%j is no origin to send a token to",
  (origin) => {
    expect(() => createBrowser().open({ origins: [origin] })).toThrow(/No https origin/);
  },
);

test("after 401 it is sent once more, body and all, with a new token", async () => {
  const { browser, client, sent } = await signedInTab(({ headers }) =>
    headers.get("authorization") === "Bearer old" ? json({}, 401) : json({ ok: true }),
  );
  browser.routes[ROUTE] = () => json({ ...accessToken(), access_token: "old" });
  await client.accessToken();
  browser.time.wall = 31_000;
  browser.routes[ROUTE] = () => json({ ...accessToken(), access_token: "new" });
  const response = await client.fetch(`${RESOURCE}/things`, {
    method: "POST",
    body: JSON.stringify({ thing: 1 }),
  });
  expect(response.status).toBe(200);
  expect(bearers(sent())).toEqual(["Bearer old", "Bearer new"]);
  expect(sent().map(({ body }) => body)).toEqual([{ thing: 1 }, { thing: 1 }]);
  expect(browser.requests(ROUTE).at(-1)?.body).toEqual({ min_validity: 86_400 });
});

test("a server that refuses every token costs no exchange per request", async () => {
  const { browser, client, sent } = await signedInTab(() => json({}, 401));
  for (let times = 0; times < 5; times += 1) {
    expect((await client.fetch(`${RESOURCE}/things`)).status).toBe(401);
  }
  expect(browser.requests(ROUTE)).toHaveLength(1);
  expect(sent()).toHaveLength(5);
});

test("a refused token that another call has replaced meanwhile is not replaced again", async () => {
  const { browser, client } = await signedInTab(({ headers }) =>
    headers.get("authorization") === "Bearer old" ? json({}, 401) : json({ ok: true }),
  );
  browser.routes[ROUTE] = () => json({ ...accessToken(), access_token: "old" });
  await client.accessToken();
  browser.time.wall = 31_000;
  browser.routes[ROUTE] = () => json({ ...accessToken(), access_token: "new" });
  const all = await Promise.all(
    Array.from({ length: 5 }, () => client.fetch(`${RESOURCE}/things`)),
  );
  expect(all.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  expect(browser.requests(ROUTE)).toHaveLength(2);
});

test("without a session nothing is sent", async () => {
  const browser = createBrowser();
  const { client } = browser.open({ origins: [RESOURCE] });
  await expect(client.fetch(`${RESOURCE}/things`)).rejects.toMatchObject({ code: "not_signed_in" });
  expect(browser.sent).toEqual([]);
});
