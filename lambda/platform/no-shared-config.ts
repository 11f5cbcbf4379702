/**
 * Replaces `node:fs/promises` in the bundles (lib/bundling.ts). Only the SDK uses it, to look for
 * `~/.aws/config` and `~/.aws/credentials`. Lambda has neither: each cold start would load a module
 * (one millisecond) and try to read two files. In the local run, too, the bundles do not read the
 * developer's own files.
 */
export function readFile(path: string): Promise<never> {
  const absent = new Error(`${path}: functions are configured by their environment alone`);
  return Promise.reject(Object.assign(absent, { code: "ENOENT" }));
}
