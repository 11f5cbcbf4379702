/** The table of grants, as DynamoDB and its SDK behave. */
import { UnavailableError } from "../../../lambda/errors";
import type { Grant } from "../../../lambda/grant/grant";
import type { Fault } from "./choice";
import { checkWatch, checkWrite } from "./invariants";
import { readAccessToken } from "./provider";
import type { Answer, Request } from "./run";
import { openSealed } from "./sealing";
import { change, signatureOf, type State } from "./state";
import { rowKey } from "./state-key";
import type { Effect, StepContext } from "./step-context";
import { storedToken } from "./stored";

type WriteRequest = Request & { kind: "write" };

const UNAVAILABLE = new UnavailableError("store_unavailable");

/** The SDK has had no answer and repeats the request; the code notices nothing. */
export const STILL_ASKING: Answer = { key: "still asking" };

/**
 * The store's promise: compare-and-set on the revision, and a repetition by the SDK recognises its
 * own write (S50).
 */
export function write(
  stepContext: StepContext,
  state: State,
  { request, fault }: { readonly request: WriteRequest; readonly fault: Fault },
): Effect {
  const { index } = stepContext;
  const caller = state.callers[index];
  const failed: Answer = { key: "store error", error: UNAVAILABLE };
  if (fault === "error" || fault === "outage") {
    const isFirst = caller?.isStoreDown !== true;
    const lossesLeft = isFirst ? state.lossesLeft - 1 : state.lossesLeft;
    const down = { seen: undefined, isStoreDown: fault === "outage" };
    return { state: change({ ...state, lossesLeft }, index, down), answer: failed };
  }
  if (caller?.isAnswerLost === true) {
    const isOurs = state.row?.revision === request.expected + 1;
    const answered = change(state, index, { isAnswerLost: false });
    return isOurs
      ? {
          state: answered,
          answer: { key: `w${rowKey(state.row)}`, value: { written: true, grant: state.row } },
        }
      : { state: answered, answer: conflict(state.row) };
  }
  const { state: applied, answer } = apply(stepContext, state, request);
  if (fault === "error, applied") {
    const left = { ...applied, lossesLeft: state.lossesLeft - 1 };
    return { state: change(left, index, { seen: undefined }), answer: failed };
  }
  if (fault === "answer lost") {
    const left = { ...applied, lossesLeft: state.lossesLeft - 1 };
    return { state: change(left, index, { isAnswerLost: true }), answer: STILL_ASKING };
  }
  return { state: applied, answer };
}

function conflict(row: Grant | undefined): Answer {
  return { key: `c${rowKey(row)}`, value: { written: false, current: row } };
}

function apply(stepContext: StepContext, state: State, request: WriteRequest): Effect {
  const { scenario, role, report } = stepContext;
  const broken = scenario.rules.write?.(state.row, request);
  const isExpected = (state.row?.revision ?? 0) === request.expected;
  if (broken === undefined && !isExpected) {
    const seen = signatureOf(state.row, state.now);
    return {
      state: change(state, stepContext.index, { seen }),
      answer: conflict(scenario.rules.read?.(state.row) ?? state.row),
    };
  }
  const row = broken?.row ?? { ...request.next, revision: request.expected + 1 };
  const told = broken?.answer ?? row;
  if (row !== state.row) {
    checkWrite(state, row, { role, report });
    if (Object.keys(scenario.rules).length === 0) {
      // A rule that is broken on purpose is for the other invariants to find.
      checkWatch(state, row, report);
    }
  }
  const { owner } = row.lease ?? {};
  const isTaken = owner !== undefined && owner !== state.row?.lease?.owner;
  return {
    state: remember({ ...(isTaken ? change(state, stepContext.index, { owner }) : state), row }),
    answer: { key: `w${rowKey(told)}`, value: { written: true, grant: told } },
  };
}

/** Records what has ever been stored. */
export function remember(state: State, token = storedToken(state.row)): State {
  const durable = state.durable.map((serial, family) =>
    family === token?.family ? Math.max(serial, token.serial) : serial,
  );
  const callers = state.callers.map((caller) => {
    const { got } = caller;
    const isStored = got !== undefined && (durable[got.family] ?? -1) >= got.serial;
    return isStored ? { ...caller, got: undefined } : caller;
  });
  return { ...state, durable, callers, committed: committedOf(state) };
}

function committedOf({ row, committed }: State): number {
  const kept = row?.accessToken;
  if (row === undefined || kept === undefined) {
    return committed;
  }
  const { sub, grantId } = row;
  const context = { sub, grantId, gen: kept.gen, purpose: "access_token" } as const;
  const content = openSealed(kept.ciphertext, context);
  if (content === undefined) {
    return committed;
  }
  const bit = 2 ** readAccessToken((JSON.parse(content) as { access_token: string }).access_token);
  return Math.floor(committed / bit) % 2 === 1 ? committed : committed + bit;
}
