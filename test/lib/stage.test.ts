import { App } from "aws-cdk-lib";
import { ID_TOKEN_ALGS } from "../../lambda/facts";
import { assertStage } from "../../lib/stage";
import { chooseStage } from "../../lib/stages";
import { dev } from "../../lib/stages/dev";

/** Without a preset: every setting is there. */
const STAGE = assertStage(dev);
const idp = (changes: object) => ({ idp: { ...STAGE.idp, ...changes } });
const oidc = (changes: object) => idp({ profile: "oidc", ...changes });
const signing = (clientSigning: object) =>
  oidc({ clientAuthentication: "private_key_jwt", clientSigning });
const APPLE = { teamId: "TEAM123456", keys: ["KEY1234567"] };
const apple = (changes: object) =>
  oidc({
    clientAuthentication: "signed_client_secret",
    clientSigning: { ...APPLE, ...changes },
  });
const concurrency = (reservedConcurrency: object) => ({ reservedConcurrency });
const domain = (changes: object) => ({ domain: { name: "api.app.test", ...changes } });
const zone = (hostedZone: object) =>
  domain({ hostedZone: { id: "Z1", name: "app.test", ...hostedZone } });
const sessions = (changes: object) => ({ sessions: { ...dev.sessions, ...changes } });

const throttle = (routes: object) => ({ throttle: { rate: 50, burst: 100, routes } });

/** As wrong as a stage file can be: `cdk synth` runs it without a type check. */
const stageWith = (changes: object) => ({ ...STAGE, ...changes });

