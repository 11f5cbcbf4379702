/** The token endpoint: its answer to a refresh token, and what the network loses. */
import type { Fault } from "./choice";
import { checkPresented } from "./invariants";
import { present, type RefreshToken, writeToken } from "./provider";
import type { Answer } from "./run";
import { change, type State } from "./state";
import { type Effect, excuseLoss, type StepContext } from "./step-context";

const SHORT_LIFE_MS = 30_000;

export function send(
  stepContext: StepContext,
  state: State,
  { token, fault }: { readonly token: RefreshToken; readonly fault: Fault },
): Effect {
  const { scenario, index, report } = stepContext;
  const { rotation, lifetimeMs = SHORT_LIFE_MS } = scenario.configuration;
  const left = { ...state, lossesLeft: state.lossesLeft - 1 };
  if (fault === "not sent") {
    return { state: left, answer: failure("idp_unavailable", "no") };
  }
  if (fault === "request lost") {
    return { state: left, answer: failure("idp_in_doubt", "maybe") };
  }
  checkPresented(scenario, state, { token, report });
  const { provider, successor, accessToken } = present(rotation, state.provider, token);
  const isNew = successor !== undefined && successor.serial > (state.durable[token.family] ?? -1);
  if (fault === "answer lost") {
    const lost = excuseLoss(scenario, { ...left, provider }, isNew ? successor : undefined);
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
    foreign: false,
    sub: undefined,
  };
  const answered = change({ ...state, provider }, index, { got: isNew ? successor : undefined });
  return { state: answered, answer: { key: JSON.stringify(value), value } };
}

function failure(cause: string, processed: string): Answer {
  const value = { kind: "failed", cause, processed, retryAfterSeconds: undefined };
  return { key: `${cause} ${processed}`, value };
}
