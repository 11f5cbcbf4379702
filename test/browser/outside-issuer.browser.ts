/** The page beside a provider that the run has not started. */
import type { Page } from "playwright-core";
import { findProvider } from "../../local/provider/outside";
import { type Elsewhere, freePorts, startElsewhere } from "../integration/other-providers";
import { inChromium } from "./in-chromium";
import { heading, type PageWorld, said, startPageWorld, view } from "./page-world";

jest.setTimeout(600_000);

let elsewhere: Elsewhere;
let world: PageWorld;
/** `127.0.0.1:port`: a provider of no preset is called by its host. */
let title: string;

inChromium("the page beside another issuer", () => {
  beforeAll(async () => {
    const [port = 0, pagePort = 0] = await freePorts(2);
    const origins = [port, pagePort].map((each) => `http://127.0.0.1:${String(each)}`);
    elsewhere = await startElsewhere(origins.map((origin) => `${origin}/callback`));
    const { issuer, clientId, clientSecret } = elsewhere;
    const { provider } = await findProvider({ issuer, clientId });
    title = provider.title;
    world = await startPageWorld({
      port,
      page: { port: pagePort, orAnyOther: false },
      provider: { ...provider, clientSecret },
    });
  });

  afterAll(async () => {
    await world.close();
    await elsewhere.close();
  });

  test("signs in with PKCE and a nonce, gets a token, asks userinfo, disconnects", async () => {
    const { page, complaints } = await world.open();
    await heading(page, "Sign in once. Stay connected.");
    expect(await page.getByText("Rollup ID").count()).toBe(0);
    expect(await page.getByText(/^Break /).count()).toBe(0);
    await page.getByText(`What the API asks ${title} is not seen from here.`).waitFor();

    const asked = page.waitForRequest((request) => request.url().includes("/realms/x/auth?"));
    await page
      .getByRole("button", { name: `Sign in with ${title}` })
      .first()
      .click();
    const { searchParams } = new URL((await asked).url());
    expect(Object.fromEntries(searchParams)).toMatchObject({
      scope: expect.stringContaining("offline_access"),
      code_challenge_method: "S256",
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      redirect_uri: `${world.stack.outputs.pageUrl}/callback`,
    });
    await page.getByLabel(/Who are you|somebody else/).fill("Ada Lovelace");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await heading(page, "Profile");
    expect(page.url()).toBe(`${world.stack.outputs.pageUrl}/`);

    await view(page, "Access token");
    await page.getByRole("button", { name: "Get an access token" }).click();
    await page.locator("[data-clock]").waitFor();
    await page.getByRole("button", { name: "Call userinfo" }).click();
    await said(page, `${title} has answered.`);
    expect(await page.locator(".answer").textContent()).toContain("Ada Lovelace");

    await view(page, "Connection");
    await page.getByText(`Connection to ${title}`).waitFor();
    await page.getByText("Healthy").waitFor();
    await page.getByRole("button", { name: "Disconnect" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Disconnect" }).click();
    await page.getByText("Not connected").waitFor();
    expect(complaints).toEqual([]);
  });

  test.each([
    ["light", 320],
    ["light", 1280],
    ["dark", 320],
    ["dark", 1280],
  ] as const)("nothing is cut off or sideways, %s, %d pixels wide", async (colorScheme, width) => {
    const { page } = await world.open({ colorScheme, viewport: { width, height: 800 } });
    const shoot = async (name: string) => {
      const folder = process.env["SCREENSHOTS"];
      if (folder !== undefined) {
        const path = `${folder}/${name}-${colorScheme}-${String(width)}.png`;
        await page.screenshot({ path, fullPage: true });
      }
      expect(await sideways(page)).toBeLessThanOrEqual(0);
    };
    await heading(page, "Sign in once. Stay connected.");
    await shoot("welcome");
    await page.locator("#sign-in").click();
    await page.getByRole("heading", { name: `Sign in with ` }).waitFor();
    await shoot("sign-in");
    await page
      .getByLabel(/Who are you|somebody else/)
      .fill(`Grace ${colorScheme} ${String(width)}`);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await heading(page, "Profile");
    await shoot("profile");
    await view(page, "Access token");
    await page.locator("#get-token").click();
    await page.locator("[data-clock]").waitFor();
    await page.locator("#call-userinfo").click();
    await said(page, `${title} has answered.`);
    await shoot("token");
    await view(page, "Connection");
    await page.getByText("Healthy").waitFor();
    await shoot("connection");
  });
});

async function sideways(page: Page): Promise<number> {
  return await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
}
