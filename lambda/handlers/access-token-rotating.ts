/** Where the provider rotates refresh tokens. */
import { createAccessTokenHandler } from "./access-token-routes";
import { createRecoveryQueue } from "./recovery-queue";

export const handler = createAccessTokenHandler(createRecoveryQueue);
