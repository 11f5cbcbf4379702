/** One choice, carried out: the shared world changes, the caller is answered, the real code says what it asks next, and the invariants are looked at. */
import { UnavailableError } from "../../lambda/errors";
import type { EpochMs, Grant, UserRecord } from "../../lambda/model";
import type { Place } from "./behaviour";
import type { Act, Choice } from "./choices";
import {
  checkEnd,
  checkPresented,
  checkSend,
  checkState,
  checkWrite,
  type Report,
  type Violation,
} from "./invariants";
import { FUNCTION_MS, programOf, recover, type Actor } from "./programs";
import {
  changeFamily,
  present,
  readAccessToken,
  readToken,
  writeToken,
  type RefreshToken,
} from "./provider";
import type { Answer, End, Request, RunOptions } from "./run";
import { openSealed } from "./sealing";
import {
  isRelevant,
  NOBODY,
  rowKey,
  signatureOf,
  spilledToken,
  storedToken,
  type Caller,
  type Message,
  type Setting,
  type State,
} from "./state";

export interface Step {
  readonly state: State;
  readonly violations: readonly Violation[];
  /** How the caller ended, where it did. */
  readonly end: End | undefined;
}

/** What a step is carried out with. */
interface Stage {
  readonly setting: Setting;
  readonly index: number;
  readonly role: Actor;
  readonly report: Report;
  readonly tell: (end: End) => void;
}

/** `answer` undefined: nothing is heard any more. */
interface Effect {
  readonly state: State;
  readonly answer: Answer | undefined;
}

export function stepOf(setting: Setting, before: State, choice: Choice): Step | Promise<Step> {
  const violations: Violation[] = [];
  const report: Report = (invariant, text) => {
    if (setting.rules.isSuspended?.includes(invariant) !== true) {
      violations.push({ invariant, text });
    }
  };
  let end: End | undefined;
  const tell = (told: End) => {
    end = told;
  };
  const done = (stepped: State): Step => {
    const state = withoutVain(stepped);
    checkState(setting, state, report);
    return { state, violations, end };
  };
  if (choice.kind === "time") {
    return done({ ...before, now: choice.to });
  }
  if (choice.kind === "close") {
    const provider = changeFamily(before.provider, choice.family, { isGraced: false });
    return done({ ...before, provider });
  }
  if (choice.kind === "deliver") {
    return deliver(setting, before, { choice, report, tell, done });
  }
  const { caller: index, act } = choice;
  const isRecovering = before.callers[index]?.message !== undefined;
  const role = setting.configuration.roles[index] ?? (isRecovering ? "recover" : "access");
  const stage: Stage = { setting, index, role, report, tell };
  const now = { ...before, now: choice.to };
  if (now.callers[index]?.status === "idle") {
    return begin(stage, now, done);
  }
  const { state, answer } = effectOf(stage, now, act);
  const place = state.callers[index]?.place;
  if (answer === undefined || place === undefined) {
    return done(lose(stage, state));
  }
  if (answer === STILL_ASKING) {
    return done(state);
  }
  const next = setting.behaviour.next(place, answer, state.now);
  return next instanceof Promise
    ? next.then((there) => done(arrive(stage, state, there)))
    : done(arrive(stage, state, next));
}

/**
 * An item whose bearer would find nothing to do goes at once. It might have found something later, had it come later: to go without is the worse case, and
 * what a bearer does is what any caller does.
 */
function withoutVain(state: State): State {
  const { queue, row } = state;
  const isAllOfUse = queue.every((message) => isRelevant(message, row));
  return isAllOfUse
    ? state
    : { ...state, queue: queue.filter((message) => isRelevant(message, row)) };
}

interface Delivery extends Pick<Stage, "report" | "tell"> {
  readonly choice: Choice & { kind: "deliver" };
  readonly done: (state: State) => Step;
}

