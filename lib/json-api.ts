/** An HTTP API (payload 2.0) for exactly the stage's origins, throttled, with an access log that holds nothing of a request's contents. */
import { Duration, RemovalPolicy, Stack, Validations } from "aws-cdk-lib";
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
import { Construct } from "constructs";
import type { ApiFunction } from "./api-function";
import type { StageConfig } from "./stage";

const PREFLIGHT_MAX_AGE = Duration.hours(1);

export class JsonApi extends Construct {
  readonly url: string;
  private readonly api: HttpApi;
  private readonly listed: string[] = [];

  constructor(scope: Construct, id: string, stage: StageConfig) {
    super(scope, id);
    this.api = new HttpApi(this, "Api", {
      apiName: Stack.of(this).stackName,
      description: "rollup-vault: users and access tokens",
      createDefaultStage: false,
      corsPreflight: {
        allowOrigins: [...stage.corsOrigins],
        allowMethods: [
          CorsHttpMethod.GET,
          CorsHttpMethod.PUT,
          CorsHttpMethod.PATCH,
          CorsHttpMethod.POST,
          CorsHttpMethod.DELETE,
        ],
        allowHeaders: ["authorization", "content-type", "if-match"],
        exposeHeaders: ["etag", "retry-after", "www-authenticate"],
        maxAge: PREFLIGHT_MAX_AGE,
      },
    });
    this.url = this.createStage(stage).url;
  }

  /** Route keys so far, `$default` not among them. */
  get routeKeys(): readonly string[] {
    return this.listed;
  }

  /** @param routeKeys such as `GET /me` */
  route(target: ApiFunction, routeKeys: readonly string[]): void {
    const integration = new HttpLambdaIntegration(target.node.id, target.func);
    for (const routeKey of routeKeys) {
      const [method, path] = routeKey.split(" ") as [HttpMethod, string];
      this.addRoute(routeKey, HttpRouteKey.with(path, method), integration);
      this.listed.push(routeKey);
    }
  }

  /** Whatever has no route of its own. */
  routeTheRest(target: ApiFunction): void {
    const integration = new HttpLambdaIntegration("Unlisted", target.func);
    this.addRoute("Unlisted", HttpRouteKey.DEFAULT, integration);
  }

  private addRoute(name: string, routeKey: HttpRouteKey, integration: HttpLambdaIntegration): void {
    const id = name.replace(/\W+/g, "-");
    const route = new HttpRoute(this, id, { httpApi: this.api, routeKey, integration });
    Validations.of(route).acknowledge({
      id: "AwsSolutions-APIG4",
      reason: "HTTP APIs verify RSA tokens only and these are ES256, so the function verifies them",
    });
  }

  private createStage({ logRetention, throttle }: StageConfig): HttpStage {
    const logGroup = new LogGroup(this, "AccessLog", {
      retention: logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    return new HttpStage(this, "Stage", {
      httpApi: this.api,
      stageName: "$default",
      autoDeploy: true,
      throttle: { rateLimit: throttle.rate, burstLimit: throttle.burst },
      accessLogSettings: {
        destination: new LogGroupLogDestination(logGroup),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
      },
    });
  }
}

/** No header, no query, no path as it was sent: the route key says enough. */
const ACCESS_LOG = {
  requestId: AccessLogField.contextRequestId(),
  at: AccessLogField.contextRequestTime(),
  route: "$context.routeKey",
  status: AccessLogField.contextStatus(),
  latencyMs: AccessLogField.contextResponseLatency(),
  sourceIp: AccessLogField.contextIdentitySourceIp(),
  integrationStatus: AccessLogField.contextIntegrationStatus(),
  error: AccessLogField.contextErrorResponseType(),
};
