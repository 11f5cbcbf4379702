import { readdirSync, readFileSync } from "node:fs";

/** Linux only. Pids of processes whose ancestor is the given one. */
export function descendants(pid: number): number[] {
  const parents = readdirSync("/proc").flatMap((name) => {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      return [[Number(name), Number(stat.slice(stat.lastIndexOf(")") + 4).split(" ")[0])] as const];
    } catch {
      return [];
    }
  });
  const childrenOf = (parent: number): number[] =>
    parents
      .filter(([, ppid]) => ppid === parent)
      .flatMap(([child]) => [child, ...childrenOf(child)]);
  return childrenOf(pid);
}

function isAlive(pid: number): boolean {
  try {
    return !/^\S+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** Within five seconds. */
export async function allGone(pids: readonly number[]): Promise<boolean> {
  for (let attempt = 0; attempt < 100 && pids.some(isAlive); attempt += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return !pids.some(isAlive);
}
