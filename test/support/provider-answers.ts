/**
 * Answers as no provider should give them: any status, any header, any coding, members missing,
 * null, of another type or huge, and cut off.
 */
import type { RequestListener } from "node:http";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import fc from "fast-check";

/** With what JSON has to escape. */
export const SUCCESSOR = 'suc"c\\essor/ü';
const HUGE = "x".repeat(70_000);
const MAX_BYTES = 65_536;

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly coding: keyof typeof CODINGS;
  readonly text: string;
  /** Of the members of the object that `text` is; undefined: it is none. */
  readonly members: Readonly<Record<string, unknown>> | undefined;
  /** The part of it that is sent, before the connection breaks; 1: all. */
  readonly sent: number;
}

const CODINGS = {
  none: (text: string) => Buffer.from(text),
  mark: (text: string) => Buffer.from(`\ufeff${text}`),
  gzip: (text: string) => gzipSync(text),
  deflate: (text: string) => deflateSync(text),
  "raw deflate": (text: string) => deflateRawSync(text),
  br: (text: string) => brotliCompressSync(text),
  "gzip, br": (text: string) => brotliCompressSync(gzipSync(text)),
  "gzip, but it is not": (text: string) => Buffer.from(text),
  "broken gzip": (text: string) => gzipSync(text).fill(0xff, 12, 20),
  zstd: () => Buffer.from([0x28, 0xb5, 0x2f, 0xfd]),
};
const HEADERS: Partial<Record<keyof typeof CODINGS, string>> = {
  "raw deflate": "deflate",
  "gzip, but it is not": "gzip",
  "broken gzip": "gzip",
};
/** What comes out as it went in. */
const READABLE = new Set<keyof typeof CODINGS>([
  ...(["none", "mark", "gzip", "deflate", "raw deflate", "br"] as const),
  ...(["gzip, br", "gzip, but it is not"] as const),
]);

const odd = fc.constantFrom<unknown>(null, 7, "", true, {}, [], HUGE);

/** Good values come as often as odd ones; a member of neither is absent. */
function member(...good: unknown[]): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...good) }, odd);
}

export interface Tokens {
  readonly accessToken: string;
  readonly idToken: string;
  readonly foreignIdToken: string;
}

const ROLLUP_WORDS = [
  "invalid token",
  "expired token",
  "mismatch client id",
  "invalid client credentials",
  "data error",
];
const OAUTH_WORDS = [
  "invalid_grant",
  "login_required",
  "interaction_required",
  "invalid_client",
  "invalid_request",
  "server_error",
];

function tokenMembers({ accessToken, idToken, foreignIdToken }: Tokens) {
  return fc.record(
    {
      refresh_token: member(SUCCESSOR, SUCCESSOR, SUCCESSOR),
      access_token: member(accessToken, accessToken, "opaque", undefined),
      id_token: member(undefined, idToken, idToken, "a.b.c", foreignIdToken),
      token_type: member("Bearer", "bearer", undefined, "DPoP"),
      expires_in: member(60, "60", 1e300, -1, undefined),
      scope: member("openid", ["openid"], undefined),
    },
    { requiredKeys: [] },
  );
}

const errorMembers = fc.record(
  {
    error: member(...OAUTH_WORDS),
    code: fc.constantFrom("BAD_REQUEST", "UNAUTHORIZED"),
    message: member(...ROLLUP_WORDS),
    name: fc.constantFrom("RollupError", "Error"),
    // Some echo what they were sent.
    refresh_token: fc.constantFrom("refresh-token-0", undefined),
  },
  { requiredKeys: ["error"] },
);

const rollupErrors = fc.constantFrom(
  { code: "UNAUTHORIZED", message: "invalid token", name: "RollupError" },
  { code: "UNAUTHORIZED", message: "expired token", name: "RollupError" },
  { code: "BAD_REQUEST", message: "mismatch client id", name: "RollupError" },
  { code: "BAD_REQUEST", message: "invalid client credentials", name: "RollupError" },
);

