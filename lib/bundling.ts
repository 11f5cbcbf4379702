/**
 * How every function is bundled. The SDK is in the bundle: pinned by the lock file, and loaded
 * several times faster than the runtime's copy.
 */
import { join } from "node:path";
import { type BundlingOptions, OutputFormat } from "aws-cdk-lib/aws-lambda-nodejs";
import type { ClientCredential } from "../lambda/client-authentication";

const ROOT = join(__dirname, "..");

export const LOCK_FILE = join(ROOT, "package-lock.json");

export function handlerFile(name: string): string {
  return join(ROOT, "lambda", "handlers", `${name}.ts`);
}

/** The options of esbuild, so that a test can build the same bundle and look into it. */
export const ESBUILD = {
  // The local run executes the same bundles on the developer's own Node.
  target: "node20",
  mainFields: ["module", "main"],
  // The SDK loads it for event streams, which none of the services here use: 15 KB.
  external: ["@smithy/core/event-streams"],
  // Lambda puts credentials into the environment: the default chain would add 130 KB.
  alias: {
    "@aws-sdk/credential-provider-node": join(ROOT, "lambda", "platform", "credential-provider.ts"),
    // For the SDK's shared configuration files, which Lambda does not have: one module and two
    // failing reads less.
    "node:fs/promises": join(ROOT, "lambda", "platform", "no-shared-config.ts"),
    // A cache for endpoint discovery, which is off: 5 KB less.
    "mnemonist/lru-cache": join(ROOT, "lambda", "platform", "lru-cache.ts"),
  },
};

/** Constants of the code (lambda/composition.ts): what is for another credential is left out. */
export function definesFor(credential: ClientCredential): Record<string, string> {
  return { BUNDLED_CREDENTIAL: JSON.stringify(credential) };
}

export function bundlingFor(credential: ClientCredential): BundlingOptions {
  return { ...BUNDLING, define: definesFor(credential) };
}

const BUNDLING: BundlingOptions = {
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
