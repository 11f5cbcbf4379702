/**
 * The stage that `npx cdk deploy --all` deploys. Edit it: your provider (docs/providers.md), client
 * id, frontend and redirect URI.
 */
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { EXAMPLE_CLIENT_ID, type StageConfig } from "../stage";

export const dev: StageConfig = {
  name: "dev",
  idp: {
    preset: "rollup",
    issuer: "https://passport.rollup.id",
    clientId: EXAMPLE_CLIENT_ID,
  },
  corsOrigins: ["http://localhost:3000"],
  redirectUris: ["http://localhost:3000/callback"],
  sessions: { idleSeconds: 14 * 86_400, absoluteSeconds: 90 * 86_400 },
  throttle: { rate: 50, burst: 100 },
  logRetention: RetentionDays.THREE_MONTHS,
  reservedConcurrency: {
    users: 20,
    account: 5,
    refreshToken: 20,
    accessToken: 40,
    sessions: 20,
    health: 5,
    sweep: 1,
    recovery: 10,
  },
};
