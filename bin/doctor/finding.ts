/** What the doctor finds: each finding is one sentence, with the command that mends it. */
import { AwsTrouble, type Trouble } from "./aws-call";

export interface Finding {
  readonly about: string;
  /** `unknown`: it could not be looked at, which is never a pass. */
  readonly verdict: "good" | "bad" | "unknown";
  readonly sentence: string;
  /** Absent where nothing is to be mended. */
  readonly mend?: string;
}

export function good(about: string, sentence: string): Finding {
  return { about, verdict: "good", sentence };
}

export function bad(about: string, sentence: string, mend: string): Finding {
  return { about, verdict: "bad", sentence, mend };
}

const SIGN_IN = "aws sso login, or new keys by aws configure";

type Words = readonly [sentence: string, mend: string];

const TROUBLES: Readonly<Record<Trouble, (action: string, code: string) => Words>> = {
  denied: (action) => [
    `you may not call ${action}, so this is unknown`,
    `let your role do ${action}, or ask who may`,
  ],
  expired: () => ["your AWS credentials have expired", SIGN_IN],
  invalid: () => ["AWS does not know your credentials", SIGN_IN],
  throttled: (action) => [`AWS throttles ${action}, so this is unknown`, "run the doctor again"],
  unreachable: (action) => [
    `AWS did not answer ${action} in time, so this is unknown`,
    "check network, proxy and region, and run the doctor again",
  ],
  not_found: (action) => [`${action} found nothing`, "check --outputs, account and region"],
  failed: (action, code) => [
    `AWS failed at ${action} (${code}), so this is unknown`,
    "run the doctor again, and see health.aws.amazon.com",
  ],
};

/** @throws what is no trouble with AWS */
export function unknown(about: string, error: unknown): Finding {
  if (!(error instanceof AwsTrouble)) {
    throw error;
  }
  const [sentence, mend] = TROUBLES[error.trouble](error.action, error.code);
  return { about, verdict: "unknown", sentence, mend };
}
