/**
 * The entry for stages whose own keys sign as this client: also `GET /.well-known/jwks.json`. It
 * may read the public halves of those keys, and nothing else.
 */
import { readVariable } from "../env";
import { publicRoute } from "../http/endpoint";
import { createSendJwks } from "../http/jwks";
import { createKmsClient } from "../kms/client";
import { readPublicJwk } from "../kms/public-key";
import { createHealthHandler } from "./health-routes";

const client = createKmsClient();
const alg = readVariable("CLIENT_KEY_ALG");
const keyArns = readVariable("CLIENT_KEY_ARNS");

const sendJwks = createSendJwks(
  async () =>
    await Promise.all(keyArns.map(async (keyArn) => await readPublicJwk({ keyArn, alg, client }))),
);

export const handler = createHealthHandler({
  "GET /.well-known/jwks.json": publicRoute({ handle: sendJwks }),
});
