/**
 * The bundles that would be deployed: what is in them, how much of it, and that they read what
 * they are given and serve what leads to them.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import {
  type Assembly,
  readAssembly,
  type Resource,
} from "@rollup-vault/local-aws/template/assembly";
import { build, type Metafile } from "esbuild";
import type { ClientCredential } from "../../lambda/client-authentication";
import { bundleOptions, type HandlerName, HANDLERS, NEVER_RUNS } from "../../lib/bundling";
import type { LocalContext } from "../../lib/stages/local";
import { readJson, ROOT, synthesizeApp, type SynthesizedApp } from "../support/synthesized-app";

const KB = 1_000;

/** For the credential "secret": what is there, rounded up. A change that needs more says why. */
const BUDGETS_KB: Readonly<Record<HandlerName, number>> = {
  users: 257,
  account: 310,
  "refresh-token": 310,
  "access-token": 326,
  "access-token-rotating": 354,
  sessions: 330,
  health: 87,
  "health-with-keys": 245,
  sweep: 295,
  recovery: 303,
};

/** A provider with opaque refresh tokens: the one stage in which a function reads more. */
const OPAQUE: LocalContext = {
  issuer: "http://127.0.0.1:9000",
  clientId: "5f0c1a",
  redirectUris: ["http://127.0.0.1:9001/callback"],
  corsOrigins: ["http://127.0.0.1:9001"],
  idp: { profile: "oidc", refreshTokenFormat: "opaque" },
};

/** Started by the clock or by a queue. */
const ROUTELESS = ["Sweep", "Recovery"];

type Output = Metafile["outputs"][string];

const CREDENTIALS = ["secret", "key", "none"] as const;

const outputs = new Map<ClientCredential, Readonly<Record<string, Output>>>();

beforeAll(async () => {
  for (const credential of CREDENTIALS) {
    outputs.set(credential, await bundleAll(credential));
  }
}, 120_000);

describe.each([
  ["dev", 7, { clientId: "5f0c1a" }],
  ["with opaque refresh tokens that rotate", 8, { stage: "local", local: OPAQUE }],
] as const)("the bundles of the stage %s", (_, count, context) => {
  let app: SynthesizedApp;
  let assembly: Assembly;
  const probes = new Map<string, Probed>();

  /** One process for each function. */
  function probed(func: Resource): Probed {
    const name = nameOf(func);
    const found =
      probes.get(name) ?? probe(assembly, func, ROUTELESS.includes(name) ? [] : undefined);
    probes.set(name, found);
    return found;
  }

  beforeAll(async () => {
    app = synthesizeApp(context, { validates: false });
    assembly = await readAssembly(app.folder);
  }, 120_000);

  afterAll(() => {
    app.remove();
  });

  test("are one for each function", () => {
    expect(functionsOf(assembly)).toHaveLength(count);
  });

  test("with Rollup ID nobody who serves a request loads the queue's client", () => {
    const senders = functionsOf(assembly)
      .filter((func) => readFileSync(bundleOf(assembly, func)).includes("AmazonSQS"))
      .map(nameOf);
    expect(senders).toEqual(count === 7 ? ["Sweep"] : ["AccessToken", "Sweep", "Recovery"]);
  });

  test("are what the tests below look into", () => {
    for (const func of functionsOf(assembly)) {
      const { size } = statSync(bundleOf(assembly, func));
      expect([nameOf(func), built(handlerOf(func)).bytes]).toEqual([nameOf(func), size]);
    }
  });

  test("read exactly the environment that their functions are given", () => {
    for (const func of functionsOf(assembly)) {
      const { read } = probed(func);
      const given = Object.keys(variablesOf(func)).sort();
      expect([nameOf(func), read.filter(isOurs)]).toEqual([nameOf(func), given]);
    }
  });

  test("serve exactly the routes that lead to them", () => {
    const others = ["Health", ...ROUTELESS];
    for (const func of functionsOf(assembly).filter((one) => !others.includes(nameOf(one)))) {
      const { statuses } = probed(func);
      const served = Object.keys(statuses).filter((routeKey) => statuses[routeKey] === 401);
      expect([nameOf(func), served]).toEqual([nameOf(func), routesTo(assembly, func)]);
    }
  });
});

test("the bundles are within their budgets", () => {
  const tooLarge = HANDLERS.map((handler) => [handler, built(handler).bytes / KB] as const).filter(
    ([handler, kilobytes]) => kilobytes > BUDGETS_KB[handler],
  );
  expect(tooLarge).toEqual([]);
});

