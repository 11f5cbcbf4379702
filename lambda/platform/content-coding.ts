/**
 * Decodes content codings (RFC 9110 section 8.4.1). The client asks for none, but some servers
 * compress anyway. The cap is on the decoded size: a few hundred bytes may decode to gigabytes.
 */
import type * as Zlib from "node:zlib";

/** A longer chain is an attack, or a mistake. */
const MAX_CODINGS = 4;

/** @throws Error where the body is not what its header says, or larger than `maxBytes` */
export async function decodeContent(
  body: Buffer,
  contentEncoding: string | undefined,
  maxBytes: number,
): Promise<Buffer> {
  const codings = codingsIn(contentEncoding);
  if (codings.length === 0 || body.length === 0) {
    return body;
  }
  if (codings.length > MAX_CODINGS) {
    throw new Error("too many codings");
  }
  // Loaded on demand: it costs a cold start time, and few responses need it.
  const zlib = await import("node:zlib");
  return codings.reduceRight((coded, coding) => decode(zlib, coding, { coded, maxBytes }), body);
}

function codingsIn(header = ""): string[] {
  const names = header.split(",").map((name) => name.trim().toLowerCase());
  return names.filter((name) => name !== "" && name !== "identity");
}

interface Coded {
  readonly coded: Buffer;
  readonly maxBytes: number;
}

/** Some proxies decode the body and leave the header: plain JSON is then taken as it is. */
function decode(zlib: typeof Zlib, coding: string, { coded, maxBytes }: Coded): Buffer {
  try {
    return inflate(zlib, coding, { coded, maxBytes });
  } catch (error) {
    if (isJsonLike(coded)) {
      return coded;
    }
    throw error;
  }
}

/** Flushed, so that a truncated stream gives what it has. */
function inflate(zlib: typeof Zlib, coding: string, { coded, maxBytes }: Coded): Buffer {
  const limited = { maxOutputLength: maxBytes, finishFlush: zlib.constants.Z_SYNC_FLUSH };
  switch (coding) {
    case "gzip":
    case "x-gzip":
      return zlib.gunzipSync(coded, limited);
    case "deflate":
      // RFC 9110 means the zlib format; some servers send raw deflate.
      return isZlib(coded) ? zlib.inflateSync(coded, limited) : zlib.inflateRawSync(coded, limited);
    case "br":
      return zlib.brotliDecompressSync(coded, {
        maxOutputLength: maxBytes,
        finishFlush: zlib.constants.BROTLI_OPERATION_FLUSH,
      });
    default:
      throw new Error("unknown coding");
  }
}

/** RFC 1950 section 2.2: method 8, and a check of the first two bytes. */
function isZlib(coded: Buffer): boolean {
  return coded.length > 1 && (coded.readUInt8(0) & 15) === 8 && coded.readUInt16BE(0) % 31 === 0;
}

function isJsonLike(bytes: Buffer): boolean {
  return /^\s*[{[]/.test(bytes.subarray(0, 64).toString("latin1"));
}
