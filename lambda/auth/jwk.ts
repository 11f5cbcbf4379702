/** Which keys of a key set may verify anything at all (S03). */
import { createPublicKey } from "node:crypto";
import * as v from "valibot";
import type { IdTokenPolicy } from "../ports";

export type Alg = IdTokenPolicy["algs"][number];

const MAX_KEYS = 100;
const MAX_KID_LENGTH = 128;
const MIN_RSA_BITS = 2_048;

/** RFC 7517 section 5: unknown members are ignored, so a key may have any. */
const keySetSchema = v.object({
  keys: v.pipe(v.array(v.record(v.string(), v.unknown())), v.maxLength(MAX_KEYS)),
});

/** A public key with nothing but what verifying takes; the shape that aws-jwt-verify wants. */
export type UsableJwk = Readonly<Record<"kid" | "kty", string>> & Record<string, string>;

/** One fetched key set; another fetch gives another object, so whatever is derived from keys can hang on it. */
export interface KeySetSnapshot {
  readonly keys: ReadonlyMap<string, UsableJwk>;
}

/** Undefined where the document is no key set, or has a `kid` twice: then none of it is to be believed. */
export function readKeySet(body: Uint8Array, algs: readonly Alg[]): KeySetSnapshot | undefined {
  const parsed = v.safeParse(keySetSchema, parseJson(body));
  if (!parsed.success) {
    return undefined;
  }
  const kids = parsed.output.keys.map(({ kid }) => kid).filter((kid) => kid !== undefined);
  if (new Set(kids).size !== kids.length) {
    return undefined;
  }
  const usable = parsed.output.keys.flatMap((jwk) => toUsable(jwk, algs) ?? []);
  return { keys: new Map(usable.map((jwk) => [jwk.kid, jwk])) };
}

const MEMBERS: ReadonlyMap<unknown, readonly string[]> = new Map([
  ["EC", ["kty", "crv", "x", "y"]],
  ["RSA", ["kty", "n", "e"]],
  ["OKP", ["kty", "crv", "x"]],
]);

function toUsable(
  jwk: Readonly<Record<string, unknown>>,
  algs: readonly Alg[],
): UsableJwk | undefined {
  const { kid, kty, use, alg } = jwk;
  const members = MEMBERS.get(kty);
  const isForVerifying = use === undefined || use === "sig";
  if (typeof kid !== "string" || kid === "" || kid.length > MAX_KID_LENGTH) {
    return undefined;
  }
  if (members === undefined || !isForVerifying || !allowsVerify(jwk) || "d" in jwk) {
    return undefined;
  }
  const publicMembers = Object.fromEntries(members.map((name) => [name, jwk[name]]));
  if (!algs.some((each) => isKeyFor(each, jwk)) || !isSoundKey(publicMembers)) {
    return undefined;
  }
  const pinned = typeof alg === "string" ? { alg } : {};
  return { ...publicMembers, ...pinned, kid } as UsableJwk;
}

function allowsVerify({ key_ops: operations }: Readonly<Record<string, unknown>>): boolean {
  return operations === undefined || (Array.isArray(operations) && operations.includes("verify"));
}

/** Whether a key may verify signatures of that algorithm: by its type and curve, and by its `alg` where it has one. */
export function isKeyFor(
  expected: Alg,
  { kty, crv, alg }: Readonly<Record<string, unknown>>,
): boolean {
  if (alg !== undefined && alg !== expected) {
    return false;
  }
  switch (expected) {
    case "ES256":
      return kty === "EC" && crv === "P-256";
    case "RS256":
    case "PS256":
      return kty === "RSA";
    case "EdDSA":
      return kty === "OKP" && crv === "Ed25519";
  }
}

/** Importing it checks that the point is on the curve. */
function isSoundKey(jwk: Record<string, unknown>): boolean {
  try {
    const key = createPublicKey({ key: jwk, format: "jwk" });
    const { modulusLength } = key.asymmetricKeyDetails ?? {};
    return modulusLength === undefined || modulusLength >= MIN_RSA_BITS;
  } catch {
    return false;
  }
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString("utf8"));
  } catch {
    return undefined;
  }
}
