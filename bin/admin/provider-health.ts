/**
 * How the provider does: whether its key set and its token endpoint answer this machine, and what a
 * sample of users has met. Nothing is sent to it that could change anything.
 */
import type { IdpSettings } from "../../lambda/env";
import type { EpochMs } from "../../lambda/model";
import { createHttpClient } from "../../lambda/platform/http-client";
import type { Clock } from "../../lambda/ports/runtime";
import type { GrantStore } from "../../lambda/ports/stores";
import type { createGrantList } from "../../lambda/store/grant-list";

export interface ProviderHealth {
  readonly issuer: string;
  readonly endpoints: readonly EndpointHealth[];
  readonly sample: {
    /** Users who were looked at. */
    readonly looked: number;
    /** By cause, how many of them wait after a failed refresh. */
    readonly waiting: Readonly<Record<string, number>>;
    /** When a refresh of one of them last succeeded. */
    readonly lastRefreshAt: EpochMs | null;
  };
}

export interface EndpointHealth {
  readonly name: "key set" | "token endpoint";
  readonly url: string;
  /** Null: no answer. */
  readonly status: number | null;
  readonly durationMs: number;
  readonly isWell: boolean;
}

export interface ProviderHealthOptions {
  readonly settings: Pick<IdpSettings, "issuer" | "jwksUri" | "tokenEndpoint">;
  readonly clock: Clock;
  readonly list: ReturnType<typeof createGrantList>;
  readonly grants: Pick<GrantStore, "read">;
}

const SAMPLE = 25;
const TIMEOUT_MS = 4_000;

export function createProviderHealth(options: ProviderHealthOptions) {
  const { settings } = options;
  return async (): Promise<ProviderHealth> => {
    const [keys, tokens, sample] = await Promise.all([
      ask("key set", settings.jwksUri, (status) => status === 200),
      // No request that it knows: any answer of its own says that it is there.
      ask("token endpoint", settings.tokenEndpoint, (status) => status < 500),
      lookAtSome(options),
    ]);
    return { issuer: settings.issuer, endpoints: [keys, tokens], sample };
  };
}

async function ask(
  name: EndpointHealth["name"],
  url: string,
  isWell: (status: number) => boolean,
): Promise<EndpointHealth> {
  const startedAt = performance.now();
  const since = () => Math.round(performance.now() - startedAt);
  try {
    const request = { method: "GET", url, timeoutMs: TIMEOUT_MS, maxBytes: 1_000_000 } as const;
    const { status } = await createHttpClient().send(request);
    return { name, url, status, durationMs: since(), isWell: isWell(status) };
  } catch {
    return { name, url, status: null, durationMs: since(), isWell: false };
  }
}

async function lookAtSome({
  list,
  grants,
  clock,
}: ProviderHealthOptions): Promise<ProviderHealth["sample"]> {
  const page = await list({ status: "active", limit: SAMPLE, after: undefined });
  const found = await Promise.all(page.grants.map(({ sub }) => grants.read(sub)));
  const now = clock.now();
  const waiting: Record<string, number> = {};
  let last = 0;
  for (const grant of found) {
    const { cooldown } = grant ?? {};
    last = Math.max(last, grant?.lastExchangeAt ?? 0);
    if (cooldown !== undefined && cooldown.until > now) {
      waiting[cooldown.cause] = (waiting[cooldown.cause] ?? 0) + 1;
    }
  }
  return { looked: found.length, waiting, lastRefreshAt: last === 0 ? null : last };
}
