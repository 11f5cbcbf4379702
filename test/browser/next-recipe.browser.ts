/**
 * The recipe for Next.js inside Next.js: installed outside of this repository, built, and served
 * beside the local run. Some 300 MB and two minutes: `npm run recipes:next` does it, nothing else.
 */
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Browser, chromium } from "playwright-core";
import { type Stack, startStack } from "../../local/stack";
import { freePorts } from "../integration/other-providers";
import { CHROMIUM } from "./chromium";
import { inChromium } from "./in-chromium";
import { CHROMIUM_FLAGS } from "./support";
import { answers, createTerminals, withRegistry } from "./terminals";

const ROOT = join(__dirname, "..", "..");
const TITLE = "the recipe for Next.js, inside Next.js";
const run = promisify(execFile);

/** What the recipe leaves to the app: where the API is on its own host, and where its parts are. */
const FILES = {
  "next.config.mjs": `
const api = process.env.VAULT_API_URL;
export default {
  rewrites: () => [{ source: "/vault/:path*", destination: \`\${api}/:path*\` }],
};
`,
  "app/layout.tsx": `
export default ({ children }: { children: React.ReactNode }) => (
  <html lang="en"><body>{children}</body></html>
);
`,
  // Any address is a page of the app, that which the provider brings people back to, too.
  "app/[[...path]]/page.tsx": `
import { ClientAccount } from "../../client-account";
import { serverUser } from "../../server-user";

export default async function Page() {
  const user = await serverUser();
  return (
    <main>
      <p>The server sees {user?.claims.name ?? "nobody"}.</p>
      <ClientAccount />
    </main>
  );
}
`,
};

const isAsked = process.env["NEXT_RECIPE"] !== undefined;
if (!isAsked) {
  process.stderr.write(`\n!! SKIPPED: "${TITLE}" is what npm run recipes:next is for\n\n`);
}

jest.setTimeout(900_000);

(isAsked ? inChromium : describe.skip)(TITLE, () => {
  const terminals = createTerminals();
  let folder: string;
  let stack: Stack;
  let origin: string;
  let browser: Browser | undefined;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "next-recipe-"));
    const [port = 0] = await freePorts(1);
    origin = `http://localhost:${String(port)}`;
    stack = await startStack({
      port: 0,
      issuerPort: 0,
      frontends: [origin],
      sessions: { transport: "cookie" },
    });
  });

  afterAll(async () => {
    await browser?.close();
    terminals.closeAll();
    await stack.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const npm = async (...args: readonly string[]) =>
    (await run("npm", args, { cwd: folder, env: environment() })).stdout;

  function environment(): NodeJS.ProcessEnv & Readonly<Record<string, string>> {
    const { apiUrl, clientId, authorizationEndpoint } = stack.outputs;
    return {
      ...process.env,
      NODE_ENV: "production",
      NEXT_TELEMETRY_DISABLED: "1",
      VAULT_API_URL: apiUrl,
      NEXT_PUBLIC_VAULT_API_URL: `${origin}/vault`,
      NEXT_PUBLIC_CLIENT_ID: clientId,
      NEXT_PUBLIC_REDIRECT_URI: `${origin}/callback`,
      NEXT_PUBLIC_AUTHORIZATION_ENDPOINT: authorizationEndpoint,
    };
  }

  /** In the versions that the recipes are compiled with, and the client as it is published. */
  async function install(): Promise<void> {
    const examples = readFileSync(join(ROOT, "examples", "package.json"), "utf8");
    const { devDependencies: versions } = JSON.parse(examples) as {
      devDependencies: Readonly<Record<string, string>>;
    };
    const client = join(ROOT, "packages", "client");
    const { stdout } = await run("npm", ["pack", client, "--pack-destination", folder]);
    const app = {
      private: true,
      dependencies: {
        next: versions["next"],
        react: versions["react"],
        "react-dom": versions["react"],
        "rollup-vault-client": `file:${stdout.trim().split("\n").at(-1) ?? ""}`,
      },
      devDependencies: { "@types/react": versions["@types/react"], typescript: "5.9.3" },
    };
    writeFileSync(join(folder, "package.json"), JSON.stringify(app));
    for (const [name, text] of Object.entries(FILES)) {
      mkdirSync(join(folder, name, ".."), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    cpSync(join(ROOT, "examples", "next"), folder, { recursive: true });
    await npm("install", "--include=dev", "--no-audit", "--no-fund");
  }

  withRegistry(TITLE)("builds, and server and browser agree on who is signed in", async () => {
    await install();
    await npm("exec", "--", "next", "build");
    const start = ["exec", "--", "next", "start", "--port", new URL(origin).port];
    const untilServed = terminals.begin("npm", start, folder, environment());
    await untilServed(() => answers(`${origin}/orders`));

    browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_FLAGS });
    const page = await browser.newPage();
    page.setDefaultTimeout(120_000);
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(`${origin}/orders?id=7#top`);
    await page.getByText("The server sees nobody.").waitFor();
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("button", { name: /Cancel/ }).click();
    await page.getByRole("alert").getByText("You did not sign in.").waitFor();
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByLabel(/Who are you|somebody else/).fill("Next Ada");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByRole("button", { name: "Sign out Next Ada" }).waitFor();
    expect(page.url()).toBe(`${origin}/orders?id=7#top`);
    await page.reload();
    await page.getByText("The server sees Next Ada.").waitFor();
    await page.getByRole("button", { name: "Sign out Next Ada" }).click();
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    await page.reload();
    await page.getByText("The server sees nobody.").waitFor();
    // A hydration that does not match is one.
    expect(complaints).toEqual([]);
  });
});