/** Whoever takes an item is a caller like others, and may crash like others: then the item comes again. */
function deliver(
  setting: Setting,
  before: State,
  { choice, report, tell, done }: Delivery,
): Step | Promise<Step> {
  const { queue, callers, lossesLeft } = before;
  const message = queue[choice.message];
  const rest = queue.filter((_, at) => at !== choice.message);
  if (message === undefined) {
    return done({ ...before, queue: rest });
  }
  const taken = { ...message, isTwice: choice.isTwice };
  const state: State = {
    ...{ ...before, queue: rest, callers: [...callers, { ...NOBODY, message: taken }] },
    lossesLeft: choice.isTwice ? lossesLeft - 1 : lossesLeft,
  };
  const stage: Stage = { setting, index: callers.length, role: "recover", report, tell };
  return begin(stage, state, done);
}

/** As lib/data-stack.ts has it: what was taken and not done with is seen again. */
const VISIBILITY_MS = 20_000;

/** The item that it took is gone, or comes again. */
function returnMessage(state: State, index: number, isDone: boolean): State {
  const message = state.callers[index]?.message;
  if (message === undefined || (isDone && !message.isTwice)) {
    return state;
  }
  const due: EpochMs = state.now + VISIBILITY_MS;
  return { ...state, queue: [...state.queue, { ...message, due, isTwice: false }] };
}

/** Starting, and the first call with it. */
async function begin(stage: Stage, before: State, done: (state: State) => Step): Promise<Step> {
  const { setting, index, role } = stage;
  const { configuration, behaviour } = setting;
  const message = before.callers[index]?.message;
  const place = await behaviour.start(runOptions(stage, message), before.now);
  const isSigningIn = role === "sign-in" || role === "stale sign-in";
  const provider =
    isSigningIn && configuration.isExclusive === true
      ? changeFamily(before.provider, 0, { isRevoked: true, isEndedByUser: true })
      : before.provider;
  const deadline = before.now + FUNCTION_MS;
  const state = change({ ...before, provider }, index, { status: "live", place, deadline });
  const { answer, state: read } = effectOf(stage, state, "go");
  const next = await behaviour.next(place, answer ?? { key: "" }, read.now);
  return done(arrive(stage, read, next));
}

function runOptions({ setting, index, role }: Stage, message: Message | undefined): RunOptions {
  const { rotation, isRevocable = false, isEachNoted } = setting.configuration;
  const by = isEachNoted === true ? `caller ${String(index)}` : undefined;
  const program = message === undefined ? programOf(role, by) : recover(message.task);
  return {
    program,
    name: `c${String(index)}`,
    label: message === undefined ? role : JSON.stringify(message.task),
    ...{ rotation, isRevocable, breakProgram: setting.rules.breakProgram },
  };
}

function change(state: State, index: number, caller: Partial<Caller>): State {
  const callers = state.callers.map((one, at) => (at === index ? { ...one, ...caller } : one));
  return { ...state, callers };
}

/** The caller has its answer, and asks the next thing or is done. */
function arrive({ setting, index, report, tell }: Stage, before: State, place: Place): State {
  const { request, end, leak } = place.pending;
  if (leak !== undefined) {
    report("I11", `a plaintext in ${leak}`);
  }
  if (end !== undefined) {
    tell(end);
    checkEnd(before, end, report);
    const { got, isStoreDown = false } = before.callers[index] ?? {};
    const row = before.row;
    const isOurs = row?.status === "active" && storedToken(row)?.family === got?.family;
    if (got !== undefined && isOurs && !isStoreDown) {
      report("I2 kept", "a caller ended with a successor that nobody has stored");
    }
    const ended = change(before, index, { status: "ended", place: undefined, seen: undefined });
    const isDone = end.reason === undefined;
    const held = isDone ? undefined : spilledBy(before, index);
    const returned = returnMessage(ended, index, isDone);
    return forgetMessage(forfeit(setting, returned, got ?? held), index);
  }
  const state = change(before, index, {
    place,
    wakesAt: request.kind === "sleep" ? before.now + request.milliseconds : 0,
  });
  if (request.kind === "send") {
    checkSend(state, index, { token: request.token, report });
  }
  return state;
}

/** The caller is no more. */
function lose({ setting, index }: Stage, state: State): State {
  const got = state.callers[index]?.got;
  const ended = change(state, index, { status: "ended", place: undefined, seen: undefined });
  const returned = returnMessage({ ...ended, crashesLeft: state.crashesLeft - 1 }, index, false);
  const held = spilledBy(state, index);
  return forgetMessage(forfeit(setting, returned, got ?? held), index);
}

