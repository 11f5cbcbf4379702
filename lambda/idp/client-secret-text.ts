/**
 * Reads the client secret as operators store it in Secrets Manager: plain, or wrapped by a console,
 * a file or a shell. An unambiguous text is unwrapped; an ambiguous one is refused with a name for
 * the fault, since the provider would only say `invalid_client`.
 */
import { InternalError } from "../errors";

type Fault = "BrokenJson" | "ControlCharacter" | "Empty" | "NoText" | "SeveralMembers";

/** The fault, as a class name that the log shows as `cause`. Nothing of the text is in it. */
class SecretFault extends Error {
  constructor(name: Fault) {
    super("client secret");
    this.name = name;
  }
}

/** White space, line ends, byte order marks and other invisible characters around the text. */
const AROUND = /^[\s\p{Cc}\p{Cf}]+|[\s\p{Cc}\p{Cf}]+$/gu;
/** RFC 6749 appendix A.2 allows visible characters and the space only. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\ufffd]/u;
const NAMES = ["client_secret", "clientSecret"];

/**
 * Unwraps the secret. A secret that itself begins and ends with a quote, or looks like JSON, must
 * be stored as a JSON string (`"\"…\""`): one pair of quotes is always removed.
 * @throws InternalError `client_secret_missing`, `client_secret_malformed`
 */
export function readClientSecret(text: string): string {
  const bare = text.replace(AROUND, "");
  if (bare === "") {
    throw new InternalError("client_secret_missing");
  }
  const secret = unwrapped(bare).replace(AROUND, "");
  if (secret === "") {
    throw malformed("Empty");
  }
  if (INVISIBLE.test(secret)) {
    throw malformed("ControlCharacter");
  }
  return secret;
}

function unwrapped(text: string): string {
  if (/^'.*'$/s.test(text) && text.length > 1) {
    return text.slice(1, -1);
  }
  if (/^\{\s*"/.test(text) || (/^(?:\{.*\}|\[.*\]|".*")$/s.test(text) && text.length > 1)) {
    return textIn(parsed(text));
  }
  if (text === "null" || text === "undefined") {
    throw malformed("NoText");
  }
  return text;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The message of JSON.parse would quote the text.
    throw malformed("BrokenJson");
  }
}

/** Of an object: the member with the usual name, else its only string. */
function textIn(value: unknown): string {
  if (typeof value === "string") {
    return value;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw malformed("NoText");
  }
  const texts = Object.entries(value).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  const named = texts.filter(([name]) => NAMES.includes(name));
  const [found, ...others] = named.length > 0 ? named : texts;
  if (found === undefined) {
    throw malformed("NoText");
  }
  if (others.some(([, other]) => other !== found[1])) {
    throw malformed("SeveralMembers");
  }
  return found[1];
}

function malformed(name: Fault): InternalError {
  return new InternalError("client_secret_malformed", { cause: new SecretFault(name) });
}
