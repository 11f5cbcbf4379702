/** Bodies of the provider's answers, whatever their content type says. */

type Members = Readonly<Record<string, unknown>>;

export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** Undefined where it is none. A byte order mark is passed over (RFC 8259 section 8.1). */
export function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}

/** JSON, or the form in which some providers answered before RFC 6749. */
export function parseTokenBody(body: Uint8Array): unknown {
  return parseJson(body) ?? parseForm(new TextDecoder().decode(body).trim());
}

function parseForm(text: string): Members | undefined {
  return /^[a-z_]+=[^\s"<>]*$/.test(text)
    ? Object.fromEntries(new URLSearchParams(text))
    : undefined;
}

/** One member of a JSON object: in a text, quotes are escaped, so this is never part of one. */
const REFRESH_TOKEN = /"refresh_token"\s*:\s*("(?:[^"\\]|\\.)+")/g;

/**
 * The refresh token of an answer that broke off behind it, or that is JSON up to there alone. Where
 * there are two, nothing says which one counts.
 */
export function salvageRefreshToken(body: Uint8Array): string | undefined {
  const [found, ...others] = new TextDecoder().decode(body).matchAll(REFRESH_TOKEN);
  const token = others.length === 0 ? parseJson(Buffer.from(found?.[1] ?? "")) : undefined;
  return typeof token === "string" ? token : undefined;
}
