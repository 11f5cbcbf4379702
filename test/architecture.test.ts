/** Dependencies point one way: handlers → http, auth, use cases, adapters → ports → model. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import ts from "typescript";

const ROOT = join(__dirname, "..");

function sourcesIn(...folders: string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((path) => /\.[cm]?ts$/.test(path))
      .map((path) => join(folder, path)),
  );
}

/** `lambda/store/x`, `@aws-sdk/client-kms`, `node:crypto`, … */
function importsOf(path: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(ROOT, path), "utf8"));
  return importedFiles.map(({ fileName }) =>
    fileName.startsWith(".")
      ? relative(ROOT, join(ROOT, dirname(path), fileName))
          .split(sep)
          .join("/")
      : fileName,
  );
}

const LEAVES = ["lambda/model", "lambda/errors", "lambda/env"];
const CORE = [...LEAVES, "lambda/ports", "lambda/sdk"];

/** What each room may import of the project, besides what is in the room itself. */
const ROOMS: readonly (readonly [room: RegExp, allowed: readonly (string | RegExp)[]])[] = [
  [/^lambda\/(model|errors|env|sdk)\.ts$/, []],
  [/^lambda\/ports\.ts$/, ["lambda/model"]],
  [/^lambda\/credential-provider\.ts$/, []],
  [/^lambda\/http\//, ["lambda/model", "lambda/errors", "lambda/ports"]],
  [/^lambda\/use-cases\//, ["lambda/model", "lambda/errors", "lambda/ports"]],
  [/^lambda\/(auth|store|kms|idp)\//, CORE],
  [/^lambda\/handlers\//, [/^lambda\//]],
  [/^lib\//, ["lambda/env"]],
  [/^bin\//, [/^lib\//]],
];

/** Which packages may be imported where. */
const PACKAGES: readonly (readonly [name: RegExp, where: RegExp])[] = [
  [/^@aws-sdk\/(client|lib)-dynamodb$/, /^lambda\/store\//],
  [/^@aws-sdk\/client-kms$/, /^lambda\/kms\//],
  [/^@aws-sdk\/client-secrets-manager$/, /^lambda\/idp\/client-secret\.ts$/],
  [/^@aws-sdk\/credential-provider-env$/, /^lambda\/credential-provider\.ts$/],
  [/^aws-jwt-verify/, /^lambda\/auth\//],
  [/^valibot$/, /^lambda\/(http|auth|store|idp)\//],
  [/^(aws-cdk-lib|constructs|cdk-nag)/, /^(lib|bin)\//],
  [/^node:/, /./],
];

const sources = sourcesIn("lambda", "lib", "bin");

test("there is something to look at", () => {
  expect(sources.length).toBeGreaterThan(40);
});

test.each(sources)("%s imports only what its room may", (path) => {
  const [room, allowed] = ROOMS.find(([pattern]) => pattern.test(path)) ?? [undefined, []];
  expect(room).toBeDefined();
  const own = importsOf(path).filter((name) => /^(lambda|lib|bin|local|test)\//.test(name));
  const wrong = own.filter(
    (name) =>
      dirname(path) !== dirname(`${name}.ts`) &&
      !name.startsWith(`${dirname(path)}/`) &&
      !(dirname(path).startsWith(dirname(name)) && dirname(name) !== "lambda") &&
      !allowed.some((rule) => (typeof rule === "string" ? rule === name : rule.test(name))),
  );
  const leaf = /^lambda\/(model|errors|env|sdk)\.ts$/.test(path) ? own : [];
  expect([...wrong, ...leaf]).toEqual([]);
});

test.each(sources)("%s imports packages only where they belong", (path) => {
  const packages = importsOf(path).filter((name) => !/^(lambda|lib|bin)\//.test(name));
  const wrong = packages.filter(
    (name) => !PACKAGES.some(([pattern, where]) => pattern.test(name) && where.test(path)),
  );
  expect(wrong.filter((name) => name !== "aws-lambda")).toEqual([]);
});

test("lib takes types from lambda, never code", () => {
  for (const path of sourcesIn("lib")) {
    const text = readFileSync(join(ROOT, path), "utf8");
    expect([path, text.match(/import (?!type)[^;]*from "(\.\.\/)+lambda/)]).toEqual([path, null]);
  }
});

test("process.env is read in lambda/env.ts alone", () => {
  const readers = sourcesIn("lambda").filter((path) =>
    readFileSync(join(ROOT, path), "utf8").includes("process.env"),
  );
  expect(readers).toEqual(["lambda/env.ts"]);
});

test("no file is above 250 lines", () => {
  const long = sourcesIn("lambda", "lib", "bin", "local").filter(
    (path) => readFileSync(join(ROOT, path), "utf8").split("\n").length > 250,
  );
  expect(long).toEqual([]);
});
