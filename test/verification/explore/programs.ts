/** The real use cases as programs: what the handlers call, with the arguments that they would give. */
import { createGetAccessToken } from "../../../lambda/refresh/get-access-token";
import { createDisconnect } from "../../../lambda/use-cases/disconnect";
import { createErase } from "../../../lambda/use-cases/erase";
import { createFreeze } from "../../../lambda/use-cases/freeze";
import { UnavailableError } from "../../../lambda/errors";
import type { RecoveryTask } from "../../../lambda/ports/queues";
import { createRecover } from "../../../lambda/refresh/recover";
import { createStoreRefreshToken } from "../../../lambda/use-cases/refresh-token";
import { writeToken } from "./provider";
import type { Program } from "./run";

export const SUB = "urn:rollupid:identity/0x01";
export const START = Date.UTC(2026, 0, 1);
/** A function is over after this: the longest that the template gives one that holds a lease (lib/api-stack.ts, lib/recovery-queue.ts). */
export const FUNCTION_MS = 15_000;

export type Role = "access" | "sign-in" | "stale sign-in" | "disconnect" | "erase" | "freeze";

/** `recover`: takes one item from the queue. */
export type Actor = Role | "recover";

/** `by` tells who is noted in the history. */
export function programOf(role: Actor, by = "POST /me/access-token"): Program {
  switch (role) {
    case "access":
      return access(by);
    case "sign-in":
      return signIn(Number.MAX_SAFE_INTEGER);
    case "stale sign-in":
      return signIn(START - 1);
    case "disconnect":
      return async (ports) => {
        const { clock, log } = ports;
        const deadline = clock.now() + FUNCTION_MS;
        await createDisconnect(ports)({ sub: SUB, by: "DELETE /me/refresh-token", deadline, log });
        return undefined;
      };
    case "erase":
      return async (ports) => {
        const evidence = { sub: SUB, at: START, tokenHash: "hash" };
        // Nobody has sessions here, so its time is never over.
        await createErase(ports)({ sub: SUB, evidence, deadline: Infinity, log: ports.log });
        return undefined;
      };
    case "recover":
      throw new Error("takes its task from the queue");
    case "freeze":
      return async (ports) => {
        await createFreeze(ports)({ sub: SUB, by: "admin" });
        return undefined;
      };
  }
}

/** What the queue has to bring again ends with an error, as it does for the queue. */
export function recover(task: RecoveryTask): Program {
  return async (ports) => {
    const { clock, log } = ports;
    const deadline = clock.now() + FUNCTION_MS;
    const work = createRecover({ ...ports, dueAt: undefined });
    if ((await work({ task, receiveCount: 1, deadline, log })) === "again") {
      throw new UnavailableError("exchange_in_progress");
    }
    return undefined;
  };
}

function access(by: string): Program {
  return async (ports) => {
    const { clock, log } = ports;
    const { accessToken } = await createGetAccessToken(ports)({
      ...{ sub: SUB, by, log, minValiditySeconds: 60 },
      deadline: clock.now() + FUNCTION_MS,
    });
    return accessToken;
  };
}

/** Hands in the first token of the second family. */
function signIn(at: number): Program {
  return async (ports) => {
    const store = createStoreRefreshToken({
      ...ports,
      proof: {
        inspect: () => Promise.resolve(),
        redeem: (refreshToken) => Promise.resolve({ refreshToken }),
      },
    });
    await store({
      evidence: { sub: SUB, at, tokenHash: "later hash" },
      by: "PUT /me/refresh-token",
      refreshToken: writeToken({ family: 1, serial: 0 }),
    });
    return undefined;
  };
}