test.each(Object.keys(NEVER_RUNS))("of %s the functions have its stand-in alone", (path) => {
  // An SDK that has moved it brings it back under another name.
  expect(existsSync(join(ROOT, "node_modules", path))).toBe(true);
  const stands = HANDLERS.flatMap((handler) =>
    Object.entries(built(handler).inputs).filter(([input]) => input.endsWith(path)),
  );
  expect(stands.filter(([, { bytesInOutput }]) => bytesInOutput > 80)).toEqual([]);
});

test("a client of the SDK brings of its package.json what the user agent says, and no more", async () => {
  for (const handler of HANDLERS) {
    const packages = Object.entries(built(handler).inputs).filter(([path]) =>
      path.endsWith("/package.json"),
    );
    const sizes = packages.map(([, { bytesInOutput }]) => bytesInOutput);
    expect([handler, sizes.filter((bytes) => bytes > 60)]).toEqual([handler, []]);
  }
  const contents = `import { KMSClient } from "@aws-sdk/client-kms";
    const { config } = new KMSClient({ region: "eu-central-1" });
    void config.defaultUserAgentProvider().then((agent) => console.log(JSON.stringify(agent)));`;
  const { entryPoints, ...options } = bundleOptions("secret", []);
  expect(entryPoints).toEqual([]);
  const stdin = { contents, resolveDir: ROOT };
  const { outputFiles } = await build({ ...options, stdin, write: false });
  const printed = execFileSync(process.execPath, ["-"], {
    input: outputFiles[0]!.text,
    encoding: "utf8",
  });
  const { version } = readJson(ROOT, "node_modules/@aws-sdk/client-kms/package.json") as {
    version: string;
  };
  expect(JSON.parse(printed)).toContainEqual(["aws-sdk-js", version]);
});

