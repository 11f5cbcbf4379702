/**
 * From an empty folder to a person who is signed in to one's own app, by the commands of
 * docs/your-own-app.md, timed. How long it takes is printed, never asserted.
 */
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Browser, chromium } from "playwright-core";
import { CHROMIUM } from "./chromium";
import { inChromium } from "./in-chromium";
import { CHROMIUM_FLAGS } from "./support";
import { answers, createTerminals, withRegistry } from "./terminals";

jest.setTimeout(600_000);

const ROOT = join(__dirname, "..", "..");
const APP = "http://127.0.0.1:5173/";
const run = promisify(execFile);

const TITLE = "one's own app, from an empty folder";

inChromium(TITLE, () => {
  const terminals = createTerminals();
  let folder: string;
  let browser: Browser | undefined;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "own-app-"));
  });

  afterAll(async () => {
    await browser?.close();
    terminals.closeAll();
    rmSync(folder, { recursive: true, force: true });
  });

  withRegistry(TITLE)(
    "create, start, sign in: a person is there, and so is an access token",
    async () => {
      const outputs = join(folder, "outputs.json");
      const app = join(folder, "my-app");
      const began = performance.now();
      const times: string[] = [];
      const lap = (what: string) => {
        times.push(`${what} ${((performance.now() - began) / 1000).toFixed(1)} s`);
      };

      // `npm run create-app -- …/my-app`
      await run("npm", ["run", "--silent", "create-app", "--", app], { cwd: ROOT });
      lap("created");
      // `npm start` in one terminal …
      const ports = { PORT: "0", ISSUER_PORT: "0", PAGE_PORT: "0" };
      const env = { ...ports, LOCAL_OUTPUTS: outputs };
      const untilStarted = terminals.begin("npm", ["start", "--", "--fresh"], ROOT, env);
      // … and `npm install && npm run dev` in another.
      await run("npm", ["install", "--no-audit", "--no-fund"], { cwd: app });
      lap("installed");
      await untilStarted(() => existsSync(outputs));
      lap("started");
      const untilServed = terminals.begin("npm", ["run", "dev"], app, { LOCAL_OUTPUTS: outputs });
      await untilServed(() => answers(APP));
      lap("served");

      browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_FLAGS });
      const page = await browser.newPage();
      page.setDefaultTimeout(120_000);
      await page.goto(APP);
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByLabel(/Who are you|Somebody else|another/i).fill("Own Ada");
      await page.getByRole("button", { name: "Sign in", exact: true }).click();
      await page.getByText("Hello, Own Ada").waitFor();
      lap("signed in");
      await page.getByText("There is an access token.").waitFor();
      process.stderr.write(`\none's own app, from an empty folder: ${times.join(", ")}\n\n`);
      expect(page.url()).toBe(APP);

      // What was written is sound, also for a deployment.
      const settings = { apiUrl: "https://api.example", provider: { clientId: "app" } };
      const built = { ...process.env, VITE_VAULT: JSON.stringify(settings) };
      await run("npm", ["run", "build"], { cwd: app, env: built });
      expect(existsSync(join(app, "dist", "index.html"))).toBe(true);
    },
  );
});
