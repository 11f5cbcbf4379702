/** What `npm publish` would send out, used as a stranger uses it. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";

jest.setTimeout(120_000);

const CLIENT = join(__dirname, "..");
const ROOT = join(CLIENT, "..", "..");
const TSC = join(ROOT, "node_modules", "typescript-7", "bin", "tsc");
const NAME = "rollup-vault-client";
/** Gzipped, of each entry by itself; all but the first come beside the first. */
const MAX_BYTES: Readonly<Record<string, number>> = {
  "vault-client.js": 5 * 1024,
  "react.js": 2 * 1024,
  "account.js": 512,
  "fetch.js": 768,
};

const run = promisify(execFile);
let folder: string;
let installed: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "client-"));
  installed = join(folder, "node_modules", NAME);
  await mkdir(installed, { recursive: true });
  // As in a fresh clone: what is packed is what the packing itself builds.
  await rm(join(CLIENT, "dist"), { recursive: true, force: true });
  await run("npm", ["pack", CLIENT, "--pack-destination", folder], { cwd: folder });
  const archive = join(folder, `${NAME}-0.1.0.tgz`);
  await run("tar", ["-xzf", archive, "-C", installed, "--strip-components=1"]);
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function manifest(): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(join(installed, "package.json"), "utf8")) as Record<
    string,
    unknown
  >;
}

test("it holds the module, its types, its README and the license, and nothing else", async () => {
  expect((await readdir(installed)).sort()).toEqual([
    "LICENSE",
    "README.md",
    "dist",
    "package.json",
  ]);
  const [own, root] = [join(installed, "LICENSE"), join(ROOT, "LICENSE")];
  expect(await readFile(own, "utf8")).toBe(await readFile(root, "utf8"));
  const others = (await readdir(join(installed, "dist"))).filter((name) => !/\.d\.ts$/.test(name));
  const modules = Object.keys(MAX_BYTES);
  expect(others.sort()).toEqual(modules.flatMap((name) => [name, mapOf(name)]).sort());
  const { types, exports } = await manifest();
  const files = [types, ...Object.values(exports as Record<string, object>).flatMap(filesOf)];
  expect(files).toHaveLength(1 + 2 * modules.length + 1);
  for (const file of files as string[]) {
    expect([file, existsSync(join(installed, file))]).toEqual([file, true]);
  }
});

const mapOf = (name: string) => name.replace(".js", ".map");

/** Of one entry of `exports`: types and module, or the file itself. */
function filesOf(entry: object | string): readonly string[] {
  return typeof entry === "string" ? [entry] : (Object.values(entry) as string[]);
}

test("it depends on nothing, has no side effects and runs nothing when it is installed", async () => {
  const { dependencies, scripts, sideEffects, license, ...rest } = await manifest();
  // Who has no React is not told to install it.
  expect([rest["peerDependencies"], rest["peerDependenciesMeta"]]).toEqual([
    { react: ">=18" },
    { react: { optional: true } },
  ]);
  expect([dependencies, scripts, sideEffects, license]).toEqual([
    undefined,
    { prepack: "node build.mjs" },
    false,
    "Apache-2.0",
  ]);
});

test("a registry is told what it is about, and that it is public", async () => {
  const { keywords, publishConfig } = await manifest();
  expect((keywords as readonly string[]).length).toBeGreaterThan(4);
  expect(publishConfig).toEqual({ access: "public" });
});

test("its README has no link that is dead without the repository around it", async () => {
  const readme = await readFile(join(installed, "README.md"), "utf8");
  const links = [...readme.matchAll(/\]\(([^)]+)\)/g)].map(([, link]) => link);
  expect(links.filter((link) => !/^(https:|#)/.test(link ?? ""))).toEqual([]);
});

test("all of it stays small", async () => {
  const { stdout } = await run("npm", ["pack", CLIENT, "--dry-run", "--json", "--ignore-scripts"], {
    cwd: folder,
  });
  const [packed] = JSON.parse(stdout) as readonly { size: number; unpackedSize: number }[];
  // 65,736 bytes when this was written; unpacked, source maps and types are most of it.
  expect(packed?.size).toBeLessThanOrEqual(68 * 1024);
  expect(packed?.unpackedSize).toBeLessThanOrEqual(270 * 1024);
});

test.each(Object.entries(MAX_BYTES))("%s weighs %i bytes at most, gzipped", async (name, most) => {
  const module = await readFile(join(installed, "dist", name));
  expect(gzipSync(module, { level: 9 }).length).toBeLessThanOrEqual(most);
});

test.each(Object.keys(MAX_BYTES))("%s has a source map of its own sources", async (name) => {
  const module = await readFile(join(installed, "dist", name), "utf8");
  expect(module).toMatch(new RegExp(`\n//# sourceMappingURL=${mapOf(name)}\n$`));
  const map = await readFile(join(installed, "dist", mapOf(name)), "utf8");
  const { sources } = JSON.parse(map) as { sources: readonly string[] };
  expect(sources.length).toBeGreaterThan(0);
  expect(sources.filter((source) => !/^(\.\.\/src\/)?[\w-]+\.(ts|js)$/.test(source))).toEqual([]);
});

test("the entry for React is the browser's side, and brings no React of its own", async () => {
  const module = await readFile(join(installed, "dist", "react.js"), "utf8");
  expect(module).toMatch(/^"use client";/);
  expect([...module.matchAll(/from"([^"]+)"/g)].map(([, name]) => name)).toEqual([
    "react",
    "./vault-client.js",
  ]);
});

