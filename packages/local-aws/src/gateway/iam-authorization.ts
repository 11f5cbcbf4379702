/** IAM authorization of a route: a real signature, and a policy that allows the call. */
import { type Authorize, LOCAL_ACCOUNT, LOCAL_REGION } from "../aws/call";
import type { AwsCredentials } from "../runtime/function-spec";
import type { GatewayRequest } from "./request";
import { verifySigV4 } from "./verify-sigv4";

/** `requestContext.authorizer.iam` of an event, as for an assumed role. */
export interface IamIdentity {
  readonly accessKey: string;
  readonly accountId: string;
  readonly callerId: string;
  readonly cognitoIdentity: null;
  readonly principalOrgId: string | null;
  readonly userArn: string;
  readonly userId: string;
}

export interface Principal {
  readonly roleName: string;
  readonly credentials: AwsCredentials;
}

export type AuthorizeByIam = (
  request: GatewayRequest,
  routeKey: string,
) => Promise<IamIdentity | undefined>;

/** @param principals by access key id */
export function createIamAuthorization(
  principals: ReadonlyMap<string, Principal>,
  authorize: Authorize,
): AuthorizeByIam {
  return async (request, routeKey) => {
    const accessKey = await verifySigV4(request, (id) => principals.get(id)?.credentials);
    const principal = principals.get(accessKey ?? "");
    if (accessKey === undefined || principal === undefined) {
      return undefined;
    }
    const target = routeKey.replace(" ", "");
    const isAllowed = authorize({
      accessKeyId: accessKey,
      service: "execute-api",
      action: "Invoke",
      resource: `arn:aws:execute-api:${LOCAL_REGION}:${LOCAL_ACCOUNT}:local/$default/${target}`,
      context: {},
      contextLists: {},
    });
    return isAllowed ? identityOf(accessKey, principal.roleName) : undefined;
  };
}

export function localRoleArn(roleName: string): string {
  return `arn:aws:iam::${LOCAL_ACCOUNT}:role/${roleName}`;
}

function identityOf(accessKey: string, roleName: string): IamIdentity {
  const userId = `AROALOCAL${roleName.toUpperCase()}:local`;
  return {
    accessKey,
    accountId: LOCAL_ACCOUNT,
    callerId: userId,
    userId,
    cognitoIdentity: null,
    principalOrgId: null,
    userArn: `arn:aws:sts::${LOCAL_ACCOUNT}:assumed-role/${roleName}/local`,
  };
}
