/**
 * Stands in for `node:fs/promises` in the bundles (lib/bundling.ts). The SDK alone uses it there,
 * to look for `~/.aws/config` and `~/.aws/credentials`. Lambda has neither, so each cold start
 * would load a module (one millisecond) and ask for two files only to find nothing. In the local
 * run the same bundles do not read the developer's own files either.
 */
export function readFile(path: string): Promise<never> {
  const absent = new Error(`${path}: functions are configured by their environment alone`);
  return Promise.reject(Object.assign(absent, { code: "ENOENT" }));
}
