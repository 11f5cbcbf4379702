/** Where the provider rotates refresh tokens. */
import { recoveryQueue } from "../composition";
import { createAccessTokenHandler } from "./access-token-routes";

export const handler = createAccessTokenHandler(recoveryQueue);
