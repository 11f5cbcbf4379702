/**
 * A stage for real users. Edit what is under `.example`, and your provider, as in dev.ts. Deploy it
 * with `STAGE=prod npm run deploy`; docs/deploying.md explains each setting.
 */
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { EXAMPLE_CLIENT_ID, type StageConfig } from "../stage";

export const prod: StageConfig = {
  name: "prod",
  idp: {
    preset: "rollup",
    issuer: "https://passport.rollup.id",
    clientId: EXAMPLE_CLIENT_ID,
  },
  domain: {
    name: "api.app.example",
    hostedZone: { id: "Z0000000000EXAMPLE", name: "app.example" },
  },
  corsOrigins: ["https://app.example"],
  redirectUris: ["https://app.example/callback"],
  sessions: { idleSeconds: 14 * 86_400, absoluteSeconds: 90 * 86_400, transport: "cookie" },
  throttle: { rate: 200, burst: 400 },
  logRetention: RetentionDays.ONE_YEAR,
  alarms: { email: "operator@app.example" },
  recoveryConcurrency: 10,
  backup: { keepDays: 35 },
  secretKey: true,
};
