/** `rollup-vault provider` in this process: real HTTP, a real file for the records, frozen time. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runProvider } from "../../bin/provider/main";
import { createRecords } from "../../bin/provider/records";
import type { IdpSettings } from "../../lambda/env";
import { createHttpClient } from "../../lambda/platform/http-client";
import type { RecordedProviders } from "../../lib/provider/recorded";
import { NOW } from "./tokens";

export interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export type ProviderDesk = ReturnType<typeof createProviderDesk>;

/** @param timeoutMs of each document; as much as a busy machine needs, unless time is the point */
export function createProviderDesk(timeoutMs = 20_000) {
  const folder = mkdtempSync(join(tmpdir(), "provider-"));
  const file = join(folder, "providers.json");
  writeFileSync(file, "{}\n");
  const stages = new Map<string, IdpSettings>();

  async function run(args: readonly string[], input = ""): Promise<Run> {
    let [out, err] = ["", ""];
    const code = await runProvider(["provider", ...args], {
      write: (text) => (out += text),
      fail: (text) => (err += text),
      read: () => Promise.resolve(input),
      http: createHttpClient(),
      clock: { now: () => NOW },
      timeoutMs,
      records: createRecords(file),
      settingsOf: (name) => {
        const settings = stages.get(name);
        if (settings === undefined) {
          throw new Error(`there is no stage "${name}"`);
        }
        return settings;
      },
    });
    return { code, out, err };
  }

  return {
    folder,
    run,
    stages,
    json: async (...args: string[]) => {
      const { code, out } = await run([...args, "--json"]);
      return { code, report: JSON.parse(out) };
    },
    recorded: () => readFileSync(file, "utf8"),
    records: () => JSON.parse(readFileSync(file, "utf8")) as RecordedProviders,
    close: () => {
      rmSync(folder, { recursive: true });
    },
  };
}
