/**
 * Every response that an integration test gets through the API is held to the contract, and what
 * it shows is kept for the end of the run.
 */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { type Check, createCheck, type Exchange } from "./check";
import { readContract } from "./document";

let check: Check | undefined;
const noted = new Set<string>();

/** @throws Error that says where response and contract disagree */
export function holdToContract(exchange: Exchange): void {
  check ??= createCheck(readContract());
  const { findings, seen } = check(exchange);
  if (findings.length > 0) {
    throw new Error(`not as docs/openapi.json says:\n${findings.join("\n")}`);
  }
  const news = seen.filter((promise) => !noted.has(promise));
  const folder = process.env["CONTRACT_SEEN"];
  if (folder !== undefined && news.length > 0) {
    news.forEach((promise) => noted.add(promise));
    appendFileSync(join(folder, String(process.pid)), `${news.join("\n")}\n`);
  }
}
