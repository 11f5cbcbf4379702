/**
 * The functions: the real use cases with the real pacing (lambda/refresh/), patience, caches and
 * client authentication of each instance, over services that only count.
 */
import type { DueAt } from "../../../lambda/grant/phase";
import { createSecretAuthentication } from "../../../lambda/idp/client-authentication";
import { createClientSecretSource } from "../../../lambda/idp/client-secret";
import { createOpenedTokens } from "../../../lambda/kms/opened-tokens";
import type { Opener } from "../../../lambda/ports/crypto";
import type { TokenEndpoint } from "../../../lambda/ports/provider";
import type { Recovery } from "../../../lambda/ports/queues";
import type { Logger, Random } from "../../../lambda/ports/runtime";
import {
  createGetAccessToken,
  type GetAccessToken,
} from "../../../lambda/refresh/get-access-token";
import { createPatience } from "../../../lambda/refresh/patience";
import { createRecover } from "../../../lambda/refresh/recover";
import { createStoreRefreshToken } from "../../../lambda/use-cases/refresh-token";
import type { Scenario } from "./scenario";
import type { Services } from "./services";
import type { VirtualClock } from "./virtual-clock";

export interface FunctionsOptions {
  readonly scenario: Scenario;
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly services: Services;
  readonly tokenEndpoint: TokenEndpoint;
  readonly recovery: Recovery | undefined;
  readonly dueAt: DueAt | undefined;
}

export const SILENT: Logger = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** One instance of the access-token function. */
export function createAccessTokenInstance(options: FunctionsOptions): GetAccessToken {
  const { scenario, services, clock } = options;
  const { waitingCallers, exchangeIntervalSeconds } = scenario.stage.limits;
  return createGetAccessToken({
    ...exchangeParts(options),
    timer: clock,
    issuance: services.issuance,
    waitingRoom: services.waitingRoom,
    waitingCallers,
    exchangeIntervalSeconds,
  });
}

/** One instance of the recovery function. */
export function createRecoveryInstance(options: FunctionsOptions) {
  const { services, dueAt, clock } = options;
  return createRecover({
    ...exchangeParts(options),
    timer: clock,
    issuance: services.issuance,
    revocation: undefined,
    dueAt,
  });
}

/** The sessions function, as far as the grant is concerned. */
export function createSignIn({ services, clock, random }: FunctionsOptions) {
  const { sealer, grants } = services;
  return createStoreRefreshToken({
    grants,
    sealer,
    clock,
    random,
    ownership: {
      precheck: () => Promise.resolve(),
      verify: (refreshToken) => Promise.resolve({ refreshToken }),
    },
  });
}

function exchangeParts(options: FunctionsOptions) {
  const { scenario, clock, random, services, tokenEndpoint, recovery } = options;
  return {
    grants: services.grants,
    sealer: services.sealer,
    opener: createOpener(services),
    tokenEndpoint,
    clientAuthentication: createSecretAuthentication({
      clientId: "client",
      isBasic: false,
      source: createClientSecretSource({ arn: "arn", client: secretsOf(services), clock }),
    }),
    rotation: scenario.provider.rotation,
    recovery,
    patience: createPatience(),
    clock,
    random,
  };
}

/** As lambda/kms/kms-opener.ts: an instance remembers the access tokens that it opened last. */
function createOpener(services: Services): Opener {
  const opened = createOpenedTokens();
  return {
    open: async (ciphertext, { sub, grantId, gen, purpose }) => {
      const binding = Buffer.from(`${sub} ${grantId} ${String(gen)}`);
      const memory = purpose === "access_token" ? opened : undefined;
      const known = memory?.find(ciphertext, binding);
      if (known !== undefined) {
        return known;
      }
      const plaintext = await services.unwrap(ciphertext);
      memory?.keep(ciphertext, binding, plaintext);
      return plaintext;
    },
  };
}

/** What lambda/idp/client-secret.ts asks of the SDK's client. */
function secretsOf(services: Services) {
  const send = async () => {
    await services.readSecret();
    return { SecretString: "client-secret-of-the-simulation" };
  };
  return { send } as unknown as Parameters<typeof createClientSecretSource>[0]["client"];
}
