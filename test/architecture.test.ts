/** Dependencies point one way: handlers → http, auth, use cases, adapters → ports → model. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Import, importsIn, importsOf, ROOT, sourcesIn } from "./support/imports";

interface Layer {
  readonly files: RegExp;
  /** Besides the layer's own files, and `node:` modules. */
  readonly may: readonly RegExp[];
  /** May be imported as types only. */
  readonly types?: readonly RegExp[];
}

const FACTS = /^lambda\/(?:client-authentication|facts|scopes)$/;
const NOUNS = /^lambda\/(?:client-authentication|model|errors|cutoff|facts|issuer|scopes)$/;
/** The nouns of a grant, and what may become of it. */
const GRANT = /^lambda\/grant\//;
/** What may be done with a row, for showing it. */
const PHASE = /^lambda\/grant\/phase$/;
const PORTS = /^lambda\/ports\//;
const PLATFORM = /^lambda\/platform\//;
const COMPOSITION = /^lambda\/composition$/;
const ENV = /^lambda\/env$/;
const LIMITS = /^lambda\/limits$/;
/** Keys and attribute names, for adapters and for role policies. */
const STORE_NAMES = /^lambda\/store\/(?:control-keys|lasting-attributes|written-attributes)$/;
const TIME_LIMITS = /^lambda\/(?:deadlines|time-limits)$/;
const NUMBERS = /^lambda\/numbers$/;
/** Of the clients: their time limits, and what counts their calls. */
const SDK_DEFAULTS = /^lambda\/platform\/(?:meter|sdk)$/;
const VALIBOT = /^valibot$/;

