/**
 * Which keys of a key set may verify anything at all (S03). Any entry that cannot be used is passed
 * over.
 */
import { createPublicKey } from "node:crypto";
import * as v from "valibot";
import type { IdTokenPolicy } from "../ports/profile";

export type Alg = IdTokenPolicy["algs"][number];

const MAX_KEYS = 100;
const MAX_KID_LENGTH = 128;
const MIN_RSA_BITS = 2_048;
/** Above this, a forged token would make one verification too expensive. */
const MAX_RSA_BITS = 8_192;
/**
 * FIPS 186-5 section A.1.1 requires 2^16 < e, and e odd. Its upper bound is far beyond what
 * implementations accept.
 */
const MIN_RSA_EXPONENT = 65_537n;
const MAX_RSA_EXPONENT = 2n ** 32n;

const keySetSchema = v.object({ keys: v.pipe(v.array(v.unknown()), v.maxLength(MAX_KEYS)) });

/** RFC 7517 section 5: unknown members are ignored, so a key may have any. */
const keySchema = v.record(v.string(), v.unknown());

/** A public key with only the members that verifying takes. */
export type UsableJwk = Readonly<Record<"kty", string>> &
  Readonly<Partial<Record<"kid" | "alg" | "crv" | "x" | "y" | "n" | "e", string>>>;

/**
 * The usable keys of a key set document. Undefined where the document is not a key set, or has no
 * usable key: a provider without keys has an outage, even if its status is 200.
 */
export function readKeySet(
  body: Uint8Array,
  algs: readonly Alg[],
): readonly UsableJwk[] | undefined {
  const parsed = v.safeParse(keySetSchema, parseJson(body));
  if (!parsed.success) {
    return undefined;
  }
  const usable = parsed.output.keys.flatMap((entry) => toUsable(entry, algs) ?? []);
  return usable.length === 0 ? undefined : usable;
}

/** What identifies a key: the same `kid` with other material names another key. */
export function identityOf({ kid, kty, crv, x, y, n, e }: UsableJwk): string {
  return JSON.stringify([kid, kty, crv, x, y, n, e]);
}

const MEMBERS: ReadonlyMap<unknown, readonly string[]> = new Map([
  ["EC", ["kty", "crv", "x", "y"]],
  ["RSA", ["kty", "n", "e"]],
  ["OKP", ["kty", "crv", "x"]],
]);

function toUsable(entry: unknown, algs: readonly Alg[]): UsableJwk | undefined {
  if (!v.is(keySchema, entry)) {
    return undefined;
  }
  const { kid, kty, use, alg } = entry;
  const members = MEMBERS.get(kty);
  const isForVerifying = use === undefined || use === "sig";
  if (!isKid(kid) || members === undefined || !isForVerifying) {
    return undefined;
  }
  if (!allowsVerify(entry) || "d" in entry || !algs.some((each) => isKeyFor(each, entry))) {
    return undefined;
  }
  const publicMembers = Object.fromEntries(members.map((name) => [name, entry[name]]));
  if (!isSoundKey(publicMembers)) {
    return undefined;
  }
  const named = { ...(typeof alg === "string" && { alg }), ...(kid !== undefined && { kid }) };
  return { ...publicMembers, ...named } as UsableJwk;
}

function isKid(kid: unknown): kid is string | undefined {
  return (
    kid === undefined || (typeof kid === "string" && kid !== "" && kid.length <= MAX_KID_LENGTH)
  );
}

function allowsVerify({ key_ops: operations }: Readonly<Record<string, unknown>>): boolean {
  return operations === undefined || (Array.isArray(operations) && operations.includes("verify"));
}

/**
 * Whether a key may verify signatures of that algorithm: by its type and curve, and by its `alg`
 * where it has one.
 */
export function isKeyFor(
  expected: Alg,
  { kty, crv, alg }: { readonly kty?: unknown; readonly crv?: unknown; readonly alg?: unknown },
): boolean {
  if (alg !== undefined && alg !== expected) {
    return false;
  }
  switch (expected) {
    case "ES256":
      return kty === "EC" && crv === "P-256";
    case "ES384":
      return kty === "EC" && crv === "P-384";
    case "ES512":
      return kty === "EC" && crv === "P-521";
    case "EdDSA":
      return kty === "OKP" && crv === "Ed25519";
    default:
      return kty === "RSA";
  }
}

/**
 * Importing a key checks that its point is on the curve. It does not check the strength of an RSA
 * key: with e = 1 any attacker can sign.
 */
function isSoundKey(jwk: Record<string, unknown>): boolean {
  try {
    const key = createPublicKey({ key: jwk, format: "jwk" });
    // Node tells both of an RSA key, and neither of another.
    const { modulusLength = MIN_RSA_BITS, publicExponent = MIN_RSA_EXPONENT } =
      key.asymmetricKeyDetails ?? {};
    return isSoundModulus(modulusLength) && isSoundExponent(publicExponent);
  } catch {
    return false;
  }
}

function isSoundModulus(bits: number): boolean {
  return bits >= MIN_RSA_BITS && bits <= MAX_RSA_BITS;
}

function isSoundExponent(exponent: bigint): boolean {
  return exponent >= MIN_RSA_EXPONENT && exponent < MAX_RSA_EXPONENT && exponent % 2n === 1n;
}

/** Skips a byte order mark (RFC 8259 section 8.1). Undefined where the body is not JSON. */
function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}
