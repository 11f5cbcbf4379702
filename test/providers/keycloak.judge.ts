import { describeColumn } from "./column";
import { JOURNEY } from "./journey";
import { startKeycloak } from "./keycloak";
import { CHANGED_STAGE, CHANGES, REFUSALS } from "./keycloak-changes";
import { KEYCLOAK } from "./prepared";

describeColumn({ source: KEYCLOAK, start: startKeycloak, table: "journey", steps: JOURNEY });

describeColumn({
  source: KEYCLOAK,
  title: "Keycloak, strict",
  start: async (place) => await startKeycloak(place, { revokeRefreshToken: true }),
  overrides: { refreshTokenRotation: "strict", clientAuthentication: "client_secret_post" },
  table: "journey",
  steps: JOURNEY,
  isLong: true,
});

describeColumn({
  source: KEYCLOAK,
  title: "Keycloak, changed, stage as printed",
  start: startKeycloak,
  table: "changes",
  steps: REFUSALS,
  isLong: true,
});

describeColumn({
  source: KEYCLOAK,
  title: "Keycloak, changed",
  start: startKeycloak,
  overrides: CHANGED_STAGE,
  table: "changes",
  steps: CHANGES,
  isLong: true,
});
