/** An identity provider as a limit: it answers, refuses what is too much, or is down. */
import type { TokenEndpoint, TokenOutcome } from "../../../lambda/ports/provider";
import type { Bucket } from "./bucket";
import type { Meter } from "./meter";
import type { Scenario } from "./scenario";
import type { VirtualClock } from "./virtual-clock";

export interface ProviderOptions {
  readonly scenario: Scenario;
  readonly clock: VirtualClock;
  readonly meter: Meter;
  readonly bucket: Bucket;
  /** Whether it is down now. */
  readonly isDown: () => boolean;
  /** Milliseconds that a token request takes. */
  readonly latencyMs: number;
}

/** Milliseconds until it says no. */
const REFUSAL_MS = 30;
/** What it asks those to wait whom it refuses for their number. */
const RETRY_AFTER_SECONDS = 1;

/** The outcomes are what lambda/idp/token-answer.ts makes of such answers. */
export function createProvider(options: ProviderOptions): TokenEndpoint {
  const { scenario, clock, meter, bucket, isDown, latencyMs } = options;
  const { stage, provider, outage } = scenario;
  let serial = 0;

  async function down(): Promise<TokenOutcome> {
    const failed = { kind: "failed", processed: "maybe", retryAfterSeconds: undefined } as const;
    if (outage?.kind === "refused") {
      await clock.sleep(REFUSAL_MS);
      return { ...failed, cause: "idp_unavailable" };
    }
    await clock.sleep(stage.tokenEndpointTimeoutMs);
    return { ...failed, cause: "idp_in_doubt", setting: "idp.tokenEndpointTimeoutMs" };
  }

  async function refresh(): Promise<TokenOutcome> {
    meter.count("provider");
    if (isDown()) {
      return await down();
    }
    if (!bucket.take(1)) {
      meter.refused("provider");
      await clock.sleep(REFUSAL_MS);
      const cause = "idp_rate_limited";
      return { kind: "failed", cause, processed: "no", retryAfterSeconds: RETRY_AFTER_SECONDS };
    }
    await clock.sleep(latencyMs);
    serial += 1;
    meter.count("tokens");
    const expiresAt = clock.now() + provider.lifetimeSeconds * 1000;
    return {
      kind: "tokens",
      accessToken: {
        accessToken: `a${String(serial)}`,
        tokenType: "Bearer",
        expiresAt,
        scope: undefined,
      },
      refreshToken: provider.rotation === "none" ? undefined : `r${String(serial)}`,
      foreign: false,
      sub: undefined,
    };
  }

  return {
    timeoutMs: stage.tokenEndpointTimeoutMs,
    refresh,
    exchangeCode: () => Promise.resolve({ kind: "refused" }),
    revoke: () => Promise.resolve(true),
  };
}