describe.each(HANDLERS)("what is in %s", (handler) => {
  test("is the function's own code and its packages, nothing of the local run, the CDK or the tests", () => {
    const inputs = contentsOf(handler);
    const own = inputs.filter((path) => !path.includes("node_modules/"));
    expect(own.length).toBeGreaterThan(5);
    expect(own.filter((path) => !path.startsWith("lambda/"))).toEqual([]);
    expect(inputs.filter((path) => /aws-cdk|constructs|oidc-provider|\/jose\//.test(path))).toEqual(
      [],
    );
  });

  test("has neither the credential chain nor event streams, which no function needs", () => {
    const wrong = /credential-provider-(?!env)|sso|client-sts|event-streams\/index/;
    expect(contentsOf(handler).filter((path) => wrong.test(path))).toEqual([]);
  });
});

test.each(HANDLERS)("%s loads at its start neither node:zlib nor node:fs/promises", (handler) => {
  const atStart = built(handler).imports.filter(({ kind }) => kind !== "dynamic-import");
  const loaded = atStart.map(({ path }) => path.replace(/^node:/, ""));
  expect(loaded.filter((path) => path === "zlib" || path === "fs/promises")).toEqual([]);
});

test("S40: only the functions that open have the code that opens, only readers the code that reads the secret", () => {
  const openers = HANDLERS.filter((handler) =>
    contentsOf(handler).includes("lambda/kms/kms-opener.ts"),
  );
  // "account" and "sweep" open only where the provider can revoke, and are given neither key nor
  // secret elsewhere (permissions.test.ts).
  expect(openers).toEqual([
    "account",
    "access-token",
    "access-token-rotating",
    "sweep",
    "recovery",
  ]);
  const users = contentsOf("users");
  expect(users.filter((path) => /lambda\/kms|client-kms|client-secret/.test(path))).toEqual([]);
  const readers = HANDLERS.filter((handler) =>
    contentsOf(handler).includes("lambda/idp/client-secret.ts"),
  );
  expect(readers).toEqual([
    "account",
    "refresh-token",
    "access-token",
    "access-token-rotating",
    "sessions",
    "sweep",
    "recovery",
  ]);
});

test("S59: a bundle has the code of the stage's client authentication, and of no other", () => {
  const SECRET = /client-secrets-manager|lambda\/idp\/client-secret/;
  const KEY =
    /key-authentication|kms-signer|jose-signature|public-key|(?:Sign|GetPublicKey)Command/;
  for (const handler of [
    "account",
    "refresh-token",
    "access-token",
    "sessions",
    "recovery",
  ] as const) {
    const found = CREDENTIALS.map((credential) => {
      const files = contentsOf(handler, credential);
      return [SECRET, KEY].map((pattern) => files.some((file) => pattern.test(file)));
    });
    expect([handler, ...found]).toEqual([handler, [true, false], [false, true], [false, false]]);
  }
});

/** Files of which something is in the bundle: what esbuild has dropped as unused is not. */
function contentsOf(handler: HandlerName, credential?: ClientCredential): string[] {
  return Object.entries(built(handler, credential).inputs).flatMap(([path, { bytesInOutput }]) =>
    bytesInOutput > 0 ? [path] : [],
  );
}

/** The bundle as esbuild tells it. */
function built(handler: HandlerName, credential: ClientCredential = "secret"): Output {
  const output = outputs.get(credential)?.[`${handler}/index.js`];
  if (output === undefined) {
    throw new Error(`no bundle of ${handler}`);
  }
  return output;
}

async function bundleAll(credential: ClientCredential): Promise<Readonly<Record<string, Output>>> {
  const options = bundleOptions(credential, HANDLERS);
  const { metafile } = await build({ ...options, outdir: ROOT, write: false, metafile: true });
  return metafile.outputs;
}

function functionsOf({ resources }: Assembly): Resource[] {
  return resources.filter(({ type }) => type === "AWS::Lambda::Function");
}

function nameOf({ logicalId }: Resource): string {
  return logicalId.replace(/Function[0-9A-F]{8}$/, "");
}

/** `RefreshToken` → `refresh-token` */
function handlerOf(func: Resource): HandlerName {
  const rotates = "ORDERED_RECOVERY_QUEUE_URL" in variablesOf(func);
  const name = nameOf(func)
    .replace(/(?<=[a-z])(?=[A-Z])/g, "-")
    .toLowerCase();
  const wanted = rotates && name === "access-token" ? `${name}-rotating` : name;
  const handler = HANDLERS.find((each) => each === wanted);
  if (handler === undefined) {
    throw new Error(`${wanted} is no handler`);
  }
  return handler;
}

function variablesOf({ properties }: Resource): Record<string, unknown> {
  return (properties["Environment"] as { Variables: Record<string, unknown> }).Variables;
}

function bundleOf({ assets }: Assembly, { properties }: Resource): string {
  const { S3Key } = properties["Code"] as { S3Key: string };
  return join(assets.get(basename(S3Key, ".zip")) ?? "", "index.js");
}

function routeKeysOf({ resources }: Assembly): string[] {
  return resources
    .filter(({ type }) => type === "AWS::ApiGatewayV2::Route")
    .map(({ properties }) => String(properties["RouteKey"]));
}

/** Following the template: route → integration → function. */
function routesTo(assembly: Assembly, func: Resource): string[] {
  const integrations = assembly.resources.filter(
    ({ type, properties }) =>
      type === "AWS::ApiGatewayV2::Integration" &&
      JSON.stringify(properties["IntegrationUri"]).includes(`"${func.logicalId}"`),
  );
  return assembly.resources
    .filter(
      ({ type, properties }) =>
        type === "AWS::ApiGatewayV2::Route" &&
        integrations.some(({ logicalId }) =>
          JSON.stringify(properties["Target"]).includes(`"${logicalId}"`),
        ),
    )
    .map(({ properties }) => String(properties["RouteKey"]));
}

interface Probed {
  readonly read: readonly string[];
  readonly statuses: Readonly<Record<string, number>>;
}

/** Addresses are made up: only their names matter here. */
function probe(
  assembly: Assembly,
  func: Resource,
  routeKeys: readonly string[] = routeKeysOf(assembly),
): Probed {
  const environment = Object.fromEntries(
    Object.entries(variablesOf(func)).map(([name, value]) => [
      name,
      typeof value === "string" ? value : "made-up",
    ]),
  );
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, "test/support/probe-function.cjs")],
    {
      input: JSON.stringify({ bundle: bundleOf(assembly, func), environment, routeKeys }),
      encoding: "utf8",
    },
  );
  if (stdout === "") {
    throw new Error(`${func.logicalId} did not load: ${stderr}`);
  }
  return JSON.parse(stdout) as Probed;
}

/** Not what Node and the SDK look for by themselves. */
function isOurs(name: string): boolean {
  return !/^(?:AWS_|NODE_|FORCE_COLOR$|NO_COLOR$)/.test(name);
}
