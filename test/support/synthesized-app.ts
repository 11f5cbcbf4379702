/** `bin/app.ts` run as the CDK runs it: real bundles, real rule packs, into a folder of its own. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const ROOT = join(__dirname, "../..");

export interface SynthesizedApp {
  /** The cloud assembly. */
  readonly folder: string;
  readonly exitCode: number | null;
  readonly printed: string;
  remove(): void;
}

interface Options {
  /** Another checkout than this one. */
  readonly root?: string;
  /** Whether the CDK's own rules for templates are asked, too: half of the time. @default true */
  readonly validates?: boolean;
}

export function synthesizeApp(
  context: object = {},
  { root = ROOT, validates = true }: Options = {},
): SynthesizedApp {
  const folder = mkdtempSync(join(tmpdir(), "rollup-vault-synth-"));
  const cdkJson = readJson(root, "cdk.json") as { context: object };
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", join("bin", "app.ts")],
    {
      cwd: root,
      env: {
        ...process.env,
        CDK_OUTDIR: folder,
        CDK_VALIDATION: String(validates),
        CDK_CONTEXT_JSON: JSON.stringify({ ...cdkJson.context, ...context }),
      },
      encoding: "utf8",
    },
  );
  return {
    folder,
    exitCode: status,
    printed: stdout + stderr,
    remove: () => {
      rmSync(folder, { recursive: true });
    },
  };
}

export function readJson(...path: string[]): unknown {
  return JSON.parse(readFileSync(join(...path), "utf8"));
}
