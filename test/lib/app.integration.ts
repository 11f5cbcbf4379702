/** The application as `cdk synth` and `cdk deploy` get it. */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LocalContext } from "../../lib/stages/local";
import { readJson, ROOT, synthesizeApp, type SynthesizedApp } from "../support/synthesized-app";

const TIMEOUT = 120_000;

/** A rule that NIST 800-53 and HIPAA have under one name. */
const in2 = (path: string, rule: string) =>
  ["NIST.800.53.R5", "HIPAA.Security"].map((pack) => `${path} ${pack}-${rule}`);
/** PCI, too. */
const in3 = (path: string, rule: string) => [...in2(path, rule), `${path} PCI.DSS.321-${rule}`];

interface Report {
  readonly pluginReports: readonly {
    readonly pluginName: string;
    readonly violations: readonly { readonly ruleName: string }[];
  }[];
}

function findingsIn({ folder }: SynthesizedApp): string[] {
  const { pluginReports } = readJson(folder, "validation-report.json") as Report;
  return pluginReports.flatMap(({ violations }) => violations.map(({ ruleName }) => ruleName));
}

test(
  "S53: has no finding either where the provider rotates, and there are a queue and its consumer",
  () => {
    const local: LocalContext = {
      issuer: "http://127.0.0.1:9000",
      clientId: "5f0c1a",
      redirectUris: ["http://127.0.0.1:9001/callback"],
      corsOrigins: ["http://127.0.0.1:9001"],
      idp: { profile: "oidc", refreshTokenRotation: "grace" },
    };
    const app = synthesizeApp({ stage: "local", local });
    expect([app.exitCode, app.printed]).toEqual([0, expect.any(String)]);
    expect(findingsIn(app)).toEqual([]);
    app.remove();
  },
  TIMEOUT,
);

describe("the stage dev", () => {
  let app: SynthesizedApp;

  beforeAll(() => {
    app = synthesizeApp({ clientId: "5f0c1a" });
  }, TIMEOUT);

  afterAll(() => {
    app.remove();
  });

  test("S53: has no finding of the rule packs, of any severity, that is not acknowledged", () => {
    expect([app.exitCode, app.printed]).toEqual([0, expect.any(String)]);
    expect(findingsIn(app)).toEqual([]);
  });

  test("S53: acknowledges one rule on one resource at a time, each with its reason", () => {
    const functions = [
      "Users",
      "Account",
      "RefreshToken",
      "AccessToken",
      "Sessions",
      "Health",
      "Sweep",
    ];
    const routes = [
      "PUT-me",
      "GET-me",
      "PATCH-me",
      "DELETE-me",
      "GET-me-export",
      "PUT-me-refresh-token",
      "GET-me-refresh-token",
      "POST-me-access-token",
      "DELETE-me-refresh-token",
      "POST-sessions",
      "GET-sessions",
      "DELETE-sessions",
      "DELETE-sessions-current",
      "DELETE-sessions-id-",
      "GET-health",
      "GET-openapi-json",
      "Unlisted",
    ];
    const windows = ["KeptTokens", "Exchanges", "SignIns"].flatMap((objective) =>
      ["BurnFast", "BurnSlow"].flatMap((rate) =>
        ["Long", "Short"].map((window) => `${objective}${rate}-${window}`),
      ),
    );
    expect(acknowledgementsIn(app)).toEqual(
      [
        "/RollupVault-dev-Api/Sweep/Function Serverless-LambdaAsyncFailureDestination",
        "/RollupVault-dev-Api/Sweep/Schedule Serverless-EventBusDLQ",
        "/RollupVault-dev-Data/ClientSecret AwsSolutions-SMG4",
        ...in3("/RollupVault-dev-Data/ClientSecret", "SecretsManagerUsingKMSKey"),
        ...in2("/RollupVault-dev-Data/ClientSecret", "SecretsManagerRotationEnabled"),
        ...["Users", "RefreshTokens", "Sessions"].flatMap((name) =>
          in2(`/RollupVault-dev-Data/${name}`, "DynamoDBInBackupPlan"),
        ),
        ...in3("/RollupVault-dev-Api/Http/AccessLog", "CloudWatchLogGroupEncrypted"),
        "/RollupVault-dev-Api/Monitoring/KeyChanged Serverless-EventBusDLQ",
        "/RollupVault-dev-Api/Monitoring/SecretChanged Serverless-EventBusDLQ",
        ...windows.flatMap((name) =>
          in2(
            `/RollupVault-dev-Api/Monitoring/RollupVault-dev/RollupVault-dev-${name}`,
            "CloudWatchAlarmAction",
          ),
        ),
        ...routes.map((name) => `/RollupVault-dev-Api/Http/${name} AwsSolutions-APIG4`),
        ...functions.flatMap((name) => [
          ...in3(`/RollupVault-dev-Api/${name}/Logs`, "CloudWatchLogGroupEncrypted"),
          ...in3(`/RollupVault-dev-Api/${name}/Role`, "IAMNoInlinePolicy"),
          ...in3(`/RollupVault-dev-Api/${name}/Function`, "LambdaInsideVPC"),
          ...in2(`/RollupVault-dev-Api/${name}/Function`, "LambdaConcurrency"),
          ...in2(`/RollupVault-dev-Api/${name}/Function`, "LambdaDLQ"),
          `/RollupVault-dev-Api/${name}/Function Serverless-LambdaDLQ`,
          `/RollupVault-dev-Api/${name}/Function Serverless-LambdaTracing`,
        ]),
      ].sort(),
    );
  });

  test("is two stacks that deploy anywhere, the data before what uses it, with nothing looked up", () => {
    const { artifacts, missing } = readJson(app.folder, "manifest.json") as Manifest;
    const stacks = Object.entries(artifacts).filter(
      ([, { type }]) => type === "aws:cloudformation:stack",
    );
    expect(missing).toBeUndefined();
    expect(
      stacks.map(([name, { environment, dependencies = [], properties }]) => ({
        name,
        environment,
        after: dependencies.filter((other) => !other.endsWith(".assets")),
        isProtected: properties?.terminationProtection ?? false,
      })),
    ).toEqual([
      {
        name: "RollupVault-dev-Data",
        environment: "aws://unknown-account/unknown-region",
        after: [],
        isProtected: true,
      },
      {
        name: "RollupVault-dev-Api",
        environment: "aws://unknown-account/unknown-region",
        after: ["RollupVault-dev-Data"],
        isProtected: false,
      },
    ]);
  });
});

