/** What a package imports is what it says it needs, and there is one version of everything. */
import { readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { importsIn, importsOf, ROOT, sourcesIn } from "./support/imports";

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly workspaces?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const readManifest = (folder: string) =>
  JSON.parse(readFileSync(join(ROOT, folder, "package.json"), "utf8")) as Manifest;

const root = readManifest(".");
const workspaces = (root.workspaces ?? []).map((folder) => ({
  folder,
  manifest: readManifest(folder),
}));
const packages = workspaces.filter(({ folder }) => folder.startsWith("packages/"));

function needsOf(manifest: Manifest): [name: string, version: string][] {
  const { dependencies, devDependencies, optionalDependencies } = manifest;
  return Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });
}

/** `@aws-sdk/client-kms` of `@aws-sdk/client-kms/dist`. */
function packageOf(name: string): string {
  return name.split("/", name.startsWith("@") ? 2 : 1).join("/");
}

/** The one file of the product that a package imports. */
const SHARED = /^packages\/api-contract\/src\/[\w-]+\.ts lambda\/(?:facts|limits|scopes)$/;

/** Imports that lead out of a package, or to what it does not name. */
function strays(
  { folder, manifest }: (typeof packages)[number],
  path: string,
  imports = importsOf(path),
): string[] {
  const own = `${folder}/`;
  const named = new Set([manifest.name, ...needsOf(manifest).map(([name]) => name)]);
  return imports
    .filter(({ name }) => !name.startsWith(own) && !isBuiltin(name) && name !== "aws-lambda")
    .filter(({ name }) => !named.has(packageOf(name)) && !SHARED.test(`${path} ${name}`))
    .map(({ name }) => `${path} ${name}`);
}

test("every folder of packages/ is a workspace, private but for what is published", () => {
  expect(packages.map(({ folder }) => folder).sort()).toEqual(
    readdirSync(join(ROOT, "packages")).map((name) => `packages/${name}`),
  );
  const published = workspaces.filter(({ manifest }) => manifest.private !== true);
  expect(published.map(({ manifest }) => manifest.name)).toEqual(["rollup-vault-client"]);
});

test.each(packages)("$folder imports what it names, and nothing outside of it", (one) => {
  const sources = sourcesIn(`${one.folder}/src`, `${one.folder}/test`);
  expect(sources.length).toBeGreaterThan(1);
  expect(sources.flatMap((path) => strays(one, path))).toEqual([]);
});

test.each([
  'import { call } from "../../../test/integration/http-call";',
  'import type { AwsCall } from "../../local-aws/src/aws/call";',
  'import { createRemoteJWKSet } from "jose";',
])("a page with %s would be found", (text) => {
  const page = packages.find(({ folder }) => folder === "packages/page")!;
  const path = "packages/page/src/x.ts";
  expect(strays(page, path, importsIn(text, path))).not.toEqual([]);
});

test("what several packages need they need in one version", () => {
  const all = [root, ...workspaces.map(({ manifest }) => manifest)].flatMap(needsOf);
  const versions = new Map<string, Set<string>>();
  for (const [name, version] of all) {
    versions.set(name, (versions.get(name) ?? new Set()).add(version));
  }
  expect([...versions].filter(([, { size }]) => size > 1)).toEqual([]);
});
