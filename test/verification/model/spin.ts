/**
 * One search: Spin generates a checker from the model, gcc compiles it, and its output must be
 * complete.
 */
import { execFile } from "node:child_process";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { ModelCase } from "./cases";

export interface Search {
  readonly verdict: "holds" | "violated" | "truncated";
  readonly states: number;
  readonly depth: number;
  readonly seconds: number;
  /** For a violation: the assertion, and the model's variables at that point. */
  readonly assertion?: string;
  readonly state?: string;
}

const run = promisify(execFile);
const MODEL = join(__dirname, "../../../docs/model/refresh.pml");
const DEPTH = 1_000_000;
const MEMORY_MB = 6_000;
const TIMEOUT_MS = 60 * 60_000;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** Messages of an incomplete search, regardless of its count of errors. */
const TRUNCATED = /max search depth too small|out of memory|memory limit|reached -DMEMLIM/i;

/** @throws Error if spin or gcc fails, or the output is not understood */
export async function search(model: ModelCase): Promise<Search> {
  const folder = await mkdtemp(join(tmpdir(), "model-"));
  try {
    await copyFile(MODEL, join(folder, "refresh.pml"));
    const defines = model.defines.map((each) => `-D${each}`);
    await run("spin", ["-a", ...defines, "refresh.pml"], { cwd: folder });
    const limit = `-DMEMLIM=${model.memoryMb ?? MEMORY_MB}`;
    const flags = ["-O1", "-w", "-DSAFETY", "-DCOLLAPSE", "-DVECTORSZ=2048", limit];
    await run("gcc", [...flags, "-o", "pan", "pan.c"], { cwd: folder });
    const started = Date.now();
    const output = await panOutput(folder, model.depth ?? DEPTH);
    const found = { ...readPan(output), seconds: (Date.now() - started) / 1000 };
    return found.verdict === "violated"
      ? { ...found, state: await stateAtEnd(folder, defines) }
      : found;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Out of memory, the checker exits with an error; `readPan` reports it. */
async function panOutput(folder: string, depth: number): Promise<string> {
  const args = [`-m${String(depth)}`, "-n", "-w22"];
  const options = { cwd: folder, timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES };
  try {
    return (await run("./pan", args, options)).stdout;
  } catch (error) {
    const { stdout = "", killed = false } = error as { stdout?: string; killed?: boolean };
    return killed ? `${stdout}\nout of memory or time` : stdout;
  }
}

/** @throws Error if the output has no verdict */
export function readPan(output: string): Omit<Search, "seconds"> {
  const errors = /errors: (\d+)/.exec(output)?.[1];
  const states = Number(/([\d.e+]+) states, stored/.exec(output)?.[1] ?? 0);
  const depth = Number(/depth reached (\d+)/.exec(output)?.[1] ?? 0);
  const assertion = /^pan:1: (.*?) \(at depth/m.exec(output)?.[1];
  if (assertion !== undefined && errors !== undefined && errors !== "0") {
    return { verdict: "violated", states, depth, assertion };
  }
  if (TRUNCATED.test(output)) {
    return { verdict: "truncated", states, depth };
  }
  const isWhole = output.includes("Full statespace search") && !output.includes("not completed");
  if (errors !== "0" || !isWhole) {
    throw new Error(`pan's output is not understood:\n${output.slice(0, 2_000)}`);
  }
  return { verdict: "holds", states, depth };
}

/** The variables that have changed when the assertion fails. */
async function stateAtEnd(folder: string, defines: readonly string[]): Promise<string> {
  const args = ["-t", "-g", ...defines, "refresh.pml"];
  const { stdout } = await run("spin", args, { cwd: folder }).catch((error: unknown) => ({
    stdout: (error as { stdout?: string }).stdout ?? "",
  }));
  const end = stdout.slice(stdout.lastIndexOf("#processes"));
  const values = end.matchAll(/^\s+(\w+(?:\[\d+\])?) = (\d+)$/gm);
  return [...values].map(([, name = "", value = ""]) => `${name}=${value}`).join(" ");
}
