/** The entry for providers that rotate refresh tokens: with the recovery queue. */
import { recoveryQueue } from "../composition";
import { createAccessTokenHandler } from "./access-token-routes";

export const handler = createAccessTokenHandler(recoveryQueue);
