/** The page beside a provider that the run has not started. */
import { findProvider } from "../../local/provider/outside";
import { type Elsewhere, freePorts, startElsewhere } from "../integration/other-providers";
import { inChromium } from "./in-chromium";
import { faultsOf } from "./looks";
import { heading, said, usePageWorld, view } from "./page-world";

let elsewhere: Elsewhere;
/** `127.0.0.1:port`: a provider of no preset is called by its host. */
let title: string;
const world = usePageWorld(async () => {
  const [port = 0, pagePort = 0] = await freePorts(2);
  const origins = [port, pagePort].map((each) => `http://127.0.0.1:${String(each)}`);
  elsewhere = await startElsewhere(origins.map((origin) => `${origin}/callback`));
  const { issuer, clientId, clientSecret } = elsewhere;
  const { provider } = await findProvider({ issuer, clientId });
  title = provider.title;
  return {
    port,
    page: { port: pagePort, orAnyOther: false },
    provider: { ...provider, clientSecret },
  };
});

inChromium("the page beside another issuer", () => {
  afterAll(async () => {
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

  test("in every look axe finds nothing, and nothing is cut off or sideways", async () => {
    const { page } = await world.open();
    const faults: string[] = [];
    const see = async (name: string) => {
      faults.push(...(await faultsOf(page, `outside-${name}`)));
    };
    await heading(page, "Sign in once. Stay connected.");
    await see("welcome");
    await page.locator("#sign-in").click();
    await page.getByRole("heading", { name: `Sign in with ` }).waitFor();
    await see("sign-in");
    await page.getByLabel(/Who are you|somebody else/).fill("Grace Hopper");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await heading(page, "Profile");
    await see("profile");
    await view(page, "Access token");
    await page.locator("#get-token").click();
    await page.locator("[data-clock]").waitFor();
    await page.locator("#call-userinfo").click();
    await said(page, `${title} has answered.`);
    await see("token");
    await view(page, "Connection");
    await page.getByText("Healthy").waitFor();
    await see("connection");
    expect(faults).toEqual([]);
  });
});
