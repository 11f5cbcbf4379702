/** The bundles of the peers: what a team gets that bundles its SDK, as this project does. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { bundleOptions } from "../../../lib/bundling";
import { PEERS } from "../nodes";

export const PEER_NAMES = ["floor", "typical"] as const;

export type PeerName = (typeof PEER_NAMES)[number];

/** Files of `peers/floor` and `peers/typical`, by the label of the function that they replace. */
const PEER_FILES: Readonly<Record<string, string>> = {
  Users: "users",
  AccessToken: "access-token",
  RefreshToken: "refresh-token",
  Sessions: "sessions",
  Account: "account",
  Health: "health",
  Sweep: "sweep",
};

export async function bundlePeers(outdir: string): Promise<void> {
  // As ours are made; what is left out of ours stays in theirs.
  const { bundle, minify, platform, target, format, mainFields } = bundleOptions("secret", []);
  await build({
    entryPoints: PEER_NAMES.flatMap((peer) =>
      Object.values(PEER_FILES).map((file) => ({
        in: join(PEERS, peer, `${file}.mjs`),
        out: join(peer, file, "index"),
      })),
    ),
    outdir,
    bundle,
    minify,
    platform,
    target,
    format,
    mainFields,
    logLevel: "error",
  });
}

export function peerFolder(outdir: string, peer: PeerName, label: string): string {
  return join(outdir, peer, PEER_FILES[label] ?? "");
}

/** Of the code. What a compiler has left beside it is no code. */
export function bundleBytes(folder: string): number {
  const files = readdirSync(folder).filter((name) => /\.[cm]?js$/.test(name));
  return files.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}
