import { DEFAULT_LIMITS } from "../../lambda/limits";
import { onlyResource, resourcesOf, STAGE, synthesize } from "./synth";

const { api } = synthesize();

const ROUTES = [
  "PUT /me",
  "GET /me",
  "PATCH /me",
  "DELETE /me",
  "GET /me/export",
  "PUT /me/refresh-token",
  "GET /me/refresh-token",
  "POST /me/access-token",
  "DELETE /me/refresh-token",
  "POST /sessions",
  "GET /sessions",
  "DELETE /sessions",
  "DELETE /sessions/current",
  "DELETE /sessions/{id}",
  "GET /health",
  "GET /openapi.json",
];

interface StageResource {
  readonly Properties: {
    readonly RouteSettings: Readonly<
      Record<string, { ThrottlingRateLimit: number; ThrottlingBurstLimit: number }>
    >;
  };
  readonly DependsOn: readonly string[];
}

/** The output of the data stack under such a name. */
const imported = (name: string): unknown => ({
  "Fn::GetStackOutput": {
    StackName: "Data",
    Region: { Ref: "AWS::Region" },
    OutputName: expect.stringMatching(new RegExp(`^PublishOutput${name}[0-9A-Za-z]*$`)),
  },
});

describe("functions", () => {
  const functions = resourcesOf(api, "AWS::Lambda::Function");

  test.each([
    ["Users", 10],
    ["Account", 15],
    ["RefreshToken", 10],
    ["AccessToken", 15],
    ["Sessions", 15],
    ["Health", 10],
    ["Sweep", 60],
  ])(
    "S56 S57: %s runs on the newest LTS, arm64, for %p s at most, and is not traced",
    (id, timeout) => {
      const [, func] = functions.find(([name]) => name.startsWith(`${id}Function`)) ?? [];
      expect(func?.Properties).toMatchObject({
        Runtime: "nodejs24.x",
        Architectures: ["arm64"],
        Timeout: timeout,
        MemorySize: 512,
      });
      expect(func?.Properties).not.toHaveProperty("TracingConfig");
    },
  );

  test("S36: are told names, addresses and what is public about the provider, never a secret", () => {
    const variables = Object.fromEntries(
      functions.map(([id, { Properties }]) => [
        id.replace(/Function[0-9A-F]{8}$/, ""),
        (Properties["Environment"] as { Variables: Record<string, unknown> }).Variables,
      ]),
    );
    const IDP_SETTINGS = JSON.stringify(STAGE.idp);
    const METRICS_NAMESPACE = "RollupVault/dev";
    const believing = {
      METRICS_NAMESPACE,
      IDP_SETTINGS,
      SESSIONS_TABLE: imported("RefSessions"),
      SESSION_SETTINGS: JSON.stringify(STAGE.sessions),
      LIMITS: JSON.stringify(DEFAULT_LIMITS),
    };
    const grants = {
      ...believing,
      REFRESH_TOKENS_TABLE: imported("RefRefreshTokens"),
      GRANT_KEY_ARN: imported("FnGetAttGrantKey"),
    };
    expect(variables).toEqual({
      Users: {
        ...believing,
        USERS_TABLE: imported("RefUsers"),
        API_URL: { "Fn::Join": ["", [expect.objectContaining({}), "/"]] },
      },
      Account: {
        ...believing,
        USERS_TABLE: imported("RefUsers"),
        REFRESH_TOKENS_TABLE: imported("RefRefreshTokens"),
      },
      RefreshToken: grants,
      AccessToken: {
        ...grants,
        CLIENT_SECRET_ARN: imported("RefClientSecret"),
        SERVICE_ROLE_ARNS: "[]",
      },
      Sessions: {
        ...grants,
        USERS_TABLE: imported("RefUsers"),
        CLIENT_SECRET_ARN: imported("RefClientSecret"),
        REDIRECT_URIS: JSON.stringify(STAGE.redirectUris),
      },
      Health: { METRICS_NAMESPACE, ROUTES: JSON.stringify(ROUTES) },
      Sweep: {
        METRICS_NAMESPACE,
        IDP_SETTINGS,
        USERS_TABLE: imported("RefUsers"),
        REFRESH_TOKENS_TABLE: imported("RefRefreshTokens"),
        SESSIONS_TABLE: imported("RefSessions"),
      },
    });
    expect(JSON.stringify(api.toJSON())).not.toContain("{{resolve:secretsmanager");
  });
});