const LAYERS: readonly Layer[] = [
  {
    files:
      /^lambda\/(?:client-authentication|deadlines|facts|limits|numbers|scopes|time-limits)\.ts$/,
    may: [],
  },
  { files: /^lambda\/(?:errors|model)\.ts$/, may: [], types: [FACTS] },
  // Pure: no port, no adapter, no environment.
  {
    files: /^lambda\/grant\//,
    may: [/^lambda\/(?:cutoff|scopes)$/],
    types: [/^lambda\/(?:errors|facts|model)$/],
  },
  { files: /^lambda\/store\/(?:control-keys|lasting-attributes|written-attributes)\.ts$/, may: [] },
  { files: /^lambda\/cutoff\.ts$/, may: [/^lambda\/errors$/], types: [/^lambda\/model$/] },
  { files: /^lambda\/issuer\.ts$/, may: [], types: [ENV] },
  { files: /^lambda\/env\.ts$/, may: [], types: [FACTS, LIMITS, TIME_LIMITS] },
  { files: /^lambda\/ports\//, may: [], types: [/^lambda\/(?:errors|facts|model|scopes)$/, GRANT] },
  {
    files: /^lambda\/platform\/credential-provider\.ts$/,
    may: [/^@aws-sdk\/credential-provider-env$/],
  },
  { files: /^lambda\/platform\/(?:lru-cache|no-shared-config|sdk)\.ts$/, may: [] },
  { files: /^lambda\/platform\//, may: [NOUNS, PORTS, VALIBOT] },
  { files: /^lambda\/http\//, may: [NOUNS, PORTS, VALIBOT, NUMBERS, PHASE], types: [GRANT] },
  { files: /^lambda\/use-cases\//, may: [NOUNS, PORTS, TIME_LIMITS, GRANT, /^lambda\/refresh\//] },
  { files: /^lambda\/refresh\//, may: [NOUNS, PORTS, TIME_LIMITS, GRANT] },
  { files: /^lambda\/code-cache\//, may: [PLATFORM, ENV] },
  {
    files: /^lambda\/auth\//,
    may: [NOUNS, PORTS, VALIBOT, /^aws-jwt-verify(?:\/|$)/],
    types: [ENV],
  },
  {
    files: /^lambda\/store\//,
    may: [NOUNS, PORTS, VALIBOT, SDK_DEFAULTS, NUMBERS, /^@aws-sdk\/(?:client|lib)-dynamodb$/],
    types: [GRANT],
  },
  {
    files: /^lambda\/queue\//,
    may: [NOUNS, PORTS, VALIBOT, SDK_DEFAULTS, /^@aws-sdk\/client-sqs$/],
  },
  {
    files: /^lambda\/kms\//,
    may: [NOUNS, PORTS, SDK_DEFAULTS, /^@aws-sdk\/client-kms$/],
    types: [ENV],
  },
  {
    files: /^lambda\/idp\/client-secret\.ts$/,
    may: [
      NOUNS,
      PORTS,
      SDK_DEFAULTS,
      /^lambda\/idp\/client-secret-text$/,
      /^@aws-sdk\/client-secrets-manager$/,
    ],
  },
  { files: /^lambda\/idp\//, may: [NOUNS, PORTS, VALIBOT, TIME_LIMITS], types: [ENV] },
  {
    files: /^lambda\/composition\.ts$/,
    may: [
      /^lambda\/(?:auth|grant|http|idp|kms|queue|refresh|store|use-cases)\//,
      FACTS,
      PORTS,
      PLATFORM,
      TIME_LIMITS,
    ],
    types: [ENV],
  },
  {
    files: /^lambda\/handlers\//,
    may: [
      COMPOSITION,
      /^lambda\/(?:auth|grant|http|idp|kms|queue|refresh|store|use-cases)\//,
      NOUNS,
      PORTS,
      PLATFORM,
      ENV,
      LIMITS,
      TIME_LIMITS,
    ],
  },
  {
    files: /^bin\/admin\//,
    may: [
      COMPOSITION,
      /^lambda\/(?:grant|store|use-cases)\//,
      // What a scope opens at the provider.
      /^lib\/provider\/(?:preset|propose|resolve)$/,
      NOUNS,
      PORTS,
      PLATFORM,
      VALIBOT,
      /^(?:bin\/(?:browser-files|terminal)|commander|find-my-way)$/,
    ],
    types: [ENV, /^lambda\/refresh\//],
  },
  {
    files: /^bin\/provider\//,
    may: [
      /^lambda\/(?:auth|idp)\//,
      NOUNS,
      PORTS,
      PLATFORM,
      /^lib\//,
      // A deployment's outputs are read in one place.
      /^bin\/admin\/target$/,
      /^bin\/terminal$/,
      /^commander$/,
      /^prettier\//,
    ],
    types: [ENV],
  },
  {
    files: /^bin\/doctor\//,
    may: [
      PLATFORM,
      /^lib\//,
      // A deployment's outputs are read in one place.
      /^bin\/admin\/target$/,
      /^(?:@aws-sdk\/client-dynamodb|aws4fetch|commander)$/,
    ],
    types: [PORTS],
  },
  // From outside, as a client would; at a provider as the local run does.
  {
    files: /^bin\/smoke\//,
    may: [
      FACTS,
      VALIBOT,
      PLATFORM,
      /^lib\/provider\/(?:discovery|provider-error)$/,
      /^local\/(?:code-sign-in|local-run-error|outputs|rollup-id-tokens)$/,
      /^@rollup-vault\/api-contract\/check\/(?:check|document)$/,
      /^bin\/terminal$/,
      /^(?:aws4fetch|commander)$/,
    ],
    types: [ENV],
  },
  // A key is usable if the verifier says so.
  {
    files: /^lib\/provider\/discovery\.ts$/,
    may: [FACTS, VALIBOT, PORTS, /^lambda\/auth\/jwk$/, /^lib\//],
  },
  // All functions are bundled in one process.
  {
    files: /^lib\/(?:bundling|code-cache)\.ts$/,
    may: [FACTS, /^(?:lambda\/code-cache\/format|lib\/code-cache|esbuild|aws-cdk-lib.*)$/],
    types: [ENV, /^lib\/stage$/],
  },
  // Alarms and widgets are named by what functions write into their lines: types only.
  {
    files: /^lib\/monitoring\//,
    may: [/^lib\//, /^(?:aws-cdk-lib|cdk-monitoring-constructs|constructs)(?:\/|$)/],
    types: [PORTS, /^lambda\/(?:errors|http\/outcome)$/],
  },
  {
    files: /^lib\//,
    may: [FACTS, VALIBOT, LIMITS, TIME_LIMITS, STORE_NAMES, /^(?:aws-cdk-lib|constructs)(?:\/|$)/],
    types: [ENV],
  },
  // Reads files, and knows neither stacks nor AWS.
  { files: /^bin\/adopt\//, may: [/^bin\/admin\/(?:act|admin-error)$/, /^commander$/] },
  // An app of the developer's own: files, and nothing of the product.
  { files: /^bin\/create\//, may: [/^local\/writable$/] },
  {
    files: /^bin\/rollup-vault\.cjs$/,
    may: [
      /^tsx\/cjs$/,
      /^bin\/check-node\.cjs$/,
      /^bin\/(?:admin|adopt|create|doctor|provider)\/main\.ts$/,
    ],
  },
  { files: /^bin\/check-node\.cjs$/, may: [/^package\.json$/] },
  { files: /^bin\/browser-files\.ts$/, may: [/^esbuild$/, /^@rollup-vault\/(?:console|page)\//] },
  { files: /^bin\/[^/]+$/, may: [/^lib\//, /^(?:aws-cdk-lib|cdk-nag)$/] },
  // What is published has no dependency at all, but for the entry for React.
  {
    files: /^packages\/client\/src\/react\.ts$/,
    may: [/^react$/, /^packages\/client\/src\/(?:events|types|vault-client|wire)\.js$/],
  },
  { files: /^packages\/client\/src\//, may: [] },
  // As an app's: the client package, and nothing behind it. The operator's pages look like it.
  { files: /^packages\/page\/src\//, may: [/^rollup-vault-client(?:\/(?:account|fetch))?$/] },
  { files: /^packages\/console\/src\//, may: [/^@rollup-vault\/page\/(?:dom|page-top)$/] },
  // What stands in for AWS and for the provider shares no code with what is run on it.
  {
    files: /^packages\/local-aws\/src\//,
    may: [
      /^@aws-sdk\/client-(?:dynamodb|kms|secrets-manager|sqs)$/,
      /^(?:@smithy\/signature-v4|dynalite|find-my-way|level|valibot)$/,
      /^@dynoxide\/linux-x64\/dynoxide$/,
    ],
    types: [/^aws-lambda$/],
  },
  {
    files: /^packages\/local-rollup-id\/src\//,
    may: [/^@rollup-vault\/local-aws\/aws\/durable-file$/, /^(?:jose|valibot)$/],
  },
  {
    files: /^packages\/local-oidc\/src\//,
    may: [
      /^@rollup-vault\/local-aws\/aws\/durable-file$/,
      /^@rollup-vault\/local-rollup-id\/(?:cors|fault-config|http-bodies|listen|observe)$/,
      /^@rollup-vault\/local-rollup-id\/(?:sign-in-page|token-faults)$/,
      /^(?:jose|oidc-provider|tsx|valibot)$/,
    ],
  },
  { files: /^packages\/api-contract\/src\/check\//, may: [/^(?:ajv|ajv-formats|tsx)(?:\/|$)/] },
  {
    files: /^packages\/api-contract\/src\//,
    may: [FACTS, LIMITS],
  },
  {
    files: /^local\//,
    may: [
      /^@rollup-vault\/local-(?:aws|oidc|rollup-id)\//,
      /^bin\/browser-files$/,
      // At the desk: what a provider says of itself; and the operator's screen.
      /^(?:lib\/(?:provider\/|safe-url$)|bin\/admin\/(?:operator|target|ui\/serve)$)/,
      /^lambda\/(?:client-authentication|platform\/http-client)$/,
      /^(?:@aws-sdk\/(?:client|lib)-dynamodb|esbuild|marked|valibot)$/,
    ],
    types: [ENV, /^(?:@rollup-vault\/console\/.+|lib\/stages\/local|lambda\/ports\/http-client)$/],
  },
  // The explorer runs the product's code on a world of its own.
  {
    files: /^test\/verification\/explore\//,
    may: [NOUNS, PORTS, GRANT, /^lambda\/(?:refresh|use-cases)\//],
  },
  // The others run it as it is deployed, and look into what it has stored.
  {
    files: /^test\/verification\//,
    may: [
      NOUNS,
      PORTS,
      /^lambda\/(?:env|kms\/(?:binding|kms-opener)|store\/grant-store)$/,
      /^lambda\/grant\/grant$/,
      /^local\/(?:outputs|stack)$/,
      /^test\/support\/(?:imports|seeded)$/,
      /^@rollup-vault\/local-(?:aws|rollup-id)\//,
      /^@aws-sdk\/(?:client|lib)-/,
      /^jose$/,
      /^jest\.config\.cjs$/,
      /^jest(?:-environment-node)?$/,
      /^esbuild$/,
      /^(?:@stryker-mutator\/(?:api|core)|@dynoxide\/linux-x64|oidc-provider)(?:\/|$)/,
    ],
  },
];

/** Names of what a file imports although its layer may not. */
function violations(path: string, imports: readonly Import[]): string[] {
  const layer = LAYERS.find(({ files }) => files.test(path));
  if (layer === undefined) {
    return ["a place that has no rule"];
  }
  const { files, may, types = [] } = layer;
  const isOwn = (name: string) => files.test(`${name}.ts`) && files.source.endsWith("\\/");
  return imports
    .filter(({ name }) => !name.startsWith("node:") && !isOwn(name))
    .filter(
      ({ name, isType }) => ![...may, ...(isType ? types : [])].some((rule) => rule.test(name)),
    )
    .map(({ name }) => name);
}

const PACKAGES = readdirSync(join(ROOT, "packages")).map((name) => `packages/${name}/src`);
const sources = sourcesIn("lambda", "lib", "bin", "local", ...PACKAGES, "test/verification");

test.each(sources)("%s imports only what its layer may", (path) => {
  expect(violations(path, importsOf(path))).toEqual([]);
});

test.each([
  ["lambda/model.ts", 'import { readFileSync } from "./env";'],
  ["lambda/store/written-attributes.ts", 'import { SWITCH_KEY } from "./control-keys";'],
  ["lib/x.ts", 'import { createGrantStore } from "../lambda/store/grant-store";'],
  ["lambda/errors.ts", 'import type { User } from "./model";'],
  ["lambda/ports/stores.ts", 'import { evidenceOf } from "../model";'],
  ["lambda/http/x.ts", 'import { readEnvironment } from "../env";'],
  ["lambda/use-cases/x.ts", 'import { createGrantStore } from "../store/grant-store";'],
  ["lambda/grant/x.ts", 'import type { GrantStore } from "../ports";'],
  ["lambda/refresh/x.ts", 'import { createDisconnect } from "../use-cases/disconnect";'],
  ["lambda/store/x.ts", 'import { takeLease } from "../grant/transitions";'],
  ["lambda/use-cases/x.ts", 'export * from "@aws-sdk/client-kms";'],
  ["lambda/auth/x.ts", 'import { readEnvironment, type IdpSettings } from "../env";'],
  ["lambda/auth/x.ts", 'const http = await import("../platform/http-client");'],
  ["lambda/store/x.ts", 'import { KMSClient } from "@aws-sdk/client-kms";'],
  ["lambda/queue/x.ts", 'import { KMSClient } from "@aws-sdk/client-kms";'],
  ["lambda/idp/token-endpoint.ts", 'import "@aws-sdk/client-secrets-manager";'],
  ["lambda/handlers/x.ts", 'import { startStack } from "../../local/stack";'],
  ["lambda/handlers/x.ts", 'const stage = require("../../lib/stage");'],
  ["lib/x.ts", 'import { readEnvironment } from "../lambda/env";'],
  ["lib/provider/x.ts", 'import { readKeySet } from "../../lambda/auth/jwk";'],
  ["bin/provider/x.ts", 'import { createBase } from "../../lambda/composition";'],
  ["local/x.ts", 'import { seal } from "../lambda/kms/envelope";'],
  ["packages/page/src/x.ts", 'import { subjectOf } from "@rollup-vault/local-rollup-id/people";'],
  ["lambda/new-layer/x.ts", ""],
])("a file %s with %s would be found", (path, text) => {
  expect(violations(path, importsIn(text, path))).not.toEqual([]);
});

test("no file imports itself by way of others", () => {
  const graph = sources.map((path): [string, string[]] => [
    path.replace(/\.[cm]?[jt]s$/, ""),
    importsOf(path).map(({ name }) => name),
  ]);
  expect(cycleIn(Object.fromEntries(graph))).toBeUndefined();
  expect(cycleIn({ a: ["b"], b: ["c"], c: ["b"] })).toEqual(["a", "b", "c", "b"]);
});

type Graph = Readonly<Record<string, readonly string[]>>;

/** The way into the first cycle and once around it. */
function cycleIn(graph: Graph): readonly string[] | undefined {
  const done = new Set<string>();
  const walk = (name: string, trail: readonly string[]): readonly string[] | undefined => {
    if (trail.includes(name)) {
      return [...trail, name];
    }
    if (!done.has(name)) {
      done.add(name);
      return firstOf(graph[name] ?? [], (next) => walk(next, [...trail, name]));
    }
    return undefined;
  };
  return firstOf(Object.keys(graph), (name) => walk(name, []));
}

function firstOf<T, U>(items: readonly T[], find: (item: T) => U | undefined): U | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

test("process.env is read in lambda/env.ts alone, and the global fetch nowhere", () => {
  const lambda = sourcesIn("lambda").map((path) => [path, readFileSync(join(ROOT, path), "utf8")]);
  const having = (pattern: RegExp) =>
    lambda.filter(([, text = ""]) => pattern.test(text)).map(([path]) => path);
  expect(having(/process\.env|process\["env"\]/)).toEqual(["lambda/env.ts"]);
  expect(having(/\bfetch\(/)).toEqual([]);
});

/** A name has one home, so that "go to definition" and a search agree. A package's entry has to. */
const REEXPORT = /^export (?:type )?(?:\*|\{(?! \w+ as default))/m;

test("files stay short, have no default export and are no barrels", () => {
  const written = sources.filter(
    (path) => path !== "packages/client/src/api-types.ts" && !/\.config\.[cm]js$/.test(path),
  );
  const wrong = written.filter((path) => {
    const text = readFileSync(join(ROOT, path), "utf8");
    return (
      text.split("\n").length > 400 ||
      /^export default/m.test(text) ||
      (REEXPORT.test(text) && !/^(?:packages|local)\//.test(path)) ||
      /(?:^|\/)index\.[jt]s$/.test(path)
    );
  });
  expect(wrong).toEqual([]);
});
