import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { StageConfig } from "../../lib/stage";
import { onlyResource, resourcesOf, STAGE, synthesize } from "./synth";

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

const { api } = synthesize();
const CONTEXT = {
  StringEquals: {
    "kms:EncryptionContext:app": "rollup-vault",
    "kms:EncryptionContext:purpose": "grant",
  },
};
const USERS = "Data:ExportsOutputFnGetAttUsers";
const GRANTS = "Data:ExportsOutputFnGetAttRefreshTokens";
const KEY = "Data:ExportsOutputFnGetAttGrantKey";
const SECRET = "Data:ExportsOutputRefClientSecret";

type Permission = readonly [effect: string, action: string, resource: string, condition?: unknown];

const byAction = (a: Permission, b: Permission) => a[1].localeCompare(b[1]);

/** `[effect, action, resource, condition]` of every statement of a function's role, sorted; resources by what they name. */
function permissions(
  template: ReturnType<typeof synthesize>["api"],
  construct: string,
): Permission[] {
  const policies = resourcesOf(template, "AWS::IAM::Policy").filter(([id]) =>
    id.startsWith(`${construct}Role`),
  );
  return policies
    .flatMap(
      ([, { Properties }]) =>
        (Properties["PolicyDocument"] as { Statement: Statement[] }).Statement,
    )
    .flatMap(({ Effect, Action, Resource, Condition }) =>
      [Action].flat().map((action): Permission => {
        const permission = [Effect, action, nameOf(Resource)] as const;
        return Condition === undefined ? permission : [...permission, Condition];
      }),
    )
    .sort(byAction);
}

function nameOf(resource: unknown): string {
  const text = JSON.stringify(resource);
  const imported =
    /"Fn::ImportValue":"(\w+:ExportsOutput(?:FnGetAtt|Ref)[A-Za-z]+?)[0-9A-F]{8}/.exec(text);
  const own = /"Fn::GetAtt":\["(\w+?)Logs[0-9A-F]+","Arn"\]/.exec(text);
  return imported?.[1] ?? (own?.[1] === undefined ? text : `own log group of ${own[1]}`);
}

function commons(construct: string): Permission[] {
  return [
    ["Allow", "logs:CreateLogStream", `own log group of ${construct}`],
    ["Allow", "logs:PutLogEvents", `own log group of ${construct}`],
    ["Allow", "xray:PutTelemetryRecords", '"*"'],
    ["Allow", "xray:PutTraceSegments", '"*"'],
  ];
}

function expectPermissions(actual: unknown[], construct: string, own: Permission[]): void {
  const sorted = [...commons(construct), ...own].sort(byAction);
  expect(actual).toEqual(sorted);
}

describe("S40 S54: what each function may do, exactly", () => {
  test("users: two actions on the users table, no key, no secret, no grants", () => {
    expectPermissions(permissions(api, "Users"), "Users", [
      ["Allow", "dynamodb:GetItem", USERS],
      ["Allow", "dynamodb:UpdateItem", USERS],
    ]);
  });

  test("refresh-token: makes data keys under our context, and cannot unwrap them", () => {
    expectPermissions(permissions(api, "RefreshToken"), "RefreshToken", [
      ["Allow", "dynamodb:GetItem", GRANTS],
      ["Allow", "dynamodb:UpdateItem", GRANTS],
      ["Allow", "kms:GenerateDataKey", KEY, CONTEXT],
    ]);
  });

  test("access-token: the only one that opens, and that reads the client secret (S42)", () => {
    expectPermissions(permissions(api, "AccessToken"), "AccessToken", [
      ["Allow", "dynamodb:GetItem", GRANTS],
      ["Allow", "dynamodb:UpdateItem", GRANTS],
      ["Allow", "kms:Decrypt", KEY, CONTEXT],
      ["Allow", "kms:GenerateDataKey", KEY, CONTEXT],
      ["Allow", "secretsmanager:GetSecretValue", SECRET],
    ]);
  });

  test("health: nothing", () => {
    expectPermissions(permissions(api, "Health"), "Health", []);
  });

  test("no role has a managed policy, and there are no other roles", () => {
    const roles = resourcesOf(api, "AWS::IAM::Role");
    expect(roles.map(([id]) => id.replace(/[0-9A-F]{8}$/, "")).sort()).toEqual([
      "AccessTokenRole",
      "HealthRole",
      "RefreshTokenRole",
      "UsersRole",
    ]);
    for (const [, { Properties }] of roles) {
      expect(Properties["ManagedPolicyArns"]).toBeUndefined();
      expect(Properties["Policies"]).toBeUndefined();
    }
  });

  test("with opaque refresh tokens the function that takes them in reads the client secret, and still cannot open", () => {
    const oidc: StageConfig = {
      ...STAGE,
      idp: { ...STAGE.idp, profile: "oidc", refreshTokenFormat: "opaque" },
    };
    const actions = permissions(synthesize(oidc).api, "RefreshToken").map(([, action]) => action);
    expect(actions).toContain("secretsmanager:GetSecretValue");
    expect(actions).not.toContain("kms:Decrypt");
    const jwt: StageConfig = { ...oidc, idp: { ...oidc.idp, refreshTokenFormat: "jwt" } };
    expect(JSON.stringify(permissions(synthesize(jwt).api, "RefreshToken"))).not.toContain(
      "secretsmanager",
    );
  });
});

