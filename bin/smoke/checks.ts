/** The smoke suite: all checks, in the order in which they are made. */
import type { Check } from "./check";
import { OPEN_CHECKS } from "./open-checks";
import { REFUSAL_CHECKS } from "./refusal-checks";
import { USER_CHECKS } from "./user-checks";

export const CHECKS: readonly Check[] = [...OPEN_CHECKS, ...REFUSAL_CHECKS, ...USER_CHECKS];
