/**
 * An HTTP API (payload format 2.0) for the stage's origins only, throttled, with an access log that
 * has nothing of a request's contents.
 */
import { Duration, RemovalPolicy, Stack, Validations } from "aws-cdk-lib";
import { AccessLogField, AccessLogFormat } from "aws-cdk-lib/aws-apigateway";
import {
  type CfnRoute,
  type CfnStage,
  CorsHttpMethod,
  type DomainName,
  HttpApi,
  type HttpMethod,
  HttpRoute,
  HttpRouteKey,
  type HttpRouteProps,
  HttpStage,
  LogGroupLogDestination,
} from "aws-cdk-lib/aws-apigatewayv2";
import { HttpIamAuthorizer } from "aws-cdk-lib/aws-apigatewayv2-authorizers";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { CSRF_HEADER } from "../lambda/facts";
import { createApiDomain } from "./api-domain";
import type { ApiFunction } from "./api-function";
import { type RouteKey, throttleOf } from "./route-throttles";
import { acknowledge } from "./rule-packs";
import { isRetained, type Stage } from "./stage";

const PREFLIGHT_MAX_AGE = Duration.hours(1);

export class JsonApi extends Construct {
  /** Of the default stage or the stage's domain, with a slash at its end. */
  readonly url: string;
  readonly accessLog: LogGroup;
  private readonly api: HttpApi;
  private readonly listed: string[] = [];
  private readonly stage: CfnStage;
  private readonly throttle: Stage["throttle"];

  constructor(scope: Construct, id: string, stage: Stage) {
    super(scope, id);
    const hasCookies = stage.sessions.transport === "cookie";
    this.api = new HttpApi(this, "Api", {
      apiName: Stack.of(this).stackName,
      description: "rollup-vault: users and access tokens",
      createDefaultStage: false,
      // Else a request could go around the domain, and what stands before it.
      ...(stage.domain !== undefined && { disableExecuteApiEndpoint: true }),
      corsPreflight: {
        allowOrigins: [...stage.corsOrigins],
        allowMethods: [
          CorsHttpMethod.GET,
          CorsHttpMethod.PUT,
          CorsHttpMethod.PATCH,
          CorsHttpMethod.POST,
          CorsHttpMethod.DELETE,
        ],
        allowHeaders: [
          "authorization",
          "content-type",
          "if-match",
          ...(hasCookies ? [CSRF_HEADER] : []),
        ],
        ...(hasCookies && { allowCredentials: true }),
        exposeHeaders: ["etag", "retry-after", "www-authenticate"],
        maxAge: PREFLIGHT_MAX_AGE,
      },
    });
    this.accessLog = new LogGroup(this, "AccessLog", {
      retention: stage.logRetention,
      removalPolicy: isRetained(stage) ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    acknowledge(this.accessLog, "CloudWatchLogGroupEncrypted");
    const { domain } = stage;
    this.stage = this.createStage(stage, domain && createApiDomain(this, "Domain", domain));
    this.throttle = stage.throttle;
    this.url = domain === undefined ? `${this.api.apiEndpoint}/` : `https://${domain.name}/`;
  }

  get id(): string {
    return this.api.apiId;
  }

  /** The route keys so far, without `$default`. */
  get routeKeys(): readonly string[] {
    return this.listed;
  }

  /**
   * Adds routes whose callers the function authenticates.
   * @param routeKeys such as `GET /me`
   */
  route(target: ApiFunction, routeKeys: readonly RouteKey[]): void {
    const integration = new HttpLambdaIntegration(target.node.id, target.func);
    for (const routeKey of routeKeys) {
      const route = this.addRoute(routeKey, { integration });
      this.listed.push(routeKey);
      acknowledgeOwnVerification(route);
    }
  }

  /**
   * Adds a route whose callers AWS IAM authenticates.
   * @returns the ARN on which their policies have to allow `execute-api:Invoke`
   */
  routeForRoles(target: ApiFunction, routeKey: RouteKey): string {
    const integration = new HttpLambdaIntegration(`${target.node.id}ForRoles`, target.func);
    const authorizer = new HttpIamAuthorizer();
    this.addRoute(routeKey, { integration, authorizer });
    this.listed.push(routeKey);
    const [method, path] = routeKey.split(" ");
    return this.api.arnForExecuteApi(method, path, "$default");
  }

  /** Sends all other requests to `target`. */
  routeTheRest(target: ApiFunction): void {
    const integration = new HttpLambdaIntegration("Unlisted", target.func);
    acknowledgeOwnVerification(this.addRoute("$default", { integration }));
  }

  private addRoute(
    key: RouteKey,
    props: Pick<HttpRouteProps, "integration" | "authorizer">,
  ): HttpRoute {
    const isDefault = key === "$default";
    const id = isDefault ? "Unlisted" : key.replace(/\W+/g, "-");
    const routeKey = isDefault ? HttpRouteKey.DEFAULT : keyOf(key);
    const route = new HttpRoute(this, id, { httpApi: this.api, routeKey, ...props });
    this.throttleRoute(key, route);
    return route;
  }

  /** API Gateway accepts settings only of routes that exist, so the stage depends on them. */
  private throttleRoute(key: RouteKey, route: HttpRoute): void {
    const { rate, burst } = throttleOf(key, this.throttle);
    this.stage.routeSettings = {
      ...(this.stage.routeSettings as object | undefined),
      [key]: { ThrottlingRateLimit: rate, ThrottlingBurstLimit: burst },
    };
    this.stage.addResourceDependency(route.node.defaultChild as CfnRoute);
  }

  private createStage({ throttle }: Stage, domainName: DomainName | undefined): CfnStage {
    const stage = new HttpStage(this, "Stage", {
      httpApi: this.api,
      stageName: "$default",
      autoDeploy: true,
      throttle: { rateLimit: throttle.rate, burstLimit: throttle.burst },
      ...(domainName !== undefined && { domainMapping: { domainName } }),
      accessLogSettings: {
        destination: new LogGroupLogDestination(this.accessLog),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
      },
    });
    return stage.node.defaultChild as CfnStage;
  }
}

function keyOf(routeKey: string): HttpRouteKey {
  const [method, path] = routeKey.split(" ") as [HttpMethod, string];
  return HttpRouteKey.with(path, method);
}

function acknowledgeOwnVerification(route: HttpRoute): void {
  Validations.of(route).acknowledge({
    id: "AwsSolutions-APIG4",
    reason: "HTTP APIs verify RSA tokens only and these are ES256, so the function verifies them",
  });
}

/** No header, query or path of the request: the route key is enough. */
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
