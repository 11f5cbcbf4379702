/** The HTTP API and its functions: stateless, replaced with every deployment. */
import { Annotations, CfnOutput, type Duration, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { LASTING_OF } from "../lambda/store/lasting-attributes";
import { ApiFunction } from "./api-function";
import { addBackgroundFunctions, grantRecoveryQueues } from "./background-functions";
import type { CodeOf, HandlerName } from "./bundling";
import { grantClientAccess } from "./client-access";
import type { DataStack } from "./data-stack";
import { type FunctionTimeouts, functionTimeouts, graceSecondsNeeded } from "./function-timeouts";
import { JsonApi } from "./json-api";
import { metricsNamespaceOf } from "./metrics-namespace";
import { Monitoring } from "./monitoring/monitoring";
import { needsOf } from "./provider-needs";
import { type FunctionWord, limitsOf, type Stage } from "./stage";
import { ENDED, type GrantAccess } from "./table-statements";

export interface ApiStackProps extends StackProps {
  readonly stage: Stage;
  readonly data: DataStack;
  readonly codeOf: CodeOf;
}

/** Seconds for which a replaced refresh token stays good with `refreshTokenRotation: "grace"`. */
const GRACE_SECONDS = 25;

export class ApiStack extends Stack {
  private readonly stage: Stage;
  private readonly timeouts: FunctionTimeouts;
  private readonly codeOf: CodeOf;
  /** Those with routes. */
  private readonly functions: ApiFunction[] = [];

  constructor(scope: Construct, id: string, { stage, data, codeOf, ...props }: ApiStackProps) {
    super(scope, id, props);
    this.stage = stage;
    this.timeouts = functionTimeouts(stage.idp);
    this.codeOf = codeOf;
    const api = new JsonApi(this, "Http", stage);
    api.route(this.usersFunction(data, api.url), ["PUT /me", "GET /me", "PATCH /me"]);
    api.route(this.accountFunction(data), ["DELETE /me", "GET /me/export"]);
    api.route(this.refreshTokenFunction(data), ["PUT /me/refresh-token", "GET /me/refresh-token"]);
    const accessToken = this.accessTokenFunction(data);
    api.route(accessToken, ["POST /me/access-token", "DELETE /me/refresh-token"]);
    this.routeService(api, accessToken);
    api.route(this.sessionsFunction(data), [
      "POST /sessions",
      "GET /sessions",
      "DELETE /sessions",
      "DELETE /sessions/current",
      "DELETE /sessions/{id}",
    ]);
    const health = this.healthFunction(api, data);
    api.routeTheRest(health);
    health.setVariable("ROUTES", api.routeKeys);
    new CfnOutput(this, "ApiUrl", { value: api.url });
    // For the admin command; nothing in it is secret.
    new CfnOutput(this, "IdpSettings", { value: JSON.stringify(stage.idp) });
    // For the smoke suite.
    new CfnOutput(this, "CorsOrigins", { value: JSON.stringify(stage.corsOrigins) });
    const background = addBackgroundFunctions(this, { stage, data, codeOf });
    new Monitoring(this, "Monitoring", {
      stage,
      data,
      apiId: api.id,
      accessLog: api.accessLog,
      functions: [...this.functions, ...background.watched].map(({ func }) => func),
      logGroups: [...this.functions, ...background.all].map(({ func }) => func.logGroup),
      queues: [data.recoveryQueue, data.orderedRecoveryQueue].filter((one) => one !== undefined),
      deadLetters: [data.recoveryQueue?.deadLetterQueue?.queue].filter((one) => one !== undefined),
    });
    this.warnOfGrace();
  }

  private usersFunction(data: DataStack, apiUrl: string): ApiFunction {
    const users = this.createFunction("Users", {
      entry: "users",
      concurrency: "users",
      timeout: this.timeouts.users,
    });
    this.grantAuthentication(users, data);
    users.grantEditUsers(data.users);
    users.setVariable("API_URL", apiUrl);
    return users;
  }

  /** Exports and erases a user's data. */
  private accountFunction(data: DataStack): ApiFunction {
    const account = this.createFunction("Account", {
      entry: "account",
      concurrency: "account",
      timeout: this.timeouts.exchange,
    });
    this.grantAuthentication(account, data);
    account.grantEraseUsers(data.users);
    account.grantRefreshTokens(
      data.refreshTokens,
      this.grantAccess({ lasting: LASTING_OF.account, control: [ENDED] }),
    );
    account.grantEndSessions(data.sessions);
    if (this.stage.idp.revocationEndpoint !== undefined) {
      account.grantOpen(data.grantKey);
      grantClientAccess(account, { stage: this.stage, data });
    }
    return account;
  }

  /** Takes refresh tokens in: seals, and cannot open. */
  private refreshTokenFunction(data: DataStack): ApiFunction {
    const intake = this.createFunction("RefreshToken", {
      entry: "refresh-token",
      concurrency: "refreshToken",
      timeout: this.timeouts.intake,
    });
    this.grantAuthentication(intake, data);
    intake.grantRefreshTokens(data.refreshTokens, this.grantAccess({ looksAt: [ENDED.key] }));
    intake.grantSeal(data.grantKey);
    // Only a refresh shows whose an opaque token is, and that takes the credentials of the client.
    if (needsOf(this.stage.idp).hasOpaqueTokens) {
      grantClientAccess(intake, { stage: this.stage, data });
    }
    return intake;
  }

  /**
   * Refreshes: it seals, opens and acts as the client. Only recovery does as well, and, with a
   * revocation endpoint, account and sweep can open.
   */
  private accessTokenFunction(data: DataStack): ApiFunction {
    const { rotates } = needsOf(this.stage.idp);
    const refresh = this.createFunction("AccessToken", {
      entry: rotates ? "access-token-rotating" : "access-token",
      concurrency: "accessToken",
      timeout: rotates ? this.timeouts.rotatingExchange : this.timeouts.exchange,
    });
    this.grantAuthentication(refresh, data);
    refresh.grantIssuance(data.refreshTokens, this.grantAccess({ control: [ENDED], waits: true }));
    refresh.grantSeal(data.grantKey);
    refresh.grantOpen(data.grantKey);
    grantClientAccess(refresh, { stage: this.stage, data });
    grantRecoveryQueues(refresh, data);
    refresh.setVariable("SERVICE_ROLE_ARNS", this.serviceRoleArns);
    return refresh;
  }

  /** Without listed roles there is no service route. */
  private routeService(api: JsonApi, target: ApiFunction): void {
    if (this.serviceRoleArns.length > 0) {
      const value = api.routeForRoles(target, "POST /service/access-token");
      new CfnOutput(this, "ServiceRouteArn", { value });
    }
  }

  private get serviceRoleArns(): readonly string[] {
    return this.stage.serviceRoleArns ?? [];
  }

  /** Signs in: exchanges a code and seals the refresh token. It cannot open it. */
  private sessionsFunction(data: DataStack): ApiFunction {
    const sessions = this.createFunction("Sessions", {
      entry: "sessions",
      concurrency: "sessions",
      timeout: this.timeouts.exchange,
    });
    this.grantAuthentication(sessions, data);
    sessions.grantManageSessions(data.sessions);
    sessions.grantSignInUsers(data.users);
    sessions.grantSignOutUsers(data.users);
    sessions.grantRefreshTokens(
      data.refreshTokens,
      this.grantAccess({ lasting: LASTING_OF.sessions, looksAt: [ENDED.key] }),
    );
    sessions.grantSeal(data.grantKey);
    grantClientAccess(sessions, { stage: this.stage, data });
    sessions.setVariable("REDIRECT_URIS", this.stage.redirectUris);
    return sessions;
  }

  /** Also publishes the keys that sign as this client, unless the provider has made them. */
  private healthFunction(api: JsonApi, data: DataStack): ApiFunction {
    const { clientKeys } = needsOf(this.stage.idp);
    const isPublisher = clientKeys?.areImported === false;
    const health = this.createFunction("Health", {
      entry: isPublisher ? "health-with-keys" : "health",
      concurrency: "health",
    });
    api.route(health, ["GET /health", "GET /openapi.json"]);
    if (isPublisher) {
      health.grantPublish(data.clientKeys, clientKeys);
      api.route(health, ["GET /.well-known/jwks.json"]);
      new CfnOutput(this, "JwksUri", { value: `${api.url}.well-known/jwks.json` });
    }
    return health;
  }

  private grantAccess(access: Omit<GrantAccess, "hasDue">): GrantAccess {
    return { hasDue: needsOf(this.stage.idp).hasDue, ...access };
  }

  /** What a function needs to authenticate users, by ID token or by session. */
  private grantAuthentication(target: ApiFunction, data: DataStack): void {
    target.setVariable("IDP_SETTINGS", this.stage.idp);
    const { sessions, corsOrigins: origins } = this.stage;
    const hasCookies = sessions.transport === "cookie";
    target.setVariable("SESSION_SETTINGS", hasCookies ? { ...sessions, origins } : sessions);
    target.setVariable("LIMITS", limitsOf(this.stage));
    target.grantSessions(data.sessions);
  }

  private createFunction(
    id: string,
    props: {
      readonly entry: HandlerName;
      readonly concurrency: FunctionWord;
      readonly timeout?: Duration;
    },
  ): ApiFunction {
    const made = new ApiFunction(this, id, {
      code: this.codeOf(props.entry),
      timeout: props.timeout ?? this.timeouts.plain,
      concurrency: props.concurrency,
      stage: this.stage,
      metricsNamespace: metricsNamespaceOf(this.stage),
    });
    this.functions.push(made);
    return made;
  }

  /**
   * Warns where the provider's grace time may be too short: long time limits make functions long,
   * and a lease lasts as long as its function may run.
   */
  private warnOfGrace(): void {
    const { name, idp } = this.stage;
    const needed = graceSecondsNeeded(idp);
    if (idp.refreshTokenRotation === "grace" && needed > GRACE_SECONDS) {
      Annotations.of(this).addWarningV2(
        "rollup-vault:grace-time",
        `lib/stages/${name}.ts: with these time limits a refresh token that was replaced ` +
          `must still be good for ${String(needed)} s; if your provider's is not, ` +
          'write refreshTokenRotation "strict"',
      );
    }
  }
}
