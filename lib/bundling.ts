/**
 * How every function is bundled. The SDK is in the bundle: pinned by the lock file, and loaded
 * several times faster than the runtime's copy. One process of esbuild makes all bundles (decision
 * 0043).
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { App } from "aws-cdk-lib";
import { Code } from "aws-cdk-lib/aws-lambda";
import { build, type BuildOptions, type Plugin } from "esbuild";
import type { ClientCredential } from "../lambda/client-authentication";
import { addCodeCaches, type DeployedNode } from "./code-cache";

const ROOT = join(__dirname, "..");

/** The files of `lambda/handlers` that are functions; a stage deploys some of them. */
export const HANDLERS = [
  "users",
  "account",
  "refresh-token",
  "access-token",
  "access-token-rotating",
  "sessions",
  "health",
  "health-with-keys",
  "sweep",
  "recovery",
] as const;

export type HandlerName = (typeof HANDLERS)[number];

/** Loaded in four milliseconds: with a code cache it would take eight. */
const WITHOUT_CODE_CACHE: readonly HandlerName[] = ["health"];

export type CodeOf = (handler: HandlerName) => Code;

export interface BundleChoices {
  readonly credential: ClientCredential;
  /** Absent: no code caches. */
  readonly node?: DeployedNode | undefined;
}

/**
 * Bundles all handlers beside the app's assembly, and removes the bundles when `use` is done: by
 * then the CDK has its copies.
 * @throws Error where esbuild does; it has printed why
 */
export async function withBundles(
  app: Pick<App, "outdir">,
  { credential, node }: BundleChoices,
  use: (codeOf: CodeOf) => void,
): Promise<void> {
  const outdir = mkdtempSync(join(app.outdir, "bundles-"));
  const folderOf = (handler: HandlerName) => join(outdir, handler);
  try {
    await build({ ...bundleOptions(credential, HANDLERS), outdir });
    const cached = HANDLERS.filter((handler) => !WITHOUT_CODE_CACHE.includes(handler));
    const madeOf = node && (await addCodeCaches(cached.map(folderOf), node, outdir));
    use((handler) => {
      const assetHash = madeOf?.get(folderOf(handler));
      return Code.fromAsset(folderOf(handler), assetHash === undefined ? {} : { assetHash });
    });
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

/**
 * The options of esbuild, so that a test can build the same bundle and look into it: `index.js` in
 * a folder for each handler.
 */
export function bundleOptions(
  credential: ClientCredential,
  handlers: readonly HandlerName[],
): BuildOptions & { readonly plugins: Plugin[] } {
  return {
    absWorkingDir: ROOT,
    entryPoints: handlers.map((handler) => ({
      in: join(ROOT, "lambda", "handlers", `${handler}.ts`),
      out: join(handler, "index"),
    })),
    bundle: true,
    minify: true,
    platform: "node",
    // The local run executes the same bundles on the developer's own Node.
    target: "node20",
    // CommonJS: an ES module's import of node:http costs ten times its require (nodejs/node
    // #59686).
    format: "cjs",
    mainFields: ["module", "main"],
    // Constants of the code (lambda/composition.ts): what is for another credential is left out.
    define: { BUNDLED_CREDENTIAL: JSON.stringify(credential) },
    // The SDK loads it for event streams, which none of the services here use: 15 KB.
    external: ["@smithy/core/event-streams"],
    alias: {
      // Lambda puts credentials into the environment: the default chain would add 130 KB.
      "@aws-sdk/credential-provider-node": platformFile("credential-provider"),
      // For the SDK's shared configuration files, which Lambda does not have: one module and two
      // failing reads less.
      "node:fs/promises": platformFile("no-shared-config"),
      // A cache for endpoint discovery, which is off: 5 KB less.
      "mnemonist/lru-cache": platformFile("lru-cache"),
    },
    plugins: [VERSIONS_ALONE, WITHOUT_WHAT_NEVER_RUNS],
  };
}

function platformFile(name: string): string {
  return join(ROOT, "lambda", "platform", `${name}.ts`);
}

/** Of its own package.json a client of the SDK reads the version, for the user agent: 2 KB less. */
const VERSIONS_ALONE: Plugin = {
  name: "versions alone",
  setup: (building) => {
    building.onLoad({ filter: /[\\/]@aws-sdk[\\/]client-[\w-]+[\\/]package\.json$/ }, (file) => {
      const { version } = JSON.parse(readFileSync(file.path, "utf8")) as { version: string };
      return { contents: JSON.stringify({ version }), loader: "json" };
    });
  },
};

const SMITHY = "@smithy/core/dist-es/submodules";
const AWS = "@aws-sdk/core/dist-es/submodules";

/** By the end of a file's path: what stands in for it in a bundle. */
export const NEVER_RUNS: Readonly<Record<string, string>> = {
  // SHA-256 in JavaScript, for a Node that was built without OpenSSL.
  [`${SMITHY}/checksum/sha256/Sha256Js.js`]: "export const Sha256Js = null;",
  // Looks for `globalThis.crypto`, for which Node then loads all of Web Crypto.
  [`${SMITHY}/serde/uuid/v4.js`]: `
    import { randomUUID } from "node:crypto";
    export const bindV4 = () => () => randomUUID();
  `,
  // Asks an EC2 instance for its region: Lambda puts it into the environment.
  [`${SMITHY}/config/config-resolver/regionConfig/getInstanceMetadataRegion.js`]:
    "export const getInstanceMetadataRegion = () => Promise.resolve(undefined);",
  // Filters input and output of each call for a logger, and drops them where there is none: a tenth
  // of the CPU time of a request (docs/decisions/0055-calls-without-a-logger.md).
  [`${AWS}/client/middleware-logger/loggerMiddleware.js`]: `
    export const loggerMiddleware = undefined;
    export const loggerMiddlewareOptions = undefined;
    export const getLoggerPlugin = () => ({ applyToStack: () => {} });
  `,
};

/** What the SDK has for other places than Lambda or for nobody, and loads everywhere: 7 KB less. */
const WITHOUT_WHAT_NEVER_RUNS: Plugin = {
  name: "without what never runs",
  setup: (building) => {
    building.onLoad({ filter: /[\\/]@(?:smithy|aws-sdk)[\\/]core[\\/].+\.js$/ }, ({ path }) => {
      const posix = path.replaceAll("\\", "/");
      const [, contents] = Object.entries(NEVER_RUNS).find(([end]) => posix.endsWith(end)) ?? [];
      return contents === undefined ? undefined : { contents, loader: "js" };
    });
  },
};