describe("a stage", () => {
  test("as it comes is right", () => {
    expect(assertStage(dev)).toEqual({ ...dev, idp: STAGE.idp });
    expect(assertStage(STAGE)).toEqual(STAGE);
  });

  test.each<[string, object]>([
    ["name", { name: "Dev Stage" }],
    ["name", { name: undefined }],
    ["env.account", { env: { account: "12345", region: "eu-central-1" } }],
    ["env.region", { env: { account: "123456789012", region: "Frankfurt" } }],
    ["idp", { idp: undefined }],
    ["idp.profile", idp({ profile: "auth0" })],
    ["idp.clientId", idp({ clientId: "" })],
    ["idp.clientId", idp({ clientId: undefined })],
    ["idp.clientId", idp({ clientId: " 0123" })],
    ["idp.issuer", idp({ issuer: "http://passport.rollup.id" })],
    ["idp.issuer", idp({ issuer: "passport.rollup.id" })],
    ["idp.issuer", idp({ issuer: "https://passport.rollup.id?tenant=1" })],
    ["idp.issuer", idp({ issuer: "https://user:password@passport.rollup.id" })],
    ["idp.jwksUri", idp({ jwksUri: "http://127.0.0.1.evil.example/jwks" })],
    ["idp.tokenEndpoint", idp({ tokenEndpoint: "" })],
    ["idp.userinfoEndpoint", idp({ userinfoEndpoint: "file:///etc/passwd" })],
    ["idp.revocationEndpoint", idp({ revocationEndpoint: "http://op.example" })],
    ["idp.idTokenSigningAlgs", idp({ idTokenSigningAlgs: [] })],
    ["idp.idTokenSigningAlgs", idp({ idTokenSigningAlgs: ["RS256"] })],
    ["idp.idTokenSigningAlgs", idp({ idTokenSigningAlgs: ["ES256", "RS256"] })],
    ["idp.idTokenSigningAlgs", idp({ profile: "oidc", idTokenSigningAlgs: ["HS256"] })],
    ["idp.idTokenSigningAlgs", idp({ profile: "oidc", idTokenSigningAlgs: [] })],
    ["idp.acceptedIssuers", oidc({ acceptedIssuers: "accounts.google.com" })],
    ["idp.acceptedIssuers", oidc({ acceptedIssuers: [" "] })],
    ["idp.acceptedIssuers", idp({ acceptedIssuers: ["passport.rollup.id"] })],
    ["idp.refreshTokenRotation", idp({ refreshTokenRotation: "strict" })],
    ["idp.refreshTokenIdleSeconds", oidc({ refreshTokenIdleSeconds: 1_373 })],
    ["idp.refreshTokenIdleSeconds", idp({ refreshTokenIdleSeconds: 86_400 })],
    ["idp.refreshTokenFormat", idp({ profile: "oidc", refreshTokenFormat: "paseto" })],
    ["idp.clientAuthentication", oidc({ clientAuthentication: "tls_client_auth" })],
    ["idp.clientAuthentication", oidc({ clientAuthentication: "client_secret_jwt" })],
    ["idp.clientAuthentication", idp({ clientAuthentication: "none" })],
    ["idp.clientSigning", idp({ clientSigning: { keys: ["1"] } })],
    ["idp.clientSigning.keys", signing({ keys: [] })],
    ["idp.clientSigning.keys", signing({ keys: ["2026", "2026"] })],
    ["idp.clientSigning.keys", signing({ keys: ["next-key"] })],
    ["idp.clientSigning.alg", signing({ alg: "HS256" })],
    ["idp.clientSigning.audience", signing({ audience: "https://op.example" })],
    ["idp.clientSigning.teamId", apple({ teamId: "team" })],
    ["idp.clientSigning", oidc({ clientAuthentication: "signed_client_secret" })],
    ["idp.clientSigning", apple({ teamId: undefined })],
    ["idp.clientSigning", apple({ keys: undefined })],
    ["idp.clientSigning", apple({ alg: "RS256" })],
    ["idp.clientSigning", apple({ audience: "issuer" })],
    ["idp.clientSigning", signing({ teamId: "TEAM123456", keys: ["KEY1234567"] })],
    ["operatorRoleArns", { operatorRoleArns: ["arn:aws:iam::123456789012:role/*"] }],
    ["operatorRoleArns", { operatorRoleArns: ["arn:aws:iam::123456789012:user/op"] }],
    ["idp.clockToleranceSeconds", idp({ clockToleranceSeconds: 301 })],
    ["idp.clockToleranceSeconds", idp({ clockToleranceSeconds: -1 })],
    ["idp.jwksTimeoutMs", idp({ jwksTimeoutMs: 5_001 })],
    ["idp.jwksTimeoutMs", idp({ jwksTimeoutMs: 499 })],
    ["idp.tokenEndpointTimeoutMs", idp({ tokenEndpointTimeoutMs: 8_001 })],
    ["idp.tokenEndpointTimeoutMs", idp({ tokenEndpointTimeoutMs: 999 })],
    ["idp.userinfoTimeoutMs", idp({ userinfoTimeoutMs: 4_000.5 })],
    ["idp.idTokenMaxLifetimeSeconds", oidc({ idTokenMaxLifetimeSeconds: 604_801 })],
    ["idp.idTokenMaxLifetimeSeconds", idp({ idTokenMaxLifetimeSeconds: 3_600 })],
    ["idp.idTokenMaxAgeSeconds", oidc({ idTokenMaxAgeSeconds: 86_401 })],
    ["idp.idTokenAllowedClaims", oidc({ idTokenAllowedClaims: ["jti"] })],
    ["idp.idTokenAllowedClaims", idp({ idTokenAllowedClaims: ["scope"] })],
    ["idp.trustedAudiences", oidc({ trustedAudiences: "project" })],
    ["idp.trustedAzp", oidc({ trustedAzp: [""] })],
    ["idp.trustedAzp", idp({ trustedAzp: ["native-app"] })],
    ["idp.failingGrantSeconds", oidc({ failingGrantSeconds: 3_599 })],
    ["limits.sessionsPerUser", { limits: { sessionsPerUser: 0 } }],
    ["limits.sessionsPerUser", { limits: { sessionsPerUser: 1_001 } }],
    ["limits.waitingCallers", { limits: { waitingCallers: 1.5 } }],
    ["corsOrigins", { corsOrigins: undefined }],
    ["corsOrigins", { corsOrigins: [] }],
    ["corsOrigins", { corsOrigins: ["*"] }],
    ["corsOrigins", { corsOrigins: ["https://*.app.example"] }],
    ["corsOrigins", { corsOrigins: ["https://app.example", "https://app.example/"] }],
    ["corsOrigins", { corsOrigins: ["https://app.example/path"] }],
    ["corsOrigins", { corsOrigins: ["http://app.example"] }],
    ["corsOrigins", { corsOrigins: ["null"] }],
    ["redirectUris", { redirectUris: [] }],
    ["redirectUris", { redirectUris: ["http://app.example/callback"] }],
    ["redirectUris", { redirectUris: ["https://app.example/callback#part"] }],
    ["throttle", { throttle: undefined }],
    ["throttle.rate", { throttle: { rate: 0, burst: 1 } }],
    ["throttle.burst", { throttle: { rate: 1, burst: 0.5 } }],
    ["throttle.routes", throttle({ "POST /session": { rate: 1, burst: 1 } })],
    ["throttle.routes", throttle({ "GET /openapi.json": { rate: 1 } })],
    ["throttle.routes", throttle({ "DELETE /sessions/{id}": { rate: 0, burst: 1 } })],
    ["throttle.routes", throttle({ "POST /sessions": { rate: 51, burst: 1 } })],
    ["throttle.routes", throttle({ "POST /sessions": { rate: 1, burst: 101 } })],
    ["limits.exchangeIntervalSeconds", { limits: { exchangeIntervalSeconds: -1 } }],
    ["logRetention", { logRetention: 2 }],
    ["env.region", { env: { region: "eu-central-9" } }],
    ["env.account", { env: { account: "000000000000" } }],
    ["name", { name: "dev-" }],
    ["corsOrigins", { corsOrigins: ["https://app.test", "https://app.test"] }],
    ["redirectUris", { redirectUris: ["https://app.test/*"] }],
    ["redirectUris", { redirectUris: ["https://app.test/a", "https://app.test/a"] }],
    ["serviceRoleArns", { serviceRoleArns: Array(2).fill("arn:aws:iam::123456789012:role/a") }],
    ["sessions.idleSeconds", sessions({ idleSeconds: 1 })],
    ["sessions.absoluteSeconds", sessions({ absoluteSeconds: 1e12 })],
    ["sessions", sessions({ idleSeconds: 7_200, absoluteSeconds: 3_600 })],
    ["throttle.rate", { throttle: { rate: Infinity, burst: 1 } }],
    ["throttle.burst", { throttle: { rate: 1, burst: 1e9 } }],
    ["limits.exchangeIntervalSeconds", { limits: { exchangeIntervalSeconds: 1e9 } }],
    ["limits.waitingCallers", { limits: { waitingCallers: 1e9 } }],
    ["reservedConcurrency", concurrency({ users: 0.5 })],
    ["reservedConcurrency", concurrency({ accessTokens: 1 })],
    ["recoveryConcurrency", { recoveryConcurrency: 3 }],
    ["domain", domain({})],
    ["domain.name", domain({ name: "https://api.app.test" })],
    ["domain.hostedZone.id", zone({ id: "app.test" })],
    ["domain.hostedZone.name", zone({ name: "test" })],
    ["domain.certificateArn", domain({ certificateArn: "arn:aws:iam::1:server-certificate/x" })],
    ["alarms.email", { alarms: { email: "operator" } }],
    ["tags", { tags: { stage: "mine" } }],
    ["tags", { tags: { "aws:owner": "mine" } }],
    ["tags", { tags: { owner: "a\nb" } }],
    ["retain", { retain: "yes" }],
    ["terminationProtection", { terminationProtection: 1 }],
    ["backup.keepDays", { backup: { keepDays: 0 } }],
    ["backup.copyTo", { backup: { keepDays: 1, copyTo: "elsewhere" } }],
    ["secretKey", { secretKey: "arn:aws:kms:eu-central-1:123456789012:key/x" }],
    ["tracing", { tracing: "active" }],
    ["architecture", { architecture: "x64" }],
    ["codeCache.nodeVersion", { codeCache: { nodeVersion: "v24" } }],
    ["codeCache.nodeFlags", { codeCache: { nodeVersion: "24.21.0", nodeFlags: ["--eval=1;x"] } }],
  ])("with a wrong %s fails with one sentence that names it", (field, changes) => {
    expect(() => assertStage(stageWith(changes))).toThrow(
      new RegExp(`^stage file: "${field.replace(".", "\\.")}" must be \\S[^\n]+$`),
    );
  });

  test.each([
    ["idp.clientID", idp({ clientID: "0123" })],
    ["corsOrigin", { corsOrigin: "https://app.example" }],
  ])("with a %s, which is no setting, is told so", (field, changes) => {
    expect(() => assertStage(stageWith(changes))).toThrow(
      `stage file: "${field}" is no setting of this kind of stage`,
    );
  });

  test.each([
    signing({}),
    signing({ keys: ["2027", "2026"], alg: "PS256", audience: "token_endpoint" }),
    apple({}),
    oidc({ clientAuthentication: "none" }),
    // Published, or imported, before it is used.
    oidc({ clientSigning: { keys: ["1"] } }),
    oidc({ clientSigning: APPLE }),
  ])("may authenticate its client without a secret (%#)", (changes) => {
    expect(assertStage(stageWith(changes) as never)).toMatchObject(changes);
  });

  test("may have plain http on this machine, another provider and its habits", () => {
    const habits = {
      profile: "oidc",
      issuer: "http://127.0.0.1:9000",
      jwksUri: "http://localhost:9000/jwks",
      tokenEndpoint: "http://[::1]:9000/token",
      revocationEndpoint: "https://op.example/revoke",
      idTokenSigningAlgs: [...ID_TOKEN_ALGS],
      clientAuthentication: "client_secret_basic",
      refreshTokenFormat: "opaque",
      refreshTokenRotation: "grace",
      refreshTokenIdleSeconds: 1_374,
      clockToleranceSeconds: 0,
      jwksTimeoutMs: 5_000,
      tokenEndpointTimeoutMs: 8_000,
      userinfoTimeoutMs: 500,
      idTokenMaxLifetimeSeconds: 604_800,
      idTokenMaxAgeSeconds: 60,
      idTokenAllowedClaims: ["scope", "scp", "client_id"],
      acceptedIssuers: ["127.0.0.1:9000"],
      trustedAudiences: ["project"],
      trustedAzp: ["native-app"],
      failingGrantSeconds: 3_600,
    };
    const stage = stageWith({ ...idp(habits), corsOrigins: ["http://127.0.0.1:5173"] });
    expect(assertStage(stage)).toEqual(stage);
  });

  test("may say how often single routes are called, up to what the stage has, and leave the interval out", () => {
    const routes = {
      "POST /sessions": { rate: 50, burst: 100 },
      "GET /openapi.json": { rate: 0.5, burst: 1 },
    };
    const stage = stageWith({ ...throttle(routes), limits: { exchangeIntervalSeconds: 0 } });
    expect(assertStage(stage)).toEqual(stage);
  });

  test("of Rollup ID may have a clock and time limits of its own", () => {
    const stage = stageWith(idp({ clockToleranceSeconds: 300, jwksTimeoutMs: 3_000 }));
    expect(assertStage(stage)).toEqual(stage);
  });

  test("that nobody wrote is refused by name", () => {
    const { node } = new App({ context: { stage: "test" } });
    expect(() => chooseStage(node)).toThrow('there is no stage "test"');
  });

  test("may take its client id from the command line", () => {
    const { node } = new App({ context: { stage: "prod", clientId: "5f0c1a" } });
    expect(chooseStage(node)).toMatchObject({ name: "prod", idp: { clientId: "5f0c1a" } });
  });

  test("may have all settings of a deployment", () => {
    const stage = stageWith({
      env: { account: "123456789012", region: "eu-central-1" },
      ...zone({}),
      reservedConcurrency: { accessToken: 40 },
      recoveryConcurrency: 4,
      alarms: { email: "operator@app.test" },
      tags: { owner: "me" },
      retain: false,
      terminationProtection: true,
      backup: { keepDays: 35, copyTo: "arn:aws:backup:eu-west-1:210987654321:backup-vault:ours" },
      secretKey: true,
      tracing: true,
      architecture: "x86_64",
      codeCache: { nodeVersion: "24.21.0", nodeFlags: ["--expose-gc"] },
    });
    expect(assertStage(stage)).toEqual(stage);
  });

  test("local is not deployable by itself", () => {
    const { node } = new App({ context: { stage: "local" } });
    expect(() => chooseStage(node)).toThrow("npm start");
  });
});
