/** What a caller is told when there is no access token, and what brings it about. */
import { UnavailableError } from "../../lambda/errors";
import type { TokenOutcome } from "../../lambda/ports/provider";
import type { GrantStore } from "../../lambda/ports/stores";

export async function failure(work: Promise<unknown>): Promise<Error> {
  return await work.then(
    () => {
      throw new Error("expected a failure");
    },
    (error: unknown) => error as Error,
  );
}

export async function unavailable(work: Promise<unknown>): Promise<UnavailableError> {
  const error = await failure(work);
  if (error instanceof UnavailableError) {
    return error;
  }
  throw error;
}

export const failed = (
  cause: "idp_unavailable" | "idp_rate_limited" | "idp_in_doubt" | "idp_protocol",
  processed: "no" | "maybe",
  retryAfterSeconds?: number,
): { outcome: TokenOutcome } => ({
  outcome: { kind: "failed", cause, processed, retryAfterSeconds },
});

export function failWritesWhen(store: GrantStore, isDown: () => boolean): GrantStore {
  return {
    read: (sub) => store.read(sub),
    write: (next, expected) =>
      isDown()
        ? Promise.reject(new UnavailableError("store_unavailable"))
        : store.write(next, expected),
  };
}
