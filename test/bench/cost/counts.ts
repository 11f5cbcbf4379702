/** Reads and writes what `counts.integration.ts` has counted. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Counts, Prices } from "./bill";

const COUNTS = join(__dirname, "counts.json");

interface PriceFile {
  readonly date: string;
  readonly region: string;
  readonly note: string;
  readonly items: Prices;
}

export function readCounts(): Counts {
  return JSON.parse(readFileSync(COUNTS, "utf8")) as Counts;
}

export function writeCounts(counts: Counts): void {
  writeFileSync(COUNTS, `${JSON.stringify(counts, undefined, 2)}\n`);
}

export function readPrices(): PriceFile {
  return JSON.parse(readFileSync(join(__dirname, "prices.json"), "utf8")) as PriceFile;
}
