/**
 * Parses the `Authorization` header of Signature Version 4. Nothing here verifies a signature:
 * `gateway/verify-sigv4.ts` does, for routes with IAM authorization. The local services need no
 * more than the caller's name, because the credentials of a local run are made up.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import type { IncomingHttpHeaders } from "node:http";
import { AwsError, type ServiceName } from "./call";

export interface SigV4Header {
  readonly accessKeyId: string;
  /** Of the credential scope: `YYYYMMDD`. */
  readonly day: string;
  readonly region: string;
  readonly service: string;
  /** Names in lower case. */
  readonly signedHeaders: readonly string[];
  /** 64 hex digits. */
  readonly signature: string;
}

const HEADER =
  /^AWS4-HMAC-SHA256 Credential=([\w-]{1,128})\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/;

/** @returns undefined for a header that AWS would refuse for its form */
export function parseSigV4Header(text: string): SigV4Header | undefined {
  const [whole, accessKeyId = "", day = "", region = "", service = "", names = "", signature = ""] =
    HEADER.exec(text) ?? [];
  return whole === undefined
    ? undefined
    : { accessKeyId, day, region, service, signedHeaders: names.split(";"), signature };
}

/**
 * @throws AwsError as AWS refuses a request that is unsigned, half signed or signed for another
 *   service
 */
export function readAccessKeyId(headers: IncomingHttpHeaders, service: ServiceName): string {
  if (headers.authorization === undefined) {
    throw new AwsError(
      "MissingAuthenticationTokenException",
      "Request is missing Authentication Token",
    );
  }
  const header = parseSigV4Header(headers.authorization);
  if (header === undefined || headers["x-amz-date"] === undefined) {
    throw new AwsError("IncompleteSignatureException", "Authorization header is not well-formed");
  }
  if (header.service !== service) {
    throw new AwsError(
      "InvalidSignatureException",
      `Credential should be scoped to correct service: '${service}'.`,
    );
  }
  return header.accessKeyId;
}