describe("functions", () => {
  const functions = resourcesOf(api, "AWS::Lambda::Function");

  test.each([
    ["Users", 10, 20],
    ["RefreshToken", 10, 20],
    ["AccessToken", 15, 40],
    ["Health", 10, 5],
  ])(
    "S56 S57: %s runs on the newest LTS, arm64, for %p s at most, %p at once, traced",
    (id, timeout, concurrency) => {
      const [, func] = functions.find(([name]) => name.startsWith(`${id}Function`)) ?? [];
      expect(func?.Properties).toMatchObject({
        Runtime: "nodejs24.x",
        Architectures: ["arm64"],
        Timeout: timeout,
        MemorySize: 512,
        ReservedConcurrentExecutions: concurrency,
        TracingConfig: { Mode: "Active" },
      });
    },
  );

  test("environment names are exactly what the handlers read", () => {
    const env = readFileSync(join(__dirname, "../../lambda/env.ts"), "utf8");
    const known = [...env.matchAll(/^ {2}readonly ([A-Z_]+):/gm)].map(([, name]) => name);
    for (const [id, { Properties }] of functions) {
      const entry = id
        .replace(/Function[0-9A-F]{8}$/, "")
        .replace(/(?<=[a-z])(?=[A-Z])/g, "-")
        .toLowerCase();
      const { Variables } = Properties["Environment"] as { Variables: Record<string, unknown> };
      expect([id, Object.keys(Variables).sort()]).toEqual([id, namesReadBy(entry)]);
      expect(known).toEqual(expect.arrayContaining(Object.keys(Variables)));
    }
  });

  test("S36: no environment variable holds a secret", () => {
    for (const [, { Properties }] of functions) {
      const variables = JSON.stringify(Properties["Environment"]);
      expect(variables).not.toMatch(/client_?secret":"(?!\{)/i);
      expect(variables).not.toContain("SecretString");
    }
  });
});

describe("the API", () => {
  test("has exactly the documented routes, none with a gateway authorizer", () => {
    const routes = resourcesOf(api, "AWS::ApiGatewayV2::Route").map(([, { Properties }]) => [
      Properties["RouteKey"],
      Properties["AuthorizationType"],
    ]);
    expect(Object.fromEntries(routes)).toEqual({
      "PUT /me": "NONE",
      "GET /me": "NONE",
      "PUT /me/refresh-token": "NONE",
      "GET /me/refresh-token": "NONE",
      "DELETE /me/refresh-token": "NONE",
      "POST /me/access-token": "NONE",
      "GET /health": "NONE",
      $default: "NONE",
    });
  });

  test("S31: CORS lists the stage's exact origins, no star, no credentials", () => {
    const { CorsConfiguration } = onlyResource(api, "AWS::ApiGatewayV2::Api").Properties;
    expect(CorsConfiguration).toEqual({
      AllowOrigins: ["http://localhost:3000"],
      AllowMethods: ["GET", "PUT", "POST", "DELETE"],
      AllowHeaders: ["authorization", "content-type"],
      ExposeHeaders: ["retry-after", "www-authenticate"],
      MaxAge: 3600,
    });
  });

  test("S56: is throttled, and its access log has no header, query or path", () => {
    const { DefaultRouteSettings, AccessLogSettings } = onlyResource(
      api,
      "AWS::ApiGatewayV2::Stage",
    ).Properties;
    expect(DefaultRouteSettings).toMatchObject({
      ThrottlingRateLimit: 50,
      ThrottlingBurstLimit: 100,
    });
    const { Format } = AccessLogSettings as { Format: string };
    expect(Object.values(JSON.parse(Format) as object).sort()).toEqual([
      "$context.error.responseType",
      "$context.identity.sourceIp",
      "$context.integrationStatus",
      "$context.requestId",
      "$context.requestTime",
      "$context.responseLatency",
      "$context.routeKey",
      "$context.status",
    ]);
  });

  test("S56: every log group has a retention", () => {
    const groups = resourcesOf(api, "AWS::Logs::LogGroup");
    expect(groups).toHaveLength(5);
    for (const [, { Properties }] of groups) {
      expect(Properties["RetentionInDays"]).toBe(90);
    }
  });

  test("tells where it is", () => {
    expect(Object.keys(api.findOutputs("*"))).toContain("ApiUrl");
  });
});

/** The names in the `readEnvironment([...])` calls of a handler and of what it is wired from, where those are unconditional. */
function namesReadBy(entry: string): string[] {
  const source = readFileSync(join(__dirname, "../../lambda/handlers", `${entry}.ts`), "utf8");
  const calls = [...source.matchAll(/readEnvironment\(\[([^\]]*)\]/g)];
  return calls
    .flatMap(([, list = ""]) => [...list.matchAll(/"([A-Z_]+)"/g)].map(([, name = ""]) => name))
    .sort();
}
