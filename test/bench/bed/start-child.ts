/**
 * One start of the local run, as `npm start` makes it, until it is ready. Reports to file
 * descriptor 3. Argument: folder of the data and of earlier assemblies, and the ports.
 */
import { readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { startStack } from "../../../local/stack";
import { LIMITS_TO_TRY } from "../../../local/stack-options";

export interface StartTask {
  readonly folder: string;
  readonly ports: { readonly api: number; readonly issuer: number; readonly page: number };
}

export interface StartReport {
  /** From the start of the process. */
  readonly wallS: number;
  /** Of this process and of the children that have ended; absent where the system does not say. */
  readonly cpuS?: number;
}

/** Linux counts in hundredths of a second; proc(5), `stat`: utime, stime, cutime, cstime. */
function cpuSeconds(): number | undefined {
  try {
    const text = readFileSync("/proc/self/stat", "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0) / 100;
  } catch {
    return undefined;
  }
}

async function main(): Promise<void> {
  const { folder, ports } = JSON.parse(process.argv[2] ?? "") as StartTask;
  const stack = await startStack({
    port: ports.api,
    issuerPort: ports.issuer,
    page: { port: ports.page, orAnyOther: true },
    dataFolder: join(folder, "data"),
    assemblies: join(folder, "assemblies"),
    limits: LIMITS_TO_TRY,
  });
  const cpuS = cpuSeconds();
  const told: StartReport = {
    wallS: performance.now() / 1000,
    ...(cpuS !== undefined && { cpuS }),
  };
  await stack.close();
  writeSync(3, JSON.stringify(told));
}

main().then(
  () => process.exit(),
  (error: unknown) => {
    process.stderr.write(`${String(error instanceof Error ? error.stack : error)}\n`);
    process.exit(1);
  },
);
