import { App } from "aws-cdk-lib";
import { assertStage, type StageConfig } from "../../lib/stage";
import { chooseStage } from "../../lib/stages";
import { dev } from "../../lib/stages/dev";

const idp = (changes: Partial<StageConfig["idp"]>): Partial<StageConfig> => ({
  idp: { ...dev.idp, ...changes },
});

describe("a stage", () => {
  test("as it comes is right", () => {
    expect(assertStage(dev)).toBe(dev);
  });

  test.each<[string, Partial<StageConfig>]>([
    ["name", { name: "Dev Stage" }],
    ["idp.clientId", idp({ clientId: "" })],
    ["idp.issuer", idp({ issuer: "http://passport.rollup.id" })],
    ["idp.issuer", idp({ issuer: "passport.rollup.id" })],
    ["idp.jwksUri", idp({ jwksUri: "http://127.0.0.1.evil.example/jwks" })],
    ["idp.tokenEndpoint", idp({ tokenEndpoint: "" })],
    ["idp.revocationEndpoint", idp({ revocationEndpoint: "http://op.example" })],
    ["idp.idTokenSigningAlgs", idp({ idTokenSigningAlgs: [] })],
    ["idp.idTokenSigningAlgs", idp({ idTokenSigningAlgs: ["ES256", "RS256"] })],
    ["idp", idp({ refreshTokenRotation: "strict" })],
    ["corsOrigins", { corsOrigins: [] }],
    ["corsOrigins", { corsOrigins: ["*"] }],
    ["corsOrigins", { corsOrigins: ["https://app.example/"] }],
    ["corsOrigins", { corsOrigins: ["http://app.example"] }],
    ["redirectUris", { redirectUris: [] }],
    ["redirectUris", { redirectUris: ["http://app.example/callback"] }],
    ["throttle", { throttle: { rate: 0, burst: 1 } }],
    [
      "reservedConcurrency.users",
      { reservedConcurrency: { ...dev.reservedConcurrency, users: 0.5 } },
    ],
  ])("with a wrong %s fails with a sentence that names it", (field, changes) => {
    expect(() => assertStage({ ...dev, ...changes })).toThrow(
      new RegExp(`^stage file: "${field.replace(".", "\\.")}" must be \\w.*`),
    );
  });

  test("that nobody wrote is refused by name", () => {
    const { node } = new App({ context: { stage: "prod" } });
    expect(() => chooseStage(node)).toThrow('there is no stage "prod"');
  });

  test("local is not deployable by itself", () => {
    const { node } = new App({ context: { stage: "local" } });
    expect(() => chooseStage(node)).toThrow("npm start");
  });
});
