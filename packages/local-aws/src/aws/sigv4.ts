/**
 * Reads who is calling out of a Signature Version 4 header. The signature itself is not checked:
 * the credentials of a local run are made up, and knowing one proves nothing. A header that AWS
 * would refuse for its form is refused here too.
 */
import type { IncomingHttpHeaders } from "node:http";
import { AwsError, type ServiceName } from "./call";

const HEADER =
  /^AWS4-HMAC-SHA256 Credential=([\w-]{1,128})\/\d{8}\/[a-z0-9-]+\/([a-z0-9-]+)\/aws4_request, ?SignedHeaders=[a-z0-9;-]+, ?Signature=[0-9a-f]{64}$/;

/**
 * @throws AwsError as AWS refuses a request that is unsigned, half signed or signed for another
 *   service.
 */
export function readAccessKeyId(headers: IncomingHttpHeaders, service: ServiceName): string {
  const header = headers.authorization;
  if (header === undefined) {
    throw new AwsError(
      "MissingAuthenticationTokenException",
      "Request is missing Authentication Token",
    );
  }
  const [, accessKeyId, scope] = HEADER.exec(header) ?? [];
  if (accessKeyId === undefined || headers["x-amz-date"] === undefined) {
    throw new AwsError("IncompleteSignatureException", "Authorization header is not well-formed");
  }
  if (scope !== service) {
    throw new AwsError(
      "InvalidSignatureException",
      `Credential should be scoped to correct service: '${service}'.`,
    );
  }
  return accessKeyId;
}
