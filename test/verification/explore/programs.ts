/** The real use cases as programs, with the arguments that the handlers would give. */
import { UnavailableError } from "../../../lambda/errors";
import { MAX_MIN_VALIDITY_SECONDS } from "../../../lambda/facts";
import type { RecoveryTask } from "../../../lambda/ports/queues";
import { createGetAccessToken } from "../../../lambda/refresh/get-access-token";
import { createRecover } from "../../../lambda/refresh/recover";
import { createDisconnect } from "../../../lambda/use-cases/disconnect";
import { createErase } from "../../../lambda/use-cases/erase";
import { createFreeze } from "../../../lambda/use-cases/freeze";
import { createStoreRefreshToken } from "../../../lambda/use-cases/refresh-token";
import { writeToken } from "./provider";
import type { Program } from "./run";

export const SUB = "urn:rollupid:identity/0x01";
export const START = Date.UTC(2026, 0, 1);
/**
 * The longest lifetime of a function that holds a lease (lib/api-stack.ts, lib/recovery-queue.ts).
 */
export const FUNCTION_MS = 15_000;

export type Role = "access" | "sign-in" | "stale sign-in" | "disconnect" | "erase" | "freeze";

/** `recover` consumes one item of the queue. */
export type Actor = Role | "recover";

/** @param by the name in the history */
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
        // The user has no sessions here, so this time is never reached.
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

/** Ends with an error if the queue must deliver the item again. */
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
      sub: SUB,
      by,
      log,
      minValiditySeconds: MAX_MIN_VALIDITY_SECONDS,
      deadline: clock.now() + FUNCTION_MS,
    });
    return accessToken;
  };
}

/** Stores the first token of the second family. */
function signIn(at: number): Program {
  return async (ports) => {
    const store = createStoreRefreshToken({
      ...ports,
      ownership: {
        precheck: () => Promise.resolve(),
        verify: (refreshToken) => Promise.resolve({ refreshToken }),
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
