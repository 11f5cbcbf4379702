/**
 * The owner's own backends: which of the listed roles a caller has taken on, by what API Gateway
 * says of them.
 */
import { ForbiddenError } from "../errors";

/**
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html; the last part is the
 * session's name.
 */
const ASSUMED_ROLE = /^arn:aws[a-z-]*:sts::(\d{12}):assumed-role\/([\w+=,.@-]{1,64})\/[\w+=,.@-]+$/;
const ROLE = /^arn:aws[a-z-]*:iam::(\d{12}):role\/(?:[!-~]+\/)?([\w+=,.@-]{1,64})$/;

/**
 * An assumed role's ARN lacks the path that the role's own ARN may have; names are unique within an
 * account all the same.
 * @returns the ARN as it is listed
 * @throws ForbiddenError `unlisted_role`, also for users, root and all else that is no assumed role
 */
export function requireListedRole(userArn: string | undefined, listed: readonly string[]): string {
  const [, account, name] = ASSUMED_ROLE.exec(userArn ?? "") ?? [];
  const role = listed.find((arn) => {
    const [, listedAccount, listedName] = ROLE.exec(arn) ?? [];
    return account !== undefined && account === listedAccount && name === listedName;
  });
  if (role === undefined) {
    throw new ForbiddenError("unlisted_role");
  }
  return role;
}
