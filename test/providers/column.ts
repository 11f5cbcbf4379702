/** A provider's column of the table: its steps as tests, and what they have seen. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "../integration/other-providers";
import type { Step } from "./journey";
import { isPrepared, type Source } from "./prepared";
import type { Place, RealProvider } from "./provider";
import { type Proxy, startProxy } from "./proxy";
import { type Column, type StepResult, writeColumn } from "./results";
import { startVault, type Vault } from "./vault";

/** On a machine that is busy with other things. */
const STEP_TIMEOUT_MS = 600_000;
/** Set by main.ts. */
const isLong = process.env["PROVIDERS_LONG"] === "true";

export interface ColumnOf<P extends RealProvider> {
  readonly source: Source;
  /** @default the source's */
  readonly title?: string;
  readonly start: (place: Place) => Promise<P>;
  /** Settings that an owner writes beside the printed block. */
  readonly overrides?: Parameters<typeof startVault>[1];
  readonly table: Column["table"];
  readonly steps: readonly Step<P>[];
  /** Only with `--long`. */
  readonly isLong?: true;
}

/** Skipped, and counted as skipped, where the provider is not on this machine. */
export function describeColumn<P extends RealProvider>(column: ColumnOf<P>): void {
  const { source, title = source.title, table } = column;
  const isThere = isPrepared(source);
  const played = column.steps.filter((step) => isLong || (step.isLong ?? column.isLong) !== true);
  const results = new Map<string, StepResult>(
    played.map((step) => [step.title, { result: isThere ? "failed" : "skipped" }]),
  );
  if (played.length === 0) {
    return;
  }
  const write = () => {
    const steps = Object.fromEntries(results);
    writeColumn({ title, version: source.version, table, steps });
  };
  if (!isThere) {
    write();
  }
  (isThere ? describe : describe.skip)(`${title} ${source.version}`, () => {
    let world: World<P> | undefined;
    beforeAll(async () => {
      world = await startWorld(column);
    }, STEP_TIMEOUT_MS);
    afterAll(async () => {
      write();
      await world?.close();
    }, STEP_TIMEOUT_MS);
    test.each(played)(
      "$title",
      async (step) => {
        const seen = await step.play(world!.vault, world!.provider);
        results.set(step.title, { result: "passed", seen });
      },
      STEP_TIMEOUT_MS,
    );
  });
}

interface World<P> {
  readonly vault: Vault;
  readonly provider: P;
  close(): Promise<void>;
}

async function startWorld<P extends RealProvider>(column: ColumnOf<P>): Promise<World<P>> {
  const folder = await mkdtemp(join(tmpdir(), "rollup-vault-provider-"));
  const closing: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const each of closing.splice(0).reverse()) {
      await each();
    }
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const [port = 0, apiPort = 0] = await freePorts(2);
    const proxy: Proxy = await startProxy(port);
    closing.push(proxy.close);
    const redirectUri = `http://127.0.0.1:${apiPort}/callback`;
    const provider = await column.start({ proxy, port, folder, redirectUri });
    closing.push(provider.close);
    const vault = await startVault(provider, column.overrides);
    closing.push(vault.close);
    return { vault, provider, close };
  } catch (error) {
    await close();
    throw error;
  }
}
