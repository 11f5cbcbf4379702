/** Bodies of the provider's responses; their content type is not trusted. */

type Members = Readonly<Record<string, unknown>>;

export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/**
 * Parses JSON; undefined where it is malformed. A byte order mark is ignored (RFC 8259 section
 * 8.1).
 */
export function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}

/** Parses JSON, or a form as some providers sent before RFC 6749. */
export function parseTokenBody(body: Uint8Array): unknown {
  return parseJson(body) ?? parseForm(new TextDecoder().decode(body).trim());
}

function parseForm(text: string): Members | undefined {
  return /^[a-z_]+=[^\s"<>]*$/.test(text)
    ? Object.fromEntries(new URLSearchParams(text))
    : undefined;
}

/**
 * A member of a JSON object. Quotes inside a string are escaped, so it never matches inside one.
 */
const REFRESH_TOKEN = /"refresh_token"\s*:\s*("(?:[^"\\]|\\.)+")/g;

/**
 * Finds the refresh token in a truncated or malformed response. Undefined where there are two:
 * nothing says which one counts.
 */
export function salvageRefreshToken(body: Uint8Array): string | undefined {
  const [found, ...others] = new TextDecoder().decode(body).matchAll(REFRESH_TOKEN);
  const token = others.length === 0 ? parseJson(Buffer.from(found?.[1] ?? "")) : undefined;
  return typeof token === "string" ? token : undefined;
}
