/** Writes an app that is wired to the local run of this checkout. */
import { execFile } from "node:child_process";
import { cp, mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { cannotWrite } from "../../local/writable";

const ROOT = join(__dirname, "..", "..");
const TEMPLATE = join(ROOT, "templates", "vite-react");
/** The recipe's, word for word. */
const RECIPE = join(ROOT, "examples", "react");
const FROM_RECIPE = ["app.tsx"];
/** They name this checkout, or the app. */
const WITH_NAMES = ["README.md", "index.html", "local-run.ts", "package.json"];

const run = promisify(execFile);

/** A sentence for the person at the terminal. */
export class CreateError extends Error {}

/**
 * @param folder absolute; made where it is missing
 * @throws CreateError where something is in it, or where it cannot be written
 */
export async function createApp(folder: string): Promise<void> {
  await prepare(folder);
  await cp(TEMPLATE, folder, { recursive: true });
  // npm leaves a file of this name out of what it packs.
  await rename(join(folder, "gitignore"), join(folder, ".gitignore"));
  for (const name of FROM_RECIPE) {
    await cp(join(RECIPE, name), join(folder, "src", name));
  }
  for (const name of WITH_NAMES) {
    const file = join(folder, name);
    await writeFile(file, named(await readFile(file, "utf8"), folder));
  }
  await packClient(join(folder, "vendor"));
}

async function prepare(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw cannotWrite(folder, error) === undefined
      ? error
      : new CreateError(`${folder} cannot be made`);
  }
  const [first] = await readdir(folder);
  if (first !== undefined) {
    throw new CreateError(`${folder} is not empty (${first} is in it): name a new folder`);
  }
}

function named(text: string, folder: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, "-");
  return text
    .replaceAll("{{outputs}}", join(ROOT, ".local", "outputs.json"))
    .replaceAll("{{checkout}}", ROOT)
    .replaceAll("my-app", name.replace(/^[._-]+/, "") || "app");
}

/** As it is published: it is in no registry yet. */
async function packClient(vendor: string): Promise<void> {
  await mkdir(vendor, { recursive: true });
  const client = join(ROOT, "packages", "client");
  await run("npm", ["pack", client, "--pack-destination", vendor, "--silent"], { cwd: vendor });
}
