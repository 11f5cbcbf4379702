/** What a source file imports, read by TypeScript itself. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative, sep } from "node:path";
import ts from "typescript";

export const ROOT = join(__dirname, "../..");

export interface Import {
  /** `lambda/store/grant-store`, or the name of a package with its path. */
  readonly name: string;
  /** Nothing of it is left at run time. */
  readonly isType: boolean;
}

/** @returns paths from the root, e.g. `lambda/env.ts` */
export function sourcesIn(...folders: string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((path) => /\.[cm]?[jt]s$/.test(path))
      .map((path) => posix.join(folder, path.split(sep).join("/"))),
  );
}

export function importsOf(path: string): Import[] {
  return importsIn(readFileSync(join(ROOT, path), "utf8"), path);
}

/** `import`, `export … from`, `import()` and `require()`. */
export function importsIn(text: string, path: string): Import[] {
  const types = typeImportsIn(text, path);
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName, pos }) => ({
    name: fileName.startsWith(".") ? fromRoot(path, fileName) : fileName,
    isType: types.some(({ start, end }) => start <= pos && pos < end),
  }));
}

function fromRoot(path: string, relativeName: string): string {
  const absolute = join(ROOT, dirname(path), relativeName);
  return relative(ROOT, absolute).split(sep).join("/");
}

function typeImportsIn(text: string, path: string): { start: number; end: number }[] {
  return ts
    .createSourceFile(path, text, ts.ScriptTarget.Latest)
    .statements.filter(
      (statement) =>
        (ts.isImportDeclaration(statement) && isTypeClause(statement.importClause)) ||
        (ts.isExportDeclaration(statement) && statement.isTypeOnly),
    )
    .map(({ pos, end }) => ({ start: pos, end }));
}

function isTypeClause(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) {
    return false;
  }
  const { phaseModifier, name, namedBindings } = clause;
  return (
    phaseModifier === ts.SyntaxKind.TypeKeyword ||
    (name === undefined &&
      namedBindings !== undefined &&
      ts.isNamedImports(namedBindings) &&
      namedBindings.elements.every(({ isTypeOnly }) => isTypeOnly))
  );
}