/** A spilled successor that is not in the row yet may be too late once its bearer has failed: the queue brings it again after the lease. */
function spilledBy({ row, callers }: State, index: number): RefreshToken | undefined {
  const message = callers[index]?.message;
  const token = message && spilledToken(message.task);
  const stored = storedToken(row);
  const isThere = stored?.family === token?.family && (stored?.serial ?? 0) >= (token?.serial ?? 0);
  return isThere ? undefined : token;
}

function forgetMessage(state: State, index: number): State {
  return change(state, index, { message: undefined });
}

function forfeit({ configuration }: Setting, state: State, got: RefreshToken | undefined): State {
  const callers = state.callers.map((caller) =>
    caller.status === "ended" ? { ...caller, got: undefined } : caller,
  );
  const isForfeited =
    state.isForfeited || (configuration.rotation === "strict" && got !== undefined);
  return { ...state, callers, isForfeited };
}

const UNAVAILABLE = new UnavailableError("store_unavailable");

function effectOf(stage: Stage, state: State, act: Act): Effect {
  const request = state.callers[stage.index]?.place?.pending.request;
  if (request === undefined || act === "crash") {
    return { state, answer: undefined };
  }
  const effect = answerTo(stage, state, { request, act });
  return act === "go, then crash" ? { ...effect, answer: undefined } : effect;
}

function answerTo(
  stage: Stage,
  state: State,
  { request, act }: { readonly request: Request; readonly act: Act },
): Effect {
  const { index, report } = stage;
  switch (request.kind) {
    case "read": {
      const row = stage.setting.rules.read?.(state.row) ?? state.row;
      const seen = signatureOf(state.row, state.now);
      return {
        state: change(state, index, { seen }),
        answer: { key: `r${rowKey(row)}`, value: row },
      };
    }
    case "sleep":
      return { state, answer: { key: "slept" } };
    case "write":
      return write(stage, state, { request, act });
    case "send":
      return send(stage, state, { token: readToken(request.token), act });
    case "revoke": {
      const { family } = readToken(request.token);
      const isInUse = state.row?.status === "active" && storedToken(state.row)?.family === family;
      if (isInUse) {
        report("I7", "a grant in use was revoked");
      }
      const provider = changeFamily(state.provider, family, {
        isRevoked: true,
        isEndedByUser: true,
      });
      return { state: { ...state, provider }, answer: { key: "revoked", value: true } };
    }
    case "watch":
    case "spill":
      return enqueue(state, request, { index, act });
    case "find user":
    case "begin erasure":
    case "finish erasure":
      return users(state, request);
  }
}

type QueueRequest = Request & { kind: "watch" | "spill" };

function enqueue(
  state: State,
  request: QueueRequest,
  { index, act }: { readonly index: number; readonly act: Act },
): Effect {
  if (act === "error") {
    const error = new UnavailableError("queue_unavailable");
    const left = { ...state, lossesLeft: state.lossesLeft - 1 };
    // Neither the store nor the queue takes the successor: nothing is left that could.
    const failed = request.kind === "spill" ? change(left, index, { isStoreDown: true }) : left;
    return { state: failed, answer: { key: "queue error", error } };
  }
  const { task } = request;
  const delay = request.kind === "watch" ? request.delaySeconds * 1000 : 0;
  const queued = {
    ...state,
    queue: [...state.queue, { task, due: state.now + delay, isTwice: false }],
  };
  return { state: remember(queued, spilledToken(task)), answer: { key: "queued" } };
}

type UserRequest = Request & { kind: "find user" | "begin erasure" | "finish erasure" };

/** As the users table does it; nobody else touches the user here. */
function users(state: State, request: UserRequest): Effect {
  const keyed = (record: UserRecord, value: unknown): Effect => ({
    state: { ...state, users: record },
    answer: { key: JSON.stringify([request.kind, value]), value },
  });
  switch (request.kind) {
    case "find user":
      return keyed(state.users, state.users);
    case "begin erasure": {
      const isAsSeen =
        state.users.user?.version === request.seen.user?.version &&
        state.users.erasure?.at === request.seen.erasure?.at;
      const begun = { user: undefined, erasure: request.erasure, revocation: undefined };
      return keyed(isAsSeen ? begun : state.users, isAsSeen);
    }
    case "finish erasure":
      return keyed({ ...state.users, revocation: request.revocation }, undefined);
  }
}

