import {
  ForbiddenError,
  InternalError,
  InvalidRequestError,
  NeedsSignInError,
  TooManyRequestsError,
  UnauthorizedError,
  UnavailableError,
} from "../../../lambda/errors";
import { outcomeOf } from "../../../lambda/http/outcome";
import { toProblemResponse } from "../../../lambda/http/problem";

test.each([
  [new InvalidRequestError("not_found"), "refused"],
  [new UnauthorizedError("unknown_key"), "refused"],
  [new UnauthorizedError("code_refused"), "refused"],
  [new UnauthorizedError("code_in_doubt"), "provider_down"],
  [new ForbiddenError("frozen"), "refused"],
  [new TooManyRequestsError("refused_codes", 1), "refused"],
  [new NeedsSignInError("in_doubt"), "needs_sign_in"],
  [new UnavailableError("idp_unavailable"), "provider_down"],
  [new UnavailableError("idp_rate_limited"), "provider_down"],
  [new UnavailableError("idp_in_doubt"), "provider_down"],
  [new UnavailableError("idp_protocol"), "provider_down"],
  [new UnavailableError("cooling_down"), "provider_down"],
  [new UnavailableError("key_set_unavailable"), "provider_down"],
  [new UnavailableError("exchange_in_progress"), "busy"],
  [new UnavailableError("store_conflict"), "busy"],
  [new UnavailableError("store_unavailable"), "our_fault"],
  [new UnavailableError("too_little_time_left"), "our_fault"],
  [new InternalError("client_rejected"), "our_fault"],
  [new TypeError("x is not a function"), "our_fault"],
])("%p is %s, and while a refresh was needed our fault is told apart", (error, outcome) => {
  const { statusCode } = toProblemResponse(error, "request-1").answer;
  expect(outcomeOf(error, statusCode, false)).toBe(outcome);
  expect(outcomeOf(error, statusCode, true)).toBe(
    outcome === "our_fault" ? "exchange_fault" : outcome,
  );
});
