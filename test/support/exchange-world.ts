import type { ActiveGrant, Grant } from "../../lambda/grant/grant";
import type { DueAt } from "../../lambda/grant/phase";
import type { ClientSecretSource } from "../../lambda/idp/client-secret";
import { DEFAULT_LIMITS } from "../../lambda/limits";
import type { Evidence } from "../../lambda/model";
import type { Opener, Sealer } from "../../lambda/ports/crypto";
import type { ClientAuthentication, TokenEndpoint } from "../../lambda/ports/provider";
import type { Logger } from "../../lambda/ports/runtime";
import type { EndedMarks, GrantStore, WaitingRoom } from "../../lambda/ports/stores";
import {
  type AccessTokenRequest,
  createGetAccessToken,
} from "../../lambda/refresh/get-access-token";
import type { Patience } from "../../lambda/refresh/patience";
import { createRecover } from "../../lambda/refresh/recover";
import { createDisconnect } from "../../lambda/use-cases/disconnect";
import { createStoreRefreshToken } from "../../lambda/use-cases/refresh-token";
import { authenticateBy, secretSource } from "./client-credentials";
import { createInMemoryCipher } from "./in-memory-cipher";
import { createInMemoryEndedMarks } from "./in-memory-ended-marks";
import { createInMemoryGrantStore } from "./in-memory-grant-store";
import { createInMemoryQueue, type QueuedTask } from "./in-memory-queue";
import { createTokenEndpointDouble } from "./token-endpoint-double";
import { createVirtualTime, type VirtualTime } from "./virtual-time";

export const SUB = "urn:rollupid:identity/0x01";
const FUNCTION_TIMEOUT_MS = 15_000;
export const CONSUMER_TIMEOUT_MS = 15_000;

export interface LogLine {
  readonly level: "info" | "warn" | "error";
  readonly event: string;
  readonly fields: unknown;
}

export function createLogDouble(): { readonly log: Logger; readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const at = (level: LogLine["level"]) => (event: string, fields?: unknown) => {
    lines.push({ level, event, fields });
  };
  return { log: { info: at("info"), warn: at("warn"), error: at("error") }, lines };
}

export interface WorldOptions {
  readonly rotation?: "none" | "grace" | "strict";
  readonly isRevocable?: boolean;
  /** When something is due for a grant, where the provider makes that matter. */
  readonly dueAt?: DueAt;
  readonly patience?: Patience;
  /** What the provider takes as client secret; what ours is can be told apart by `secretOf`. */
  readonly providerSecret?: string;
  readonly secret?: ClientSecretSource;
  /** Instead of a secret. */
  readonly clientAuthentication?: ClientAuthentication;
  /** Instead of the double with one family of tokens. */
  readonly endpoint?: (time: VirtualTime) => TokenEndpoint;
  readonly wrapStore?: (store: GrantStore) => GrantStore;
  readonly wrapMarks?: (marks: EndedMarks) => EndedMarks;
  /** Instead of one that counts beside the grants. */
  readonly waitingRoom?: WaitingRoom;
  /** @default as a stage has it */
  readonly waitingCallers?: number;
  /** @default as a stage has it */
  readonly exchangeIntervalSeconds?: number;
  readonly wrapCipher?: (cipher: Sealer & Opener) => Sealer & Opener;
}

