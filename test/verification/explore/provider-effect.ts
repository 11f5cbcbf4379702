/** The token endpoint: what it makes of a refresh token, and what is lost on the way. */
import type { Act } from "./choice";
import { checkPresented } from "./invariants";
import { present, writeToken, type RefreshToken } from "./provider";
import type { Answer } from "./run";
import { forfeit, type Effect, type Stage } from "./stage";
import { change, type State } from "./state";

const SHORT_LIFE_MS = 30_000;

export function send(
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
