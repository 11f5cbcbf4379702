/** `rollup-vault admin` on the outputs of a running stack. */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runAdmin } from "../../bin/admin/main";
import { type Outputs, writeOutputs } from "../../local/outputs";

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface AdminCommand {
  /** Throw-away, for files of a test's own. */
  readonly folder: string;
  /** Everything after `admin`, in a process of its own. */
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Run>;
  /** On the stack's own outputs, in this process: a start of it takes half a second of CPU. */
  admin(...args: string[]): Promise<Run>;
  /** What it prints with `--json`. */
  json(...args: string[]): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

export async function createAdminCommand(outputs: Outputs): Promise<AdminCommand> {
  const folder = await mkdtemp(join(tmpdir(), "admin-"));
  const file = join(folder, "outputs.json");
  await writeOutputs(outputs, file);

  function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const environment = { PATH: process.env["PATH"], HOME: folder, ...env };
    return new Promise<Run>((resolve) => {
      const command = ["bin/rollup-vault.cjs", "admin", ...args];
      const child = execFile(process.execPath, command, { env: environment }, (_, out, err) => {
        resolve({ code: child.exitCode ?? -1, out, err });
      });
      child.stdin?.end();
    });
  }

  async function admin(...args: string[]): Promise<Run> {
    let [out, err] = ["", ""];
    const code = await runAdmin(["admin", "--outputs", file, ...args], {
      write: (text) => {
        out += text;
      },
      fail: (text) => {
        err += text;
      },
      ask: undefined,
    });
    return { code, out, err };
  }

  return {
    folder,
    run,
    admin,
    json: async (...args) => {
      const { code, out, err } = await admin("--json", ...args);
      expect([code, err]).toEqual([0, ""]);
      return JSON.parse(out) as Record<string, unknown>;
    },
    close: async () => {
      await rm(folder, { recursive: true });
    },
  };
}
