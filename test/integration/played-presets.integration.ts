/** `npm start -- --preset NAME`: the stack beside a local provider that plays another one. */
import { presetOf } from "../../lib/provider/resolve";
import { type Stack, startStack } from "../../local/stack";
import { LIMITS_TO_TRY } from "../../local/stack-options";
import { runTour } from "../../local/tour-steps";
import { createPaper } from "./other-providers";

jest.setTimeout(600_000);

let stack: Stack | undefined;

afterEach(async () => {
  await stack?.close();
});

test.each([
  ["auth0", { refreshTokenRotation: "none", idTokenMaxLifetimeSeconds: 36_000 }],
  ["keycloak", { refreshTokenRotation: "grace", clientAuthentication: "client_secret_basic" }],
  ["entra", { refreshTokenRotation: "grace", refreshTokenIdleSeconds: 7_776_000 }],
] as const)("beside a local %s the whole tour passes", async (name, settings) => {
  stack = await startStack({
    port: 0,
    issuerPort: 0,
    page: { port: 0, orAnyOther: false },
    limits: LIMITS_TO_TRY,
    preset: presetOf(name),
  });
  const { outputs } = stack;
  expect(outputs).toMatchObject({
    isLocalProvider: true,
    faults: { kind: "oidc" },
    idpSettings: { profile: "oidc", issuer: outputs.issuer, ...settings },
  });
  const { screen, text } = createPaper();
  await runTour(outputs, screen);
  expect(text()).toContain("Asked again, there is another one");
  expect(text()).toContain("the tour is complete");
});
