/** The recipe for plain HTML, as it stands. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bundleClient, type Chrome, describeInChromium, FRONTEND, startChrome } from "./support";

jest.setTimeout(300_000);

const FOLDER = join(__dirname, "..", "..", "examples", "plain-html");

describeInChromium("the recipe for plain HTML", () => {
  let chrome: Chrome;

  beforeAll(async () => {
    const client = await bundleClient();
    chrome = await startChrome({}, ({ outputs: { apiUrl, clientId, issuer } }) => {
      const settings = { apiUrl, clientId, authorizationEndpoint: `${issuer}/authorize` };
      return {
        "/app.js": ["text/javascript", readFileSync(join(FOLDER, "app.js"), "utf8")],
        "/vault-client.js": ["text/javascript", client],
        "/settings.json": ["application/json", JSON.stringify(settings)],
        "*": ["text/html", readFileSync(join(FOLDER, "index.html"), "utf8")],
      };
    });
  });

  afterAll(async () => {
    await chrome.close();
  });

  test("signs in, greets, survives a reload and signs out", async () => {
    const context = await chrome.context();
    const page = await context.newPage();
    await page.goto(`${FRONTEND}/`);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByLabel(/Who are you|Somebody else|another/i).fill("Plain Ada");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByText("Hello, Plain Ada").waitFor();
    expect(page.url()).toBe(`${FRONTEND}/`);
    await page.reload();
    await page.getByText("Hello, Plain Ada").waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByText("Nobody is here.").waitFor();
    await context.close();
  });
});
