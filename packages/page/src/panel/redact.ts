/**
 * What of a request or an answer may be shown and kept: its shape. Values are hidden unless they
 * are known to be no secret, so that a member that is new is hidden, too.
 */

/** A request or an answer, with nothing secret left in it. */
export interface Message {
  readonly headers: readonly string[];
  readonly body?: string;
}

const HIDDEN = "•••";

/** Of a body; their texts are words, times and names of the protocol. */
const OPEN_MEMBERS = new Set([
  "action",
  "at",
  "code",
  "created_at",
  "detail",
  "expires_at",
  "grant_type",
  "last_exchange_at",
  "last_seen_at",
  "outcome",
  "reason",
  "scope",
  "scopes",
  "since",
  "status",
  "title",
  "token_type",
  "updated_at",
]);

const OPEN_HEADERS = new Set(["accept", "content-type", "etag", "if-match", "retry-after"]);

/** Tokens, sessions and codes, wherever they may be. */
const SECRET = /eyJ|rvs_|0x[0-9a-f]{20}|[\w-]{40}/i;

/** `code` of a sign-in is a secret, that of a problem is a word. */
const WORD = /^[a-z_]{1,40}$/;

const MAX_LINES = 12;
const MAX_LENGTH = 90;

export function redactedHeaders(headers: Headers): readonly string[] {
  return [...headers].flatMap(([name, value]) => {
    if (name === "authorization") {
      return [`${name}: ${value.split(" ")[0] ?? ""} ${HIDDEN}`];
    }
    return OPEN_HEADERS.has(name) && !SECRET.test(value) ? [`${name}: ${value}`] : [];
  });
}

/** @returns JSON with its values hidden, or how much of something else there is */
export function redactedBody(text: string): string | undefined {
  if (text === "") {
    return undefined;
  }
  try {
    const lines = JSON.stringify(redacted(JSON.parse(text), ""), undefined, 2).split("\n");
    const shown = lines.slice(0, MAX_LINES).map((line) => line.slice(0, MAX_LENGTH));
    return [...shown, ...(lines.length > MAX_LINES ? ["…"] : [])].join("\n");
  } catch {
    return `${String(text.length)} characters that are not JSON`;
  }
}

function redacted(value: unknown, member: string): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => redacted(item, member));
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([name, inner]): [string, unknown] => [
      SECRET.test(name) ? HIDDEN : name,
      redacted(inner, name),
    ]);
    return Object.fromEntries(entries);
  }
  if (typeof value !== "string") {
    return value;
  }
  const isOpen = OPEN_MEMBERS.has(member) && !SECRET.test(value);
  return isOpen && (member !== "code" || WORD.test(value)) ? value : HIDDEN;
}
