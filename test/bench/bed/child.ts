/** Processes of a chosen Node that report what they measured of themselves. */
import { spawn } from "node:child_process";

/** What a process wrote to its file descriptor 3, before it ended well. */
export async function report<T>(
  node: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<T> {
  const child = spawn(node, args, { env, stdio: ["ignore", "pipe", "pipe", "pipe"] });
  let said = "";
  let complained = "";
  child.stdio[3]?.on("data", (chunk: Buffer) => {
    said += chunk.toString("utf8");
  });
  // Its log lines say why it failed.
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      complained = (complained + chunk.toString("utf8")).slice(-2_000);
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject).once("close", resolve);
  });
  if (code !== 0) {
    throw new Error(`${args.join(" ")} ended with ${code}: ${complained}`);
  }
  return JSON.parse(said) as T;
}
