/**
 * The client secret as people put it into Secrets Manager: plain, or with what a console, a file or
 * a shell has put around it. What has one meaning is read; the rest is refused by name, since the
 * provider would only say that it is wrong.
 */
import { InternalError } from "../errors";

type Fault = "BrokenJson" | "ControlCharacter" | "Empty" | "NoText" | "SeveralMembers";

/** What is wrong, by its name alone, which the log has as `cause`: nothing of the text is in it. */
class SecretFault extends Error {
  constructor(name: Fault) {
    super("client secret");
    this.name = name;
  }
}

/** Blanks, line ends, byte order marks and what else nobody sees, around it. */
const AROUND = /^[\s\p{Cc}\p{Cf}]+|[\s\p{Cc}\p{Cf}]+$/gu;
/** RFC 6749 appendix A.2 has visible characters and the space alone. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\ufffd]/u;
const NAMES = ["client_secret", "clientSecret"];

/**
 * A secret that itself begins and ends with a quote, or looks like JSON, is written as a JSON
 * string (`"\"…\""`): one pair of quotes is always the writer's.
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
    // Its message would quote the text.
    throw malformed("BrokenJson");
  }
}

/** Of an object the member that says so by its name, or else the only text that is there. */
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
