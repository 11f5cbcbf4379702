/**
 * How every function is bundled. The SDK is in the bundle: pinned by the lock file, and several
 * times faster to load than the runtime's copy.
 */
import { join } from "node:path";
import { type BundlingOptions, OutputFormat } from "aws-cdk-lib/aws-lambda-nodejs";

const ROOT = join(__dirname, "..");

export const LOCK_FILE = join(ROOT, "package-lock.json");

export function handlerFile(name: string): string {
  return join(ROOT, "lambda", "handlers", `${name}.ts`);
}

/**
 * What esbuild is told, in its own words, so that a test can build the very same bundle and look
 * into it.
 */
export const ESBUILD = {
  // The local run executes the very same bundle on the developer's own Node.
  target: "node20",
  mainFields: ["module", "main"],
  // Loaded by the SDK on the first event stream of a service, and none of ours has one: 15 KB.
  external: ["@smithy/core/event-streams"],
  // Lambda puts credentials into the environment: the default chain would be 130 KB for nothing.
  alias: {
    "@aws-sdk/credential-provider-node": join(ROOT, "lambda", "platform", "credential-provider.ts"),
    // For the SDK's shared configuration files, which Lambda has not: a module and two failing
    // reads.
    "node:fs/promises": join(ROOT, "lambda", "platform", "no-shared-config.ts"),
    // A cache for endpoint discovery, which nobody switches on: 5 KB.
    "mnemonist/lru-cache": join(ROOT, "lambda", "platform", "lru-cache.ts"),
  },
};

export const BUNDLING: BundlingOptions = {
  minify: true,
  // CommonJS: an ES module's import of node:http costs ten times its require (nodejs/node #59686).
  format: OutputFormat.CJS,
  target: ESBUILD.target,
  mainFields: ESBUILD.mainFields,
  bundleAwsSDK: true,
  externalModules: ESBUILD.external,
  esbuildArgs: Object.fromEntries(
    Object.entries(ESBUILD.alias).map(([name, file]) => [`--alias:${name}`, file]),
  ),
};
