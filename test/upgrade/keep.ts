/**
 * `npm run upgrade:keep -- COMMIT`: makes release.br anew from a commit, with that commit's own
 * packages. It takes git, npm's registry and a minute. Run it with each release's commit.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { keep, KEPT_CONTEXT } from "./release";

const ROOT = join(__dirname, "..", "..");
/** What a run reads of a cloud assembly (packages/local-aws/src/template/assembly.ts). */
const READ = /^manifest\.json$|\.(template|assets)\.json$|^asset\./;

function main([commit = ""]: readonly string[]): void {
  const folder = mkdtempSync(join(tmpdir(), "release-"));
  try {
    const git = (...args: readonly string[]) =>
      execFileSync("git", ["-C", ROOT, ...args], { maxBuffer: 2 ** 30 });
    const id = git("rev-parse", "--verify", `${commit}^{commit}`).toString("utf8").trim();
    execFileSync("tar", ["-x", "-C", folder], { input: git("archive", id) });
    const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
      readonly version: string;
    };
    const flags = ["--no-audit", "--no-fund", "--ignore-scripts"];
    execFileSync("npm", ["ci", ...flags], { cwd: folder, stdio: "inherit" });
    const assembly = join(folder, "kept");
    synthesize(folder, assembly);
    const { sha256 } = keep({ version, commit: id }, readAll(assembly));
    process.stdout.write(`kept ${version} of ${id}: ${sha256}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** As local/synthesize.ts does; with the shell's PATH, since 0.1.0 calls esbuild by its name. */
function synthesize(root: string, assembly: string): void {
  const cdkJson = JSON.parse(readFileSync(join(root, "cdk.json"), "utf8")) as {
    readonly context?: Readonly<Record<string, unknown>>;
  };
  const context = { ...cdkJson.context, stage: "local", local: KEPT_CONTEXT };
  execFileSync(process.execPath, ["--import", "tsx", join("bin", "app.ts")], {
    cwd: root,
    stdio: "inherit",
    env: {
      ...process.env,
      CDK_VALIDATION: "false",
      CDK_OUTDIR: assembly,
      CDK_CONTEXT_JSON: JSON.stringify(context),
    },
  });
}

function readAll(assembly: string): Record<string, string> {
  const entries = readdirSync(assembly, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(assembly, join(entry.parentPath, entry.name)))
    .filter((path) => READ.test(path))
    .toSorted();
  return Object.fromEntries(
    paths.map((path) => [path, readFileSync(join(assembly, path), "utf8")]),
  );
}

main(process.argv.slice(2));
