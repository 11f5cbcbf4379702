/**
 * Checks Signature Version 4 as API Gateway does for a route with IAM authorization: the request
 * is signed again with the caller's key and the two signatures compared.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import { LOCAL_REGION } from "../aws/call";
import { parseSigV4Header } from "../aws/sigv4-header";
import type { AwsCredentials } from "../runtime/function-spec";
import type { GatewayRequest } from "./request";

const DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
const SERVICE = "execute-api";
const MAX_SKEW_MS = 5 * 60_000;
const MUST_BE_SIGNED = ["host", "x-amz-date", "x-amz-security-token"];

class Sha256 {
  private readonly hash: ReturnType<typeof createHash> | ReturnType<typeof createHmac>;

  constructor(key?: string | ArrayBuffer | ArrayBufferView) {
    const secret = typeof key === "string" ? key : key && toBytes(key);
    this.hash = secret === undefined ? createHash("sha256") : createHmac("sha256", secret);
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.hash.update(typeof data === "string" ? data : toBytes(data));
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.hash.digest());
  }
}

function toBytes(data: ArrayBuffer | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

/**
 * @returns the access key id that has really signed this request; undefined for any other request
 */
export async function verifySigV4(
  request: GatewayRequest,
  credentialsOf: (accessKeyId: string) => AwsCredentials | undefined,
): Promise<string | undefined> {
  const { headers } = request;
  const header = parseSigV4Header(headers["authorization"] ?? "");
  const signingDate = parseDate(headers["x-amz-date"]);
  const isForThisApi = header?.region === LOCAL_REGION && header.service === SERVICE;
  const credentials = credentialsOf(header?.accessKeyId ?? "");
  if (!isForThisApi || credentials === undefined || signingDate === undefined) {
    return undefined;
  }
  const { accessKeyId, day, signedHeaders: signed, signature } = header;
  const isComplete =
    MUST_BE_SIGNED.every((name) => signed.includes(name)) &&
    headers["x-amz-date"]?.startsWith(day) === true &&
    headers["x-amz-security-token"] === credentials.sessionToken &&
    Math.abs(request.receivedAt - signingDate.getTime()) <= MAX_SKEW_MS;
  if (!isComplete || !hasItsHash(request)) {
    return undefined;
  }
  const expected = await sign(request, { credentials, signingDate, signed });
  const isSame = timingSafeEqual(Buffer.from(signature, "hex"), Buffer.from(expected, "hex"));
  return isSame ? accessKeyId : undefined;
}

async function sign(
  { method, path, query, headers, body }: GatewayRequest,
  how: { credentials: AwsCredentials; signingDate: Date; signed: readonly string[] },
): Promise<string> {
  const { credentials, signingDate, signed } = how;
  const signer = new SignatureV4({
    service: SERVICE,
    region: LOCAL_REGION,
    credentials,
    sha256: Sha256,
    applyChecksum: false,
  });
  const request = {
    method,
    protocol: "http:",
    hostname: "",
    path,
    query: parseQuery(query),
    headers: Object.fromEntries(signed.map((name) => [name, headers[name] ?? ""])),
    body: bytesOf(body),
  };
  const { headers: result } = await signer.sign(request, {
    signingDate,
    signableHeaders: new Set(signed),
  });
  return /Signature=([0-9a-f]{64})$/.exec(result["authorization"] ?? "")?.[1] ?? "";
}

/** The hash that a client may send is part of what it signs, so it must be the body's own. */
function hasItsHash({ headers, body }: GatewayRequest): boolean {
  const claimed = headers["x-amz-content-sha256"];
  const actual = createHash("sha256").update(bytesOf(body)).digest("hex");
  return claimed === undefined || claimed === actual;
}

function bytesOf(body: GatewayRequest["body"]): Buffer {
  return Buffer.from(body?.text ?? "", body?.isBase64Encoded === true ? "base64" : "utf8");
}

function parseQuery(query: string): Record<string, string | string[]> {
  const parsed: Record<string, string[]> = {};
  for (const [name, value] of new URLSearchParams(query)) {
    (parsed[name] ??= []).push(value);
  }
  return parsed;
}

/** `20261123T190000Z` */
function parseDate(text = ""): Date | undefined {
  const iso = text.replace(DATE, "$1-$2-$3T$4:$5:$6Z");
  return DATE.test(text) && !Number.isNaN(Date.parse(iso)) ? new Date(iso) : undefined;
}
