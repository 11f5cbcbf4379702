/**
 * The stage that `npm run deploy` deploys. Edit it: your provider (docs/providers.md), client id,
 * frontend and redirect URI. It fits any account.
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
};
