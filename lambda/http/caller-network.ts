/**
 * What counts as one client on the network: an IPv4 address, or the /64 prefix of an IPv6 address,
 * since one host has all addresses of its prefix (RFC 4291 section 2.5.4).
 */

const MAX_LENGTH = 45;
const IPV4 = /^(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})$/;
const GROUP = /^[0-9a-f]{1,4}$/;
const GROUPS = 8;
const NETWORK_GROUPS = 4;
/** IPv4 in IPv6 (RFC 4291 section 2.5.5.2). */
const MAPPED = /^::ffff:(\d+(?:\.\d+){3})$/;

/**
 * @returns the same text for all addresses of one client; "" for a text that is no address, so that
 * all of those count as one client
 * @example
 * networkOf("2001:db8:1:2::7") // "2001:db8:1:2::/64"
 */
export function networkOf(sourceIp: string | undefined): string {
  const text = (sourceIp ?? "").toLowerCase();
  if (text.length > MAX_LENGTH) {
    return "";
  }
  const address = MAPPED.exec(text)?.[1] ?? text;
  return IPV4.test(address) ? address : prefixOf(address);
}

/** RFC 4291 section 2.2: up to eight groups, one run of zeros left out. */
function prefixOf(address: string): string {
  const [head = "", tail, ...more] = address.split("::");
  const [before, after] = [groupsIn(head), groupsIn(tail ?? "")];
  const missing = GROUPS - before.length - after.length;
  const isWhole = tail === undefined ? missing === 0 : missing > 0;
  if (more.length > 0 || !isWhole || ![...before, ...after].every((group) => GROUP.test(group))) {
    return "";
  }
  const zeros = Array.from({ length: missing }, () => "0");
  const network = [...before, ...zeros, ...after].slice(0, NETWORK_GROUPS);
  return `${network.map((group) => parseInt(group, 16).toString(16)).join(":")}::/64`;
}

function groupsIn(text: string): readonly string[] {
  return text === "" ? [] : text.split(":");
}
