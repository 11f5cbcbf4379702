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
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, isType: boolean) => {
    if (specifier !== undefined && ts.isStringLiteral(specifier)) {
      const { text: name } = specifier;
      found.push({ name: name.startsWith(".") ? fromRoot(path, name) : name, isType });
    }
  };
  const look = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      add(node.moduleSpecifier, isTypeClause(node.importClause));
    } else if (ts.isExportDeclaration(node)) {
      add(node.moduleSpecifier, node.isTypeOnly);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node.argument.literal, true);
    } else if (ts.isCallExpression(node) && isLoading(node.expression)) {
      add(node.arguments[0], false);
    }
    ts.forEachChild(node, look);
  };
  look(ts.createSourceFile(path, text, ts.ScriptTarget.Latest));
  return found;
}

/** `import(…)`, `require(…)` or `require.resolve(…)`. */
function isLoading(callee: ts.Expression): boolean {
  const called = ts.isPropertyAccessExpression(callee) ? callee.expression : callee;
  return (
    called.kind === ts.SyntaxKind.ImportKeyword ||
    (ts.isIdentifier(called) && called.text === "require")
  );
}

function fromRoot(path: string, relativeName: string): string {
  const absolute = join(ROOT, dirname(path), relativeName);
  return relative(ROOT, absolute).split(sep).join("/");
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
