/**
 * What fires each alarm of the template, and where a test lets just that happen. An alarm without a
 * row fails `alarms-fire.test.ts`; a row that no test brings about fails the tests of its kind.
 */

interface Cause {
  readonly cause: string;
  /**
   * `lines`: the code's own log lines (`alarms-fire.test.ts`). `aws`: what AWS counts by itself,
   * counted here by the local AWS (`test/integration/alarms.integration.ts`). `trail`: an event of
   * CloudTrail (`changes.test.ts`).
   */
  readonly seenBy: "lines" | "aws" | "trail";
}

const lines = (cause: string): Cause => ({ cause, seenBy: "lines" });
const aws = (cause: string): Cause => ({ cause, seenBy: "aws" });
const trail = (cause: string): Cause => ({ cause, seenBy: "trail" });

/** The two windows of a burn rate fire with it. */
export const CAUSES: Readonly<Record<string, Cause>> = {
  UsersNotServed: lines("any of the outages below"),
  KeptTokensBurnFast: lines("DynamoDB refuses, for twenty minutes"),
  KeptTokensBurnSlow: lines("the same"),
  ExchangesBurnFast: lines("KMS refuses, while the provider is up"),
  ExchangesBurnSlow: lines("the same"),
  SignInsBurnFast: lines("KMS refuses at sign-ins"),
  SignInsBurnSlow: lines("the same"),
  ClientSecretNotReady: lines("the secret is not there"),
  ClientRejected: lines("the provider knows another secret"),
  ProviderDown: lines("the provider answers 503"),
  KeyDenied: lines("KMS refuses"),
  KmsUnavailable: lines("KMS fails"),
  StoreDenied: lines("DynamoDB refuses"),
  StoreUnavailable: lines("DynamoDB fails"),
  ImpossibleTransition: lines("a grant is written without its refresh token"),
  GrantQuarantined: lines("the provider answers with somebody else's tokens"),
  GrantPutBack: lines("an item of a backup is put back"),
  GrantFailing: lines("one user's refreshes fail for eight hours, and another's do not"),
  DamagedData: lines("a ciphertext is overwritten"),
  Bug: lines("the table answers nothing at all"),
  SlowKeptTokens: lines("each call of the table takes 1.5 s"),
  SweepStopped: lines("the schedule does not run"),
  SweepFailing: lines("DynamoDB fails when the sweeper reads"),
  TokenNotSpilled: lines("neither the table nor the queue takes a successor"),
  RecoveryFailing: lines("a message of a later version"),
  FunctionErrors: aws("processes of functions are killed at their event"),
  Throttled: aws("more requests at once than the account has executions"),
  RecoveryLate: aws("nothing takes what is in the recovery queue"),
  DeadLetters: aws("a message fails as often as its queue allows"),
  KeyChanged: trail("a key is disabled"),
  SecretChanged: trail("the client secret is put in anew"),
};

export function alarmsSeenBy(seenBy: Cause["seenBy"]): string[] {
  return Object.entries(CAUSES)
    .filter(([, cause]) => cause.seenBy === seenBy)
    .map(([name]) => name)
    .sort();
}