describe("the API", () => {
  test("has exactly the documented routes, none with a gateway authorizer", () => {
    const routes = resourcesOf(api, "AWS::ApiGatewayV2::Route").map(([, { Properties }]) => [
      Properties["RouteKey"],
      Properties["AuthorizationType"],
    ]);
    expect(Object.fromEntries(routes)).toEqual(
      Object.fromEntries([...ROUTES, "$default"].map((routeKey) => [routeKey, "NONE"])),
    );
  });

  test("S31: CORS lists the stage's exact origins, no star, no credentials", () => {
    const corsOrigins = ["https://app.example", "https://admin.app.example:8443"];
    const template = synthesize({ ...STAGE, corsOrigins }).api;
    const { CorsConfiguration } = onlyResource(template, "AWS::ApiGatewayV2::Api").Properties;
    expect(CorsConfiguration).toEqual({
      AllowOrigins: corsOrigins,
      AllowMethods: ["GET", "PUT", "PATCH", "POST", "DELETE"],
      AllowHeaders: ["authorization", "content-type", "if-match"],
      ExposeHeaders: ["etag", "retry-after", "www-authenticate"],
      MaxAge: 3600,
    });
  });

  test("with cookies: credentials and the custom header, for the same exact origins", () => {
    const sessions = { ...STAGE.sessions, transport: "cookie" } as const;
    const template = synthesize({ ...STAGE, sessions }).api;
    const { CorsConfiguration } = onlyResource(template, "AWS::ApiGatewayV2::Api").Properties;
    expect(CorsConfiguration).toMatchObject({
      AllowOrigins: STAGE.corsOrigins,
      AllowCredentials: true,
      AllowHeaders: ["authorization", "content-type", "if-match", "x-rollup-vault"],
    });
    const [, users] = resourcesOf(template, "AWS::Lambda::Function")[0] ?? [];
    const { Variables } = users?.Properties["Environment"] as {
      Variables: { SESSION_SETTINGS: string };
    };
    expect(JSON.parse(Variables.SESSION_SETTINGS)).toEqual({
      ...sessions,
      origins: STAGE.corsOrigins,
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

  test("F5: each route has a throttle of its own below the stage's, and is there before the stage says so", () => {
    const stage = onlyResource(api, "AWS::ApiGatewayV2::Stage") as unknown as StageResource;
    const routes = resourcesOf(api, "AWS::ApiGatewayV2::Route");
    const { RouteSettings } = stage.Properties;
    expect(Object.keys(RouteSettings).sort()).toEqual([...ROUTES, "$default"].sort());
    for (const { ThrottlingRateLimit: rate, ThrottlingBurstLimit: burst } of Object.values(
      RouteSettings,
    )) {
      expect(rate).toBeLessThan(50);
      expect(burst).toBeLessThan(100);
    }
    expect(RouteSettings["POST /sessions"]).toEqual({
      ThrottlingRateLimit: 20,
      ThrottlingBurstLimit: 40,
    });
    expect(stage.DependsOn).toEqual(expect.arrayContaining(routes.map(([id]) => id)));
  });

  test("F5: a route's throttle is the stage file's where that has one", () => {
    const own = { rate: 7, burst: 8 };
    const throttle = { ...STAGE.throttle, routes: { "POST /sessions": own } };
    const template = synthesize({ ...STAGE, throttle }).api;
    const { RouteSettings } = onlyResource(template, "AWS::ApiGatewayV2::Stage")
      .Properties as unknown as StageResource["Properties"];
    expect(RouteSettings["POST /sessions"]).toEqual({
      ThrottlingRateLimit: 7,
      ThrottlingBurstLimit: 8,
    });
  });

  test("S56: every log group has a retention", () => {
    const groups = resourcesOf(api, "AWS::Logs::LogGroup");
    expect(groups).toHaveLength(8);
    for (const [, { Properties }] of groups) {
      expect(Properties["RetentionInDays"]).toBe(90);
    }
  });

  test("has a route for the owner's backends only where the stage lists their roles, under IAM authorization", () => {
    const serviceRoleArns = ["arn:aws:iam::123456789012:role/jobs/Nightly"];
    const template = synthesize({ ...STAGE, serviceRoleArns }).api;
    const routes = resourcesOf(template, "AWS::ApiGatewayV2::Route").map(([, { Properties }]) => [
      Properties["RouteKey"],
      Properties["AuthorizationType"],
    ]);
    const signed = routes.filter(([, authorization]) => authorization !== "NONE");
    expect(signed).toEqual([["POST /service/access-token", "AWS_IAM"]]);
    expect(routes).toHaveLength(ROUTES.length + 2);
    const functions = JSON.stringify(resourcesOf(template, "AWS::Lambda::Function"));
    expect(functions.split("role/jobs/Nightly")).toHaveLength(2);
    const { ServiceRouteArn } = template.findOutputs("*");
    expect(JSON.stringify(ServiceRouteArn?.["Value"])).toMatch(
      /execute-api.*\/\$default\/POST\/service\/access-token/,
    );
  });

  test("tells where it is", () => {
    expect(Object.keys(api.findOutputs("*"))).toEqual(["ApiUrl", "IdpSettings", "CorsOrigins"]);
  });
});
