/** One sentence for each reason why `admin move` fails. */
import { InternalError, UnavailableError } from "../../lambda/errors";
import { type MoveRefusal, MoveRefusedError } from "../../lambda/use-cases/move-plan";
import { AdminError } from "./admin-error";

interface Refused {
  readonly from: string;
  readonly to: string;
  readonly others: readonly string[];
}

const SENTENCES: Readonly<Record<MoveRefusal, (refused: Refused) => string>> = {
  same_subject: () => "both subjects are the same",
  invalid_to: ({ to }) => `the provider of this stage gives no subject like ${quoted(to)}`,
  unknown_from: ({ from }) => `there is no data about ${quoted(from)}`,
  erased_from: ({ from }) => `${from} was erased, and an erased user is not brought back`,
  moved_from: ({ from, others: [sub = ""] }) => `${from} was moved to ${sub} before`,
  damaged_from: ({ from }) =>
    `something about ${from} cannot be read: see damaged_item in docs/runbook.md`,
  set_aside_from: ({ from }) =>
    `attributes of ${from} are set aside as unreadable and would be lost: ` +
    "see damaged_item in docs/runbook.md",
  erasing_from: ({ from }) => `an earlier erasure of ${from} is unfinished: run admin sweep first`,
  disconnecting_from: ({ from }) =>
    `a disconnect of ${from} is unfinished: run admin disconnect ${from} first`,
  erased_to: ({ to }) =>
    `${to} was erased, and comes back by a sign-in alone: move when the user has signed in there`,
  moved_to: ({ to, others: [sub = ""] }) => `${to} was itself moved to ${sub}: move there`,
  damaged_to: ({ to }) =>
    `something about ${to} cannot be read: see damaged_item in docs/runbook.md`,
  erasing_to: ({ to }) => `an earlier erasure of ${to} is unfinished: run admin sweep first`,
  disconnecting_to: ({ to }) =>
    `a disconnect of ${to} is unfinished: run admin disconnect ${to} first`,
  attributes_too_large: () =>
    "the attributes of both together are above 8,192 bytes, which the app could not change " +
    "any more: remove some first",
  other_move: ({ others: [one = "", other = ""] }) =>
    one === ""
      ? "another move has one of the two: finish that first"
      : `another move has one of the two: finish "admin move ${one} ${other}" first`,
};

/** One sentence. After the move has begun it says that the same command continues it. */
export function whyNotMoved(error: unknown, pair: Omit<Refused, "others">): string {
  if (error instanceof MoveRefusedError) {
    return `nothing was moved: ${SENTENCES[error.reason]({ ...pair, others: error.others })}`;
  }
  if (error instanceof InternalError && error.reason === "cipher_denied") {
    return (
      "the key may not be used: name your IAM role in operatorRoleArns of the stage file, " +
      "deploy the data stack, and run the same command again"
    );
  }
  if (error instanceof InternalError && error.reason === "ciphertext_rejected") {
    return (
      `the refresh token of ${pair.from} is not what was sealed for it: ` +
      `see ciphertext_rejected in docs/runbook.md, or run admin disconnect ${pair.from} first`
    );
  }
  if (error instanceof UnavailableError || error instanceof InternalError) {
    const cause = error.cause instanceof Error ? `: ${error.cause.message}` : "";
    const next = "run the same command again, which continues where this one stopped";
    return `${error.message}${cause}; ${next}`;
  }
  return error instanceof Error ? error.message : String(error);
}

/** For commands that meet an item that a move has locked. */
export function unfinishedMove({ from, to }: Omit<Refused, "others">): AdminError {
  return new AdminError(`a move is unfinished: run "admin move ${from} ${to}" again`);
}

/** As JSON: typed text may contain control characters. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
