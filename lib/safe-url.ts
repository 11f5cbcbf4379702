import { LOOPBACK_HOST } from "../lambda/facts";

/**
 * Tokens are sent there: https, or plain http to this machine, without user info or fragment (RFC
 * 6749 sections 3.1 and 3.2).
 */
export function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text) || text.includes("#")) {
    return false;
  }
  const { protocol, hostname, username, password } = new URL(text);
  const isPrivate = protocol === "https:" || (protocol === "http:" && LOOPBACK_HOST.test(hostname));
  return isPrivate && !hostname.includes("*") && `${username}${password}` === "";
}
