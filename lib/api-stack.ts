/** The HTTP API and its functions: stateless, replaced with every deployment. */
import {
  Annotations,
  CfnOutput,
  Duration,
  RemovalPolicy,
  Stack,
  Validations,
  type StackProps,
} from "aws-cdk-lib";
import { AccessLogField, AccessLogFormat } from "aws-cdk-lib/aws-apigateway";
import {
  CorsHttpMethod,
  HttpApi,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  LogGroupLogDestination,
  type HttpMethod,
} from "aws-cdk-lib/aws-apigatewayv2";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { ApiFunction, type ApiFunctionProps } from "./api-function";
import type { DataStack } from "./data-stack";
import { EXAMPLE_CLIENT_ID, type StageConfig } from "./stage";

export interface ApiStackProps extends StackProps {
  readonly stage: StageConfig;
  readonly data: DataStack;
}

/** One exchange, its retry with a re-read client secret, and the commit (lambda/use-cases/exchange.ts). */
const ACCESS_TOKEN_TIMEOUT = Duration.seconds(15);
const TIMEOUT = Duration.seconds(10);
const PREFLIGHT_MAX_AGE = Duration.hours(1);

export class ApiStack extends Stack {
  private readonly stage: StageConfig;
  private readonly api: HttpApi;
  private readonly routeKeys: string[] = [];

  constructor(scope: Construct, id: string, { stage, data, ...props }: ApiStackProps) {
    super(scope, id, props);
    this.stage = stage;
    this.api = this.createApi();
    this.route(this.usersFunction(data), ["PUT /me", "GET /me"]);
    this.route(this.refreshTokenFunction(data), ["PUT /me/refresh-token", "GET /me/refresh-token"]);
    this.route(this.accessTokenFunction(data), [
      "POST /me/access-token",
      "DELETE /me/refresh-token",
    ]);
    this.routeTheRest();
    const httpStage = this.createHttpStage();
    new CfnOutput(this, "ApiUrl", { value: httpStage.url });
    if (stage.idp.clientId === EXAMPLE_CLIENT_ID) {
      Annotations.of(this).addWarningV2(
        "rollup-vault:example-client-id",
        `lib/stages/${stage.name}.ts still has the example client id: put in yours before you deploy`,
      );
    }
  }

  private usersFunction(data: DataStack): ApiFunction {
    const users = this.createFunction("Users", { entry: "users", concurrency: "users" });
    users.setVariable("IDP_SETTINGS", this.stage.idp);
    users.grantUsers(data.users);
    return users;
  }

  /** Takes refresh tokens in: seals, and cannot open. */
  private refreshTokenFunction(data: DataStack): ApiFunction {
    const intake = this.createFunction("RefreshToken", {
      entry: "refresh-token",
      concurrency: "refreshToken",
    });
    const { idp } = this.stage;
    intake.setVariable("IDP_SETTINGS", idp);
    intake.grantRefreshTokens(data.refreshTokens);
    intake.grantSeal(data.grantKey);
    // An opaque token shows whose it is by an exchange alone, and that takes the client secret.
    if (idp.profile === "oidc" && idp.refreshTokenFormat !== "jwt") {
      intake.grantClientSecret(data.clientSecretArn);
    }
    return intake;
  }

  /** The refresh function: the only one that opens. */
  private accessTokenFunction(data: DataStack): ApiFunction {
    const refresh = this.createFunction("AccessToken", {
      entry: "access-token",
      concurrency: "accessToken",
      timeout: ACCESS_TOKEN_TIMEOUT,
    });
    refresh.setVariable("IDP_SETTINGS", this.stage.idp);
    refresh.grantRefreshTokens(data.refreshTokens);
    refresh.grantSeal(data.grantKey);
    refresh.grantOpen(data.grantKey);
    refresh.grantClientSecret(data.clientSecretArn);
    return refresh;
  }

  /** `GET /health`, and problem documents for whatever no route is for. */
  private routeTheRest(): void {
    const health = this.createFunction("Health", { entry: "health", concurrency: "health" });
    this.route(health, ["GET /health"]);
    health.setVariable("ROUTES", this.routeKeys);
    const route = new HttpRoute(this, "Unlisted", {
      httpApi: this.api,
      routeKey: HttpRouteKey.DEFAULT,
      integration: new HttpLambdaIntegration("Unlisted", health.func),
    });
    acknowledgeOwnVerification(route);
  }

  private createFunction(
    id: string,
    props: Pick<ApiFunctionProps, "entry"> & {
      readonly concurrency: keyof StageConfig["reservedConcurrency"];
      readonly timeout?: Duration;
    },
  ): ApiFunction {
    return new ApiFunction(this, id, {
      entry: props.entry,
      timeout: props.timeout ?? TIMEOUT,
      reservedConcurrency: this.stage.reservedConcurrency[props.concurrency],
      logRetention: this.stage.logRetention,
    });
  }

  private route(target: ApiFunction, routeKeys: readonly string[]): void {
    const integration = new HttpLambdaIntegration(target.node.id, target.func);
    for (const routeKey of routeKeys) {
      const [method, path] = routeKey.split(" ") as [HttpMethod, string];
      const route = new HttpRoute(this, routeKey.replace(/\W+/g, "-"), {
        httpApi: this.api,
        routeKey: HttpRouteKey.with(path, method),
        integration,
      });
      Validations.of(route).acknowledge({
        id: "AwsSolutions-APIG4",
        reason:
          "HTTP APIs verify RSA tokens only and these are ES256, so the function verifies them",
      });
      this.routeKeys.push(routeKey);
    }
  }

  private createApi(): HttpApi {
    return new HttpApi(this, "Api", {
      description: "rollup-vault: users and access tokens",
      createDefaultStage: false,
      corsPreflight: {
        allowOrigins: [...this.stage.corsOrigins],
        allowMethods: [
          CorsHttpMethod.GET,
          CorsHttpMethod.PUT,
          CorsHttpMethod.POST,
          CorsHttpMethod.DELETE,
        ],
        allowHeaders: ["authorization", "content-type"],
        exposeHeaders: ["retry-after", "www-authenticate"],
        maxAge: PREFLIGHT_MAX_AGE,
      },
    });
  }

  private createHttpStage(): HttpStage {
    const logGroup = new LogGroup(this, "AccessLog", {
      retention: this.stage.logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const { rate: rateLimit, burst: burstLimit } = this.stage.throttle;
    return new HttpStage(this, "Stage", {
      httpApi: this.api,
      stageName: "$default",
      autoDeploy: true,
      throttle: { rateLimit, burstLimit },
      accessLogSettings: {
        destination: new LogGroupLogDestination(logGroup),
        format: ACCESS_LOG_FORMAT,
      },
    });
  }
}

function acknowledgeOwnVerification(route: HttpRoute): void {
  Validations.of(route).acknowledge({
    id: "AwsSolutions-APIG4",
    reason: "HTTP APIs verify RSA tokens only and these are ES256, so the function verifies them",
  });
}

/** No header, no query, no path as it was sent: the route key says enough. */
const ACCESS_LOG_FORMAT = AccessLogFormat.custom(
  JSON.stringify({
    requestId: AccessLogField.contextRequestId(),
    at: AccessLogField.contextRequestTime(),
    route: "$context.routeKey",
    status: AccessLogField.contextStatus(),
    latencyMs: AccessLogField.contextResponseLatency(),
    sourceIp: AccessLogField.contextIdentitySourceIp(),
    error: AccessLogField.contextErrorMessage(),
  }),
);
