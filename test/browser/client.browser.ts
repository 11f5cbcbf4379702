/** The published client in a real Chromium, against the real stack. */
import type { BrowserContext, Page } from "playwright-core";
import type { VaultError } from "rollup-vault-client";
import { inChromium } from "./in-chromium";
import { type Chrome, FOREIGN, FRONTEND, signIn, startChrome } from "./support";

jest.setTimeout(300_000);

/** One entry of `window.heard`. */
function told(name: string, event: unknown): unknown {
  return [name, event];
}

inChromium("the client in Chromium", () => {
  let chrome: Chrome;

  beforeAll(async () => {
    chrome = await startChrome();
  });

  afterAll(async () => {
    await chrome.close();
  });

  afterEach(async () => {
    await chrome.programme({ reset: true });
  });

  /** Asks ten times at once. @returns the tokens without repetition, or the errors' actions */
  async function askTenTimes(page: Page, minValidity: number): Promise<readonly string[]> {
    return await page.evaluate(async (seconds) => {
      const calls = Array.from({ length: 10 }, async () => {
        const token = await window.vault.accessToken({ minValidity: seconds });
        return token.access_token;
      });
      return [...new Set(await Promise.all(calls))];
    }, minValidity);
  }

  function countRequests(context: BrowserContext, path: string): () => number {
    let count = 0;
    context.on("request", (request) => {
      const isIt = request.method() === "POST" && new URL(request.url()).pathname === path;
      count += isIt ? 1 : 0;
    });
    return () => count;
  }

  test("one signs in by the provider's page and is back where one was, the code nowhere to be seen", async () => {
    const context = await chrome.context();
    const page = await chrome.open(context);
    await signIn(page, "Chromium Ada");
    expect(page.url()).toBe(`${FRONTEND}/here`);
    const user = await page.evaluate(() => window.vault.user());
    expect(user.claims.name).toBe("Chromium Ada");
    expect(await page.evaluate(() => localStorage.length)).toBe(0);
    const stored = await page.evaluate(() => JSON.stringify(Object.entries(sessionStorage)));
    const { access_token: token } = await page.evaluate(() => window.vault.accessToken());
    expect(stored).toContain("rvs_");
    expect(stored).not.toContain(token);
    await page.reload();
    await page.waitForFunction(() => "vault" in window);
    const again = await page.evaluate(() => window.vault.user());
    expect(again.sub).toBe(user.sub);
    await context.close();
  });

  test("more consent: what is missing is told, asked for by a step-up, and then there", async () => {
    const context = await chrome.context();
    const page = await chrome.open(context);
    const ask = () =>
      page.evaluate(async () => {
        const wanted = { requiredScopes: ["email"] };
        return await window.vault.accessToken(wanted).then(
          ({ scope }) => ({ scope, code: undefined, action: undefined, missing: undefined }),
          (error: unknown) => {
            const { code, action, missingScopes: missing } = error as VaultError;
            return { code, action, missing };
          },
        );
      });
    await signIn(page, "Chromium Consent");
    const before = await chrome.exchanges();
    expect(await ask()).toEqual({ code: "needs_consent", action: "sign_in", missing: ["email"] });
    // Signed in again without more, it is noticed again.
    await signIn(page, "Chromium Consent");
    expect(await ask()).toMatchObject({ code: "needs_consent", missing: ["email"] });
    expect(await chrome.exchanges()).toBe(before);
    expect(await page.evaluate(() => window.vault.connection())).toMatchObject({
      status: "active",
      scopes: ["openid", "profile"],
    });
    const done = await signIn(page, "Chromium Consent", { scopes: ["email"] });
    expect(done?.connection).toMatchObject({
      connected: true,
      scopes: ["openid", "profile", "email"],
    });
    expect(await ask()).toMatchObject({ scope: "openid profile email" });
    await context.close();
  });

  test("two tabs, ten callers each: one request, and one exchange at the provider", async () => {
    const context = await chrome.context();
    const pages = [await chrome.open(context), await chrome.open(context)] as const;
    await chrome.programme({ access_token_lifetime_seconds: 1 });
    for (const page of pages) {
      await signIn(page, "Chromium Twins");
    }
    await chrome.programme({ access_token_lifetime_seconds: 3_600 });
    // A token of which half is left is kept, however much is asked for: this one runs out.
    await pages[0].waitForTimeout(1_500);
    const requests = countRequests(context, "/me/access-token");
    const before = await chrome.exchanges();
    const tokens = await Promise.all(pages.map((page) => askTenTimes(page, 600)));
    expect(new Set(tokens.flat()).size).toBe(1);
    expect((await chrome.exchanges()) - before).toBe(1);
    expect(requests()).toBe(1);
    await context.close();
  });

  test("provider down: who must act is said, nobody is signed out; and back: all goes on", async () => {
    const context = await chrome.context();
    const page = await chrome.open(context);
    await signIn(page, "Chromium Outage");
    await chrome.programme({ down: true });
    const refused = await page.evaluate(() =>
      window.vault.accessToken({ minValidity: 86_400 }).catch((error: unknown) => ({
        ...(error as object),
      })),
    );
    expect(refused).toMatchObject({ action: "retry", retryable: true, status: 503 });
    expect(await page.evaluate(() => window.heard)).not.toContainEqual(
      expect.arrayContaining(["signed-out"]),
    );
    await chrome.programme({ reset: true });
    const token = await page.evaluate(async () => {
      for (;;) {
        try {
          return await window.vault.accessToken({ minValidity: 86_400 });
        } catch (error) {
          const { retryAfter = 1 } = error as { retryAfter?: number };
          await new Promise((resolve) => setTimeout(resolve, retryAfter * 1000));
        }
      }
    });
    expect(token.expires_in).toBeGreaterThan(3_500);
    await context.close();
  });

  test("erased in one tab, noticed in the other, and by a browser that hears nothing of it", async () => {
    const contexts = [await chrome.context(), await chrome.context()] as const;
    const pages = [
      await chrome.open(contexts[0]),
      await chrome.open(contexts[0]),
      await chrome.open(contexts[1]),
    ] as const;
    for (const page of pages) {
      await signIn(page, "Chromium Erased");
    }
    const { sub } = await pages[0].evaluate(() => window.vault.erase());
    await pages[1].waitForFunction(() => window.heard.length > 0);
    expect(await pages[1].evaluate(() => window.heard.at(-1))).toEqual(
      told("signed-out", { sub, reason: "erased", elsewhere: true }),
    );
    const action = await pages[2].evaluate(() =>
      window.vault.user().catch((error: unknown) => (error as { action: string }).action),
    );
    expect(action).toBe("sign_in");
    expect(await pages[2].evaluate(() => window.heard.at(-1))).toEqual(
      told("signed-out", { sub, reason: "session_ended", elsewhere: false }),
    );
    await Promise.all(contexts.map((context) => context.close()));
  });

  test("a page of a foreign origin gets nothing out of the API, not even with a session", async () => {
    const context = await chrome.context();
    const ours = await chrome.open(context);
    await signIn(ours, "Chromium Foreign");
    const session = await ours.evaluate(() => JSON.stringify(Object.entries(sessionStorage)));
    const token = /rvs_[\w-]+/.exec(session)?.[0] ?? "";
    const { apiUrl } = chrome.stack.outputs;
    const ask = async (page: Page) =>
      await page.evaluate(
        async ([url, bearer]) => {
          const headers = { authorization: `Bearer ${bearer}` };
          return await fetch(`${url}/me`, { headers }).then(
            (response) => response.status,
            (error: unknown) => (error as Error).name,
          );
        },
        [apiUrl, token] as const,
      );
    expect(await ask(ours)).toBe(200);
    const foreign = await chrome.open(context, { origin: FOREIGN });
    expect(await ask(foreign)).toBe("TypeError");
    await context.close();
  });

  test("the access token goes to a listed origin, which knows the user, and to no other", async () => {
    const context = await chrome.context();
    const page = await chrome.open(context);
    await signIn(page, "Chromium Resource");
    const { apiUrl, issuer } = chrome.stack.outputs;
    const known = await page.evaluate(async (url) => {
      const response = await window.vault.fetch(url);
      return [response.status, ((await response.json()) as { name: string }).name];
    }, `${issuer}/userinfo`);
    expect(known).toEqual([200, "Chromium Resource"]);
    const code = await page.evaluate(
      async (url) =>
        await window.vault.fetch(url).then(
          () => "sent",
          (error: unknown) => (error as { code: string }).code,
        ),
      `${apiUrl}/me`,
    );
    expect(code).toBe("origin_not_allowed");
    await context.close();
  });

  test("a dead grant: whoever asks is told to sign in, and so is the app", async () => {
    const context = await chrome.context();
    const page = await chrome.open(context);
    await signIn(page, "Chromium Dead Grant");
    const body = { code: "UNAUTHORIZED", message: "invalid token", name: "RollupError" };
    await chrome.programme({ token: [{ kind: "status", status: 401, body }] });
    const refused = await page.evaluate(() =>
      window.vault.accessToken({ minValidity: 86_400 }).catch((error: unknown) => ({
        ...(error as object),
      })),
    );
    expect(refused).toMatchObject({ action: "sign_in", code: "needs_sign_in", status: 409 });
    expect(await page.evaluate(() => window.heard.at(-1))).toEqual(
      told("needs-sign-in", expect.objectContaining({ reason: "refresh_token_refused" })),
    );
    await context.close();
  });

  test("signed out everywhere: here at once, in the other tab by a word, in another browser by the next call", async () => {
    const contexts = [await chrome.context(), await chrome.context()] as const;
    const pages = [
      await chrome.open(contexts[0]),
      await chrome.open(contexts[0]),
      await chrome.open(contexts[1]),
    ] as const;
    for (const page of pages) {
      await signIn(page, "Chromium Everywhere");
    }
    await pages[0].evaluate(() => window.vault.signOut({ everywhere: true }));
    await pages[1].waitForFunction(() =>
      window.heard.some((event) => (event as string[])[0] === "signed-out"),
    );
    for (const page of pages) {
      const action = await page.evaluate(() =>
        window.vault.user().catch((error: unknown) => (error as { action: string }).action),
      );
      expect(action).toBe("sign_in");
    }
    await Promise.all(contexts.map((context) => context.close()));
  });
});