const DISCOVERY = {
  issuer: "https://op.example",
  jwks_uri: "https://op.example/jwks",
  token_endpoint: "https://op.example/token",
  grant_types_supported: null,
};

export function answers(tokens: Tokens): fc.Arbitrary<Answer> {
  const objects = fc.oneof(
    { weight: 6, arbitrary: tokenMembers(tokens) },
    { weight: 3, arbitrary: errorMembers },
    { weight: 3, arbitrary: rollupErrors },
    fc.tuple(tokenMembers(tokens), errorMembers).map(([a, b]) => ({ ...b, ...a })),
    fc.constant(DISCOVERY),
    fc.constant({ sub: "urn:rollupid:identity/0x01", keys: [null, 7, {}] }),
  );
  const documents = fc.oneof(
    {
      weight: 12,
      arbitrary: objects.map((members) => ({ members, text: JSON.stringify(members) })),
    },
    fc
      .oneof(fc.json(), fc.constantFrom("", "<html>", "null", "[]", '{"refresh_token":', HUGE))
      .map((text) => ({ members: undefined, text })),
  );
  return fc
    .record({
      document: documents,
      status: fc.oneof(
        fc.constant(200),
        fc.constantFrom(400, 400, 401, 201, 204, 302, 403, 404, 429, 500, 502, 503),
      ),
      headers: fc.dictionary(
        fc.constantFrom("retry-after", "www-authenticate", "content-type", "location"),
        fc.constantFrom(
          "3",
          "-1",
          "Basic",
          "text/html",
          "Mon, 01 Jun 2026 12:00:30 GMT",
          HUGE.slice(0, 999),
        ),
        { maxKeys: 2 },
      ),
      coding: fc.oneof(
        { weight: 4, arbitrary: fc.constant("none" as const) },
        fc.constantFrom(...(Object.keys(CODINGS) as (keyof typeof CODINGS)[])),
      ),
      sent: fc.oneof(
        { weight: 4, arbitrary: fc.constant(1) },
        fc.double({ min: 0, max: 1, noNaN: true }),
      ),
    })
    .map(({ document, ...rest }) => ({ ...rest, ...document }));
}

function bytesOf({ coding, text }: Answer): Buffer {
  return CODINGS[coding](text);
}

export function serve(answer: Answer): RequestListener {
  const { status, headers, coding, sent } = answer;
  const hasBody = status !== 204;
  const body = hasBody ? bytesOf(answer) : Buffer.alloc(0);
  const encoding = HEADERS[coding] ?? (coding === "none" || coding === "mark" ? undefined : coding);
  return (_, response) => {
    response.writeHead(status, {
      ...headers,
      ...(encoding !== undefined && { "content-encoding": encoding }),
      ...(hasBody && { "content-length": body.length }),
    });
    const part = body.subarray(0, Math.floor(body.length * sent));
    if (part.length === body.length) {
      response.end(body);
    } else {
      response.write(part.length === 0 ? " " : part, () => response.destroy());
    }
  };
}

export function isWhole(answer: Answer): boolean {
  const { status, coding, text } = answer;
  const length = Buffer.byteLength(text);
  const body = bytesOf(answer);
  return (
    status !== 204 &&
    READABLE.has(coding) &&
    Math.floor(body.length * answer.sent) === body.length &&
    length + (coding === "mark" ? 3 : 0) <= MAX_BYTES &&
    body.length <= MAX_BYTES
  );
}

/**
 * The answer issued tokens, and all of the successor has come: written apart from the code that it
 * judges.
 */
export function hasArrived(answer: Answer): boolean {
  const { status, coding, text, members, sent } = answer;
  if (status < 200 || status >= 300 || status === 204 || members?.["refresh_token"] !== SUCCESSOR) {
    return false;
  }
  if (isWhole(answer)) {
    return true;
  }
  const isPlain = coding === "none" || coding === "gzip, but it is not";
  const body = Buffer.from(text);
  const part = body.subarray(0, Math.min(MAX_BYTES, Math.floor(body.length * sent)));
  return isPlain && part.includes(`"refresh_token":${JSON.stringify(SUCCESSOR)}`);
}
