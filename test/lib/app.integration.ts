/** The application as `cdk synth` and `cdk deploy` get it. */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LocalContext } from "../../lib/stages/local";
import { readJson, ROOT, synthesizeApp, type SynthesizedApp } from "../support/synthesized-app";

const TIMEOUT = 120_000;

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
    app = synthesizeApp();
  }, TIMEOUT);

  afterAll(() => {
    app.remove();
  });

  test("S53: has no finding of the rule packs, of any severity, that is not acknowledged", () => {
    expect([app.exitCode, app.printed]).toEqual([0, expect.any(String)]);
    // A reminder of ours, not a finding: the stage file comes with an example.
    expect(findingsIn(app)).toEqual(["Annotation::rollup-vault:example-client-id"]);
    expect(app.printed).toContain("lib/stages/dev.ts still has the example client id");
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
    expect(acknowledgementsIn(app)).toEqual(
      [
        "/RollupVault-dev-Api/Sweep/Function Serverless-LambdaAsyncFailureDestination",
        "/RollupVault-dev-Api/Sweep/Schedule Serverless-EventBusDLQ",
        "/RollupVault-dev-Data/ClientSecret AwsSolutions-SMG4",
        ...routes.map((name) => `/RollupVault-dev-Api/Http/${name} AwsSolutions-APIG4`),
        ...functions.map((name) => `/RollupVault-dev-Api/${name}/Function Serverless-LambdaDLQ`),
        ...functions.map(
          (name) => `/RollupVault-dev-Api/${name}/Role AwsSolutions-IAM5[Resource::*]`,
        ),
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

test(
  "S53: a finding that is not acknowledged, or protection that is dropped, fails the synthesis",
  () => {
    const root = mkdtempSync(join(tmpdir(), "rollup-vault-sabotaged-"));
    const copied = ["bin", "lib", "lambda", "cdk.json", "package.json", "package-lock.json"];
    for (const name of copied) {
      cpSync(join(ROOT, name), join(root, name), { recursive: true });
    }
    symlinkSync(join(ROOT, "node_modules"), join(root, "node_modules"));
    const file = join(root, "lib/data-stack.ts");
    const source = readFileSync(file, "utf8");
    writeFileSync(
      file,
      source
        .replace("AwsSolutions-SMG4", "AwsSolutions-SMG99")
        .replace("pointInTimeRecoveryEnabled: true", "pointInTimeRecoveryEnabled: false"),
    );

    const app = synthesizeApp({}, { root, validates: false });
    const findings = findingsIn(app);
    app.remove();
    rmSync(root, { recursive: true });

    expect(app.exitCode).toBe(1);
    expect(findings).toEqual(expect.arrayContaining(["AwsSolutions-SMG4", "AwsSolutions-DDB3"]));
  },
  TIMEOUT,
);

test(
  "a stage that is not there fails with a sentence",
  () => {
    const app = synthesizeApp({ stage: "prod" });
    app.remove();
    expect(app.exitCode).toBe(1);
    expect(app.printed).toContain('there is no stage "prod": add its file to lib/stages');
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