/** The real use cases over in-memory ports, with one user who has handed in `refresh-token-0`. */
export async function createWorld(options: WorldOptions = {}) {
  const { rotation = "none", isRevocable = false } = options;
  const time = createVirtualTime();
  const store = createInMemoryGrantStore();
  const grants = options.wrapStore?.(store) ?? store;
  const marks = createInMemoryEndedMarks();
  const ended = options.wrapMarks?.(marks) ?? marks;
  const cipher = options.wrapCipher?.(createInMemoryCipher()) ?? createInMemoryCipher();
  const { log, lines } = createLogDouble();
  const state: { isIssuanceFrozen: boolean; restoredAt: number | undefined } = {
    isIssuanceFrozen: false,
    restoredAt: undefined,
  };
  const queue = createInMemoryQueue(time);
  let serial = 0;
  const random = {
    id: () => `id-${String((serial += 1))}`,
    fraction: () => (serial * 0.618) % 1,
  };
  const tokenEndpoint = createTokenEndpointDouble({
    time,
    rotation,
    firstToken: "refresh-token-0",
    ...(options.providerSecret === undefined ? {} : { clientSecret: options.providerSecret }),
  });
  const clientAuthentication =
    options.clientAuthentication ?? authenticateBy(options.secret ?? secretSource());
  const endpoint = options.endpoint?.(time) ?? tokenEndpoint;
  const opening = { opener: cipher, tokenEndpoint: endpoint, clientAuthentication };
  const dependencies = {
    grants,
    ended,
    revocation: isRevocable ? opening : undefined,
    log,
    sealer: cipher,
    opener: cipher,
    tokenEndpoint: endpoint,
    clientAuthentication,
    rotation,
    waitingRoom: options.waitingRoom ?? store,
    waitingCallers: options.waitingCallers ?? DEFAULT_LIMITS.waitingCallers,
    exchangeIntervalSeconds:
      options.exchangeIntervalSeconds ?? DEFAULT_LIMITS.exchangeIntervalSeconds,
    recovery: rotation === "none" ? undefined : queue.recovery,
    ...(options.patience !== undefined && { patience: options.patience }),
    issuance: {
      read: async (sub: string) => ({
        grant: await grants.read(sub),
        endedAt: await ended.read(sub),
        isFrozen: state.isIssuanceFrozen,
        restoredAt: state.restoredAt,
      }),
    },
    clock: time,
    timer: time,
    random,
  };
  const storeRefreshToken = createStoreRefreshToken({
    ...dependencies,
    ownership: {
      precheck: () => Promise.resolve(),
      verify: (refreshToken) => Promise.resolve({ refreshToken }),
    },
  });
  const getAccessToken = createGetAccessToken(dependencies);
  const disconnectUser = createDisconnect(dependencies);
  const call = () => ({
    sub: SUB,
    by: "POST /me/access-token",
    deadline: time.now() + FUNCTION_TIMEOUT_MS,
    log,
  });
  const recover = createRecover({ ...dependencies, dueAt: options.dueAt });
  const consume = ({ task, receiveCount }: QueuedTask) =>
    recover({ task, receiveCount, log, deadline: time.now() + CONSUMER_TIMEOUT_MS });
  /** What comes at once and in its order is there before anybody has slept. */
  const handOut = async () => {
    const count = () => queue.items.reduce((sum, { receiveCount }) => sum + receiveCount, 0);
    const before = count();
    void queue.deliver(consume, "take-over");
    return await Promise.resolve(count() > before);
  };
  const world = {
    state,
    queue,
    recover,
    consume,
    handOut,
    dependencies,
    storeRefreshToken,
    time,
    store,
    marks,
    tokenEndpoint,
    lines,
    signIn: (refreshToken: string) =>
      storeRefreshToken({
        evidence: { sub: SUB, at: time.now(), tokenHash: undefined },
        by: "PUT /me/refresh-token",
        refreshToken,
      }),
    /** Starts a call; `world.time.run` makes it happen. */
    call: (request: Partial<AccessTokenRequest> = {}) =>
      getAccessToken({ ...call(), minValiditySeconds: 60, ...request }),
    get: (request: Partial<AccessTokenRequest> = {}) =>
      time.run(getAccessToken({ ...call(), minValiditySeconds: 60, ...request }), handOut),
    disconnect: (evidence?: Evidence) =>
      disconnectUser({
        ...call(),
        by: "DELETE /me/refresh-token",
        ...(evidence && { evidence }),
      }),
    grant: async () => {
      const grant = await store.read(SUB);
      if (grant === undefined) {
        throw new Error("no grant");
      }
      return grant;
    },
    active: async () => asActive(await world.grant()),
    /** What the row's newest refresh token opens to: what a later caller would present. */
    storedRefreshToken: async () => {
      const { sub, grantId, refreshToken } = await world.grant();
      if (refreshToken === undefined) {
        return undefined;
      }
      const { ciphertext, gen } = refreshToken;
      return await cipher.open(ciphertext, { sub, grantId, gen, purpose: "refresh_token" });
    },
  };
  await world.signIn("refresh-token-0");
  return world;
}

export function asActive(grant: Grant): ActiveGrant {
  if (grant.status !== "active") {
    throw new Error("not active");
  }
  return grant;
}

export type World = Awaited<ReturnType<typeof createWorld>>;