inChromium("the client in Chromium, with cookies", () => {
  let chrome: Chrome;

  beforeAll(async () => {
    chrome = await startChrome({ sessions: { transport: "cookie" } });
  });

  afterAll(async () => {
    await chrome.close();
  });

  /** On the page's own site, so that the cookie goes along. */
  function sameSiteApi(): string {
    return chrome.stack.outputs.apiUrl.replace("127.0.0.1", "localhost");
  }

  async function openTab(context: BrowserContext): Promise<Page> {
    return await chrome.open(context, { transport: "cookie", apiUrl: sameSiteApi() });
  }

  /** As a form of another site does it, which asks nobody's leave. */
  async function postAForm(page: Page): Promise<{ status: number; hadCookie: boolean }> {
    const answered = page.waitForResponse((response) =>
      response.url().includes("/me/access-token"),
    );
    await page.evaluate((url) => {
      const form = document.createElement("form");
      Object.assign(form, { method: "POST", action: url, enctype: "text/plain" });
      document.body.append(form);
      form.submit();
    }, `${sameSiteApi()}/me/access-token`);
    const response = await answered;
    const { cookie } = await response.request().allHeaders();
    return { status: response.status(), hadCookie: cookie?.includes("__Host-session") ?? false };
  }

  test("no script sees the session, nothing is stored, and a reload stays signed in", async () => {
    const context = await chrome.context();
    const page = await openTab(context);
    await signIn(page, "Cookie Ada");
    const visible = await page.evaluate(() =>
      JSON.stringify([document.cookie, Object.entries(sessionStorage), localStorage.length]),
    );
    expect(visible).toBe('["",[],0]');
    await page.reload();
    await page.waitForFunction(() => "vault" in window);
    const user = await page.evaluate(() => window.vault.user());
    expect(user.claims.name).toBe("Cookie Ada");
    const token = await page.evaluate(() => window.vault.accessToken());
    expect(token.token_type).toBe("Bearer");
    await context.close();
  });

  test("signing in and out in one tab is heard in the other", async () => {
    const context = await chrome.context();
    const pages = [await openTab(context), await openTab(context)] as const;
    await signIn(pages[0], "Cookie Twins");
    await pages[1].waitForFunction(() => window.heard.length === 1);
    expect((await pages[1].evaluate(() => window.vault.user())).claims.name).toBe("Cookie Twins");
    await pages[0].evaluate(() => window.vault.signOut());
    await pages[1].waitForFunction(() => window.heard.length === 2);
    expect(
      await pages[1].evaluate(() => window.heard.map((event) => (event as string[])[0])),
    ).toEqual(["signed-in", "signed-out"]);
    await context.close();
  });

  test("a cross-site POST is refused: from another site without the cookie, from another origin of the site with it", async () => {
    const [site, origin] = [FOREIGN.replace("localhost", "127.0.0.1"), FOREIGN];
    const context = await chrome.context();
    await signIn(await openTab(context), "Cookie Victim");
    const post = async (from: string) => {
      const page = await context.newPage();
      await page.goto(`${from}/attack`);
      return await postAForm(page);
    };
    const fromSite = await post(site);
    expect(fromSite.hadCookie).toBe(false);
    expect(fromSite.status).toBe(401);
    expect(await post(origin)).toEqual({ status: 403, hadCookie: true });
    await context.close();
  });
});