/** A checkout of its own, in which a file is written otherwise. */
function synthesizeChanged(
  file: string,
  change: (source: string) => string,
  context: object,
  validates = true,
): SynthesizedApp {
  const root = mkdtempSync(join(tmpdir(), "rollup-vault-changed-"));
  const copied = ["bin", "lib", "lambda", "cdk.json", "package.json", "package-lock.json"];
  for (const name of copied) {
    cpSync(join(ROOT, name), join(root, name), { recursive: true });
  }
  symlinkSync(join(ROOT, "node_modules"), join(root, "node_modules"));
  const path = join(root, file);
  writeFileSync(path, change(readFileSync(path, "utf8")));
  const app = synthesizeApp(context, { root, validates });
  rmSync(root, { recursive: true });
  return app;
}

test(
  "S53: a finding that is not acknowledged, or protection that is dropped, fails the synthesis",
  () => {
    const sabotage = (source: string) =>
      source
        .replace("AwsSolutions-SMG4", "AwsSolutions-SMG99")
        .replace("pointInTimeRecoveryEnabled: true", "pointInTimeRecoveryEnabled: false");
    const context = { clientId: "5f0c1a" };
    const app = synthesizeChanged("lib/data-stack.ts", sabotage, context, false);
    const findings = findingsIn(app);
    app.remove();
    expect(app.exitCode).toBe(1);
    expect(findings).toEqual(expect.arrayContaining(["AwsSolutions-SMG4", "AwsSolutions-DDB3"]));
  },
  TIMEOUT,
);

test(
  "S53: the stage prod, with a domain of its owner, has no finding either",
  () => {
    const owned = (source: string) => source.replaceAll(".example", ".test");
    const context = { clientId: "5f0c1a", stage: "prod" };
    const app = synthesizeChanged("lib/stages/prod.ts", owned, context);
    expect([app.exitCode, app.printed]).toEqual([0, ""]);
    expect(findingsIn(app)).toEqual([]);
    app.remove();
  },
  TIMEOUT,
);

test.each([
  [
    "that is not there",
    { stage: "test" },
    /^there is no stage "test": add its file to lib\/stages.*/,
  ],
  ["with the example client id", {}, /^stage file: "idp.clientId" is still the example.*/],
  ["with a client id that is none", { clientId: "a b" }, /^stage file: "idp.clientId" must be.*/],
  [
    "with example hosts",
    { stage: "prod", clientId: "5f0c1a" },
    /^stage file: "corsOrigins" still.*/,
  ],
])(
  "a stage %s fails with one sentence and nothing else",
  (_, context, sentence) => {
    const app = synthesizeApp(context);
    app.remove();
    expect(app.exitCode).toBe(1);
    expect(app.printed).toMatch(new RegExp(`${sentence.source}\\n$`));
    expect(app.printed.split("\n")).toHaveLength(2);
  },
  TIMEOUT,
);

interface Manifest {
  readonly artifacts: Readonly<Record<string, Artifact>>;
  /** Lookups that need an account. */
  readonly missing?: unknown;
}

interface Artifact {
  readonly type: string;
  readonly environment?: string;
  readonly dependencies?: string[];
  readonly properties?: { readonly terminationProtection?: boolean };
}

type Metadata = Record<string, readonly { readonly type: string; readonly data: object }[]>;

/** `path rule`, and only where there is a reason. */
function acknowledgementsIn({ folder }: SynthesizedApp): string[] {
  return ["Data", "Api"]
    .flatMap((name) =>
      Object.entries(readJson(folder, `RollupVault-dev-${name}.metadata.json`) as Metadata),
    )
    .flatMap(([path, entries]) =>
      entries
        .filter(({ type }) => type === "aws:cdk:acknowledged-rules")
        .flatMap(({ data }) => Object.entries(data as Record<string, string>))
        .filter(([, reason]) => reason.length > 20)
        .map(([rule]) => `${path} ${rule.replace("Annotation::", "")}`),
    )
    .sort();
}
