import type { Measured } from "../kills/results";
import type { Rounds } from "./rounds";

export type RoundsResult = Measured & Rounds;

/** The section of docs/reliability.md on the rounds. */
export function section(result: RoundsResult): string {
  const { rounds, calls, served, exchanges, revocations, usersInStep, users } = result;
  return [
    "## Rotation without a crash",
    "",
    `${rounds.toLocaleString("en-US")} rounds at oidc-provider ${result.oidcProvider}, which revokes a family when a spent token is presented again. In each round two to five callers ask at once for a token`,
    `that none of them has yet: ${calls.toLocaleString("en-US")} calls, ${served.toLocaleString("en-US")} answered 200, ${exchanges.toLocaleString("en-US")} rotations, **${revocations} families revoked**. At the end the stored token is the provider's live one for`,
    `${usersInStep} of ${users} users. ${result.durationSeconds} s on ${result.machine}, Node ${result.node}, ${result.date.slice(0, 10)}.`,
    "",
  ].join("\n");
}
