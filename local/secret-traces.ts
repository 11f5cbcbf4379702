/**
 * Finds secrets in a text, also in disguise: base64, base64url, hex, URL-encoded, and any 16
 * characters in a row of these.
 */

const WINDOW = 16;

/**
 * @returns those secrets of which 16 successive characters, in any form, are in the text (all of
 *   them if it is shorter)
 */
export function tracesOf(secrets: Iterable<string>, text: string): string[] {
  const windows = windowsOf(text);
  const isIn = (form: string): boolean =>
    form.length < WINDOW
      ? form !== "" && text.includes(form)
      : [...windowsOf(form)].some((window) => windows.has(window));
  return [...secrets].filter((secret) => formsOf(secret).some(isIn));
}

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret, "utf8");
  // Base64 of something longer that contains the secret shows it in one of three alignments.
  const aligned = [0, 1, 2].map((offset) => bytes.subarray(offset));
  return [
    secret,
    encodeURIComponent(secret),
    bytes.toString("hex"),
    ...aligned.flatMap((part) => [
      inner(part.toString("base64")),
      inner(part.toString("base64url")),
    ]),
  ];
}

/** Without the last characters, which depend on what follows. */
function inner(base64: string): string {
  return base64.slice(0, -4);
}

function windowsOf(text: string): Set<string> {
  const windows = new Set<string>();
  for (let start = 0; start + WINDOW <= text.length; start += 1) {
    windows.add(text.slice(start, start + WINDOW));
  }
  return windows;
}
