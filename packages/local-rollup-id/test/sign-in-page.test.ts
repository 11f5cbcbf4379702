import { createHash } from "node:crypto";
import { REDIRECT_URI } from "./rollup-id-client";
import { useRollupId } from "./world";

const { client, verify } = useRollupId([REDIRECT_URI, "app.example:/callback"]);

const pageFor = async (params: Record<string, string> = {}) =>
  await (await client().authorize(params)).text();

/** What a browser makes of the text, as far as this page goes. */
function unescape(html: string): string {
  return html.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
}

const NASTY = [
  '<script>alert("x")</script>',
  `"><img src=x onerror=alert(1)>`,
  "' onfocus='alert(1)",
  "&lt;b&gt;",
  "</style><script>1</script>",
];

test("shows the people, the app, what is shared and a way out", async () => {
  await client().signIn("Grace Hopper");
  const html = await pageFor({ scope: "openid email" });
  expect(html).toContain('<button name="user" value="Grace Hopper">');
  expect(html).toContain("<strong>rollup-vault</strong> at 127.0.0.1:4000");
  expect(html).toContain("one of your e-mail addresses");
  expect(html).not.toContain("your name and picture");
  expect(html).toContain('<button name="decision" value="deny"');
});

test("shows the six who signed in last, the latest first; the others can still be typed", async () => {
  for (let n = 1; n <= 7; n += 1) {
    await client().code(`Person ${String(n)}.`);
  }
  await client().code("Person 2.");
  const people = [...(await pageFor()).matchAll(/name="user" value="(Person[^"]*)"/g)];
  expect(people.map(([, name]) => name)).toEqual(
    [2, 7, 6, 5, 4, 3].map((n) => `Person ${String(n)}.`),
  );
});

test("a name is taken off the list for good, and whoever types it is the same person", async () => {
  const subOf = async () => (await verify((await client().signIn("Ada")).id_token)).payload.sub;
  const before = await subOf();
  const again = await client().authorize({ remove: "Ada" });
  expect(again.status).toBe(303);
  const location = again.headers.get("location") ?? "";
  expect(location).toMatch(/^\/authorize\?client_id=.*#people$/);
  expect(location).not.toContain("remove");
  expect(await (await client().get(location)).text()).not.toContain("Ada");
  expect(await subOf()).toBe(before);
  expect(await pageFor()).toContain('name="user" value="Ada"');
});

test("what is shared is told before anything can be pressed", async () => {
  await client().signIn("Reader");
  const html = await pageFor();
  expect(html.indexOf('class="scopes"')).toBeLessThan(html.indexOf("<button"));
});

test("people with the same initial have colours of their own", async () => {
  await client().signIn("Ada");
  await client().signIn("Alan");
  const html = await pageFor();
  const colour = (name: string) =>
    new RegExp(`value="${name}"><span aria-hidden="true" class="(c\\d)"`).exec(html)?.[1];
  expect(colour("Ada")).toBeDefined();
  expect(colour("Ada")).not.toBe(colour("Alan"));
});

test("it has an icon, so that no browser is told that there is none", async () => {
  const { origin } = new URL((await client().authorize()).url);
  const response = await fetch(`${origin}/favicon.ico`);
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "image/svg+xml"]);
});

test.each(NASTY)("%s as a name is text and nothing else", async (name) => {
  await client().signIn(name);
  const html = await pageFor();
  expect(html).not.toContain(name);
  expect(unescape(html)).toContain(`value="${name}"`);
  expect(html).not.toMatch(/<script|<img|onfocus='/);
});

test.each(NASTY)("%s as a parameter is text and nothing else", async (state) => {
  const html = await pageFor({ state, [state]: "1" });
  expect(html).not.toContain(state);
  expect(unescape(html)).toContain(`name="state" value="${state}"`);
});

test("every form of it brings the request back: picked, typed, denied", async () => {
  await client().signIn("Alice");
  const html = await pageFor({ state: "a&b", nonce: "n" });
  const forms = html.match(/<form>.*?<\/form>/gs) ?? [];
  expect(forms).toHaveLength(3);
  for (const form of forms) {
    const fields = [...form.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)];
    const params = Object.fromEntries(fields.map(([, name = "", value = ""]) => [name, value]));
    const sent = Object.fromEntries(Object.entries(params).map(([k, v]) => [k, unescape(v)]));
    expect(sent).toMatchObject({ state: "a&b", nonce: "n", redirect_uri: REDIRECT_URI });
    const picked = await client().authorize({ ...sent, user: "Alice" });
    expect(picked.headers.get("location")).toContain("state=a%26b");
  }
});

test("works without script: nothing but forms, buttons and labelled fields", async () => {
  const html = await pageFor();
  expect(html).not.toMatch(/<script|<link|<img|\son\w+=|src=|url\(|@import|href=/);
  expect(html).toMatch(/<label for="user">.*<input id="user" name="user" required/s);
  expect(html).toContain('<html lang="en">');
  expect(html).toContain("prefers-color-scheme: dark");
});

test("may load nothing, run nothing and be framed by no page; its own style is named by hash", async () => {
  const response = await client().authorize();
  const style = /<style>(.*?)<\/style>/s.exec(await response.text())?.[1] ?? "";
  const hash = createHash("sha256").update(style).digest("base64");
  expect(response.headers.get("content-security-policy")).toBe(
    `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self' http://127.0.0.1:4000 app.example:; base-uri 'none'; frame-ancestors 'none'`,
  );
  expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  expect(response.headers.get("referrer-policy")).toBe("no-referrer");
  expect(response.headers.get("cache-control")).toBe("no-store");
});

test("an error page has no form and may send none", async () => {
  const response = await client().authorize({ state: "" });
  expect(response.headers.get("content-security-policy")).toContain("form-action 'none'");
  expect(await response.text()).not.toContain("<form");
});