type WriteRequest = Request & { kind: "write" };

/** The store's promise: compare-and-set on the revision; a repetition by the SDK recognises its own write (S50). */
function write(
  stage: Stage,
  state: State,
  { request, act }: { readonly request: WriteRequest; readonly act: Act },
): Effect {
  const { index } = stage;
  const caller = state.callers[index];
  const failed: Answer = { key: "store error", error: UNAVAILABLE };
  if (act === "error" || act === "outage") {
    const isFirst = caller?.isStoreDown !== true;
    const lossesLeft = isFirst ? state.lossesLeft - 1 : state.lossesLeft;
    const down = { seen: undefined, isStoreDown: act === "outage" };
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
  const { state: applied, answer } = apply(stage, state, request);
  if (act === "error, applied") {
    const left = { ...applied, lossesLeft: state.lossesLeft - 1 };
    return { state: change(left, index, { seen: undefined }), answer: failed };
  }
  if (act === "answer lost") {
    const left = { ...applied, lossesLeft: state.lossesLeft - 1 };
    return { state: change(left, index, { isAnswerLost: true }), answer: STILL_ASKING };
  }
  return { state: applied, answer };
}

/** The SDK has had no answer and asks again: for the code nothing has happened yet. */
const STILL_ASKING: Answer = { key: "still asking" };

function conflict(row: Grant | undefined): Answer {
  return { key: `c${rowKey(row)}`, value: { written: false, current: row } };
}

function apply(stage: Stage, state: State, request: WriteRequest): Effect {
  const { setting, role, report } = stage;
  const broken = setting.rules.write?.(state.row, request);
  const isExpected = (state.row?.revision ?? 0) === request.expected;
  if (broken === undefined && !isExpected) {
    return { state, answer: conflict(setting.rules.read?.(state.row) ?? state.row) };
  }
  const row = broken?.row ?? { ...request.next, revision: request.expected + 1 };
  const told = broken?.answer ?? row;
  if (row !== state.row) {
    checkWrite(state, row, { role, report });
  }
  return {
    state: remember({ ...state, row }),
    answer: { key: `w${rowKey(told)}`, value: { written: true, grant: told } },
  };
}

/** What has been stored once is known to have been stored. */
function remember(state: State, token = storedToken(state.row)): State {
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

const SHORT_LIFE_MS = 30_000;

function send(
  stage: Stage,
  state: State,
  { token, act }: { readonly token: RefreshToken; readonly act: Act },
): Effect {
  const { setting, index, report } = stage;
  const { rotation, lifetimeMs = SHORT_LIFE_MS } = setting.configuration;
  const left = { ...state, lossesLeft: state.lossesLeft - 1 };
  if (act === "not sent") {
    return { state: left, answer: failure("idp_unavailable", "no") };
  }
  if (act === "request lost") {
    return { state: left, answer: failure("idp_in_doubt", "maybe") };
  }
  checkPresented(setting, state, { token, report });
  const { provider, successor, accessToken } = present(rotation, state.provider, token);
  const isNew = successor !== undefined && successor.serial > (state.durable[token.family] ?? -1);
  if (act === "answer lost") {
    const lost = forfeit(setting, { ...left, provider }, isNew ? successor : undefined);
    return { state: lost, answer: failure("idp_in_doubt", "maybe") };
  }
  if (successor === undefined) {
    return {
      state: { ...state, provider },
      answer: { key: "refused", value: { kind: "refused" } },
    };
  }
  const expiresAt = state.now + lifetimeMs;
  const value = {
    kind: "tokens",
    accessToken: { accessToken, tokenType: "Bearer", expiresAt, scope: undefined },
    refreshToken: rotation === "none" ? undefined : writeToken(successor),
    ...{ foreign: false, sub: undefined },
  };
  const answered = change({ ...state, provider }, index, { got: isNew ? successor : undefined });
  return { state: answered, answer: { key: JSON.stringify(value), value } };
}

function failure(cause: string, processed: string): Answer {
  const value = { kind: "failed", cause, processed, retryAfterSeconds: undefined };
  return { key: `${cause} ${processed}`, value };
}
