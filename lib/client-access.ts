/** The right of a function to authenticate as this client, by the means that the stage has. */
import type { ApiFunction } from "./api-function";
import type { DataStack } from "./data-stack";
import { needsOf } from "./provider-needs";
import type { Stage } from "./stage";

/** For functions that talk to the token or the revocation endpoint, and for no others. */
export function grantClientAccess(
  to: ApiFunction,
  {
    stage,
    data,
  }: {
    readonly stage: Pick<Stage, "idp">;
    readonly data: Pick<DataStack, "clientSecretArn" | "clientKeys">;
  },
): void {
  const { credential, clientKeys } = needsOf(stage.idp);
  const [key] = data.clientKeys;
  if (data.clientSecretArn !== undefined) {
    to.grantClientSecret(data.clientSecretArn);
  }
  if (credential === "key" && clientKeys !== undefined && key !== undefined) {
    to.grantSign(key, clientKeys);
    if (!clientKeys.areImported) {
      to.grantPublicKey(key);
    }
  }
}