test("Node.js imports it, and a process that made a client ends by itself", async () => {
  const script = `
    import { createVaultClient, VaultError } from "${NAME}";
    const vault = createVaultClient({ apiUrl: "https://api.example" });
    const error = await vault.user().catch((reason) => reason);
    console.log(error instanceof VaultError, error.action, Object.keys(vault).sort().join());`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", script], {
    cwd: folder,
    timeout: 20_000,
  });
  expect(stdout.trim()).toBe(
    "true sign_in _,accessToken,close,completeSignIn,on,onChange,signIn,signInWithIdToken,signOut,state,user",
  );
});

const CONSUMER = `
import { createVaultClient, VaultError, type User } from "${NAME}";
import { accountOf } from "${NAME}/account";
import { createFetch } from "${NAME}/fetch";
const vault = createVaultClient({ apiUrl: "https://api.example", storage: "local" });
export const load: typeof fetch = createFetch(vault, ["https://a.example"]);
export async function main(): Promise<User> {
  vault.onChange((state) => state === "signing-in");
  vault.on("signed-out", ({ reason, elsewhere }) => reason === "erased" && elsewhere);
  try {
    const { access_token, expires_in } = await vault.accessToken({ minValidity: 60 });
    void [access_token.length, expires_in.toFixed()];
  } catch (error) {
    if (error instanceof VaultError) {
      switch (error.action) {
        case "retry": case "sign_in": case "fix_request": case "contact_operator": break;
        default: { const nothing: never = error.action; void nothing; }
      }
    }
  }
  // @ts-expect-error -- no such event
  vault.on("signed-off", () => undefined);
  // @ts-expect-error -- no such member
  void (await vault.user()).name;
  // @ts-expect-error -- no such storage
  createVaultClient({ apiUrl: "https://api.example", storage: "disk" });
  return await accountOf(vault).updateAttributes({ theme: "dark" }, { ifVersion: 1 });
}`;

test("the entries share the client's parts, as they are published", async () => {
  const script = `
    import { createVaultClient, VaultError } from "${NAME}";
    import { accountOf } from "${NAME}/account";
    import { createFetch } from "${NAME}/fetch";
    const vault = createVaultClient({ apiUrl: "https://api.example", storage: "memory",
      fetch: async (input) => Response.json(
        String(input.url ?? input).endsWith("/sessions") ? { session: { id: "1", token: "t" }, user: { sub: "u" } }
          : String(input.url ?? input).endsWith("/me/access-token") ? { access_token: "a", expires_in: 60 }
            : { status: "active", got: input.headers?.get?.("authorization") }) });
    await vault.signInWithIdToken({ idToken: "x" });
    const { status } = await accountOf(vault).connection();
    const load = createFetch(vault, ["https://a.example"]);
    const { got } = await (await load("https://a.example/things")).json();
    const refused = await load("https://b.example/").catch((error) => error);
    console.log(status, got, refused instanceof VaultError, refused.code);`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", script], {
    cwd: folder,
    timeout: 20_000,
  });
  expect(stdout.trim()).toBe("active Bearer a true origin_not_allowed");
});

test.each([
  ["a page's bundler", { module: "ESNext", moduleResolution: "bundler", lib: ["ES2022", "DOM"] }],
  ["Node.js, which has no document", { module: "NodeNext", lib: ["ES2022"], types: ["node"] }],
])("a strict TypeScript consumer compiles with it: %s", async (name, options) => {
  const project = join(folder, name.replace(/\W+/g, "-"));
  await mkdir(project);
  await writeFile(join(project, "main.mts"), CONSUMER);
  const compilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    types: [],
    target: "ES2022",
    ...options,
    ...("types" in options && { typeRoots: [join(ROOT, "node_modules", "@types")] }),
  };
  await writeFile(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions }));
  const compiled = await run(process.execPath, [TSC, "-p", project]).catch(
    (error: unknown) => error,
  );
  expect((compiled as { stdout: string }).stdout).toBe("");
});
