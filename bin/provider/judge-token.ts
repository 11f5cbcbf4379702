/**
 * Why an ID token is refused: all reasons, not only the first. The verifier's own checks are run on
 * the token with all its faults mended but one, for each fault that a token can have, so every
 * verdict here is the verifier's. Of the token, results have claim names and times only.
 */
import { createPublicKey } from "node:crypto";
import { checkCommonClaims, checkIdTokenClaims } from "../../lambda/auth/claim-checks";
import { createIdTokenVerifier } from "../../lambda/auth/id-token-verifier";
import type { Alg } from "../../lambda/auth/jwk";
import { isSignature } from "../../lambda/auth/jws";
import { readUnverifiedJwt } from "../../lambda/auth/jwt-grammar";
import { createKeySet, type KeySet } from "../../lambda/auth/key-set";
import type { IdpSettings } from "../../lambda/env";
import { ServiceError, UnauthorizedError, UnavailableError } from "../../lambda/errors";
import { ID_TOKEN_ALGS } from "../../lambda/facts";
import { createIdentity } from "../../lambda/idp/identity";
import type { HttpClient } from "../../lambda/ports/http-client";
import type { Clock } from "../../lambda/ports/runtime";
import { DESK_TIMEOUT_MS } from "../../lib/provider/discovery";
import { type Draft, type Mend, mendsOf, type StepName, STEPS } from "./mends";

export interface Finding {
  readonly step: StepName;
  readonly verdict: "passed" | "refused" | "not judged";
  /** As the log has it. */
  readonly reason?: string;
  readonly because?: string;
  /** The stage's setting that would allow it. */
  readonly setting?: string;
  /** It is no fault of a token that comes by code, straight from the provider. */
  readonly isBearerOnly?: boolean;
}

export interface TokenReport {
  /** One or more for each step, in their order. */
  readonly findings: readonly Finding[];
  /** What the verifier itself says: `accepted`, or the reason as the log has it. */
  readonly asBearer: string;
  readonly byCode: string;
  /** Names of the token's claims; undefined where it cannot be read. */
  readonly claims: readonly string[] | undefined;
  /** Epoch seconds, of those that are whole numbers. */
  readonly times: Readonly<Record<string, number>>;
}

export interface TokenJudgeOptions {
  readonly settings: IdpSettings;
  readonly http: HttpClient;
  readonly clock: Clock;
}

const TIMES = ["iat", "nbf", "exp", "auth_time"] as const;
/** Not everything that stands in the place of a name is one. */
const CLAIM_NAME = /^[\w:./-]{1,64}$/;

export async function judgeToken(token: string, options: TokenJudgeOptions): Promise<TokenReport> {
  const { settings, clock, http } = options;
  const identity = createIdentity(settings);
  const { jwksUri } = settings;
  const { policy, unreadable, draft } = read(token, options);
  // A key and a signature are judged also where the stage lists too few algorithms.
  const isListed = policy.algs.some((alg) => alg === draft?.header["alg"]);
  const algs = isListed ? policy.algs : ID_TOKEN_ALGS;
  const keySet = createKeySet({ jwksUri, algs, http, clock, timeoutMs: DESK_TIMEOUT_MS });
  const found =
    draft === undefined
      ? [refused("grammar", { reason: "malformed_token", because: unreadable })]
      : [
          ...sizeFindings(token, policy.maxBytes),
          ...claimFindings(draft),
          ...(await keyFindings(token, { draft, keySet, settings })),
        ];
  const verifier = createIdTokenVerifier({ settings, identity, keySet, clock });
  return {
    findings: STEPS.flatMap((step) => {
      const own = found.filter((finding) => finding.step === step);
      const none = { step, verdict: draft === undefined ? "not judged" : "passed" } as const;
      return own.length === 0 ? [none] : own;
    }),
    asBearer: await verdictOf(verifier.verify(token)),
    byCode: await verdictOf(verifier.verifyExchanged(token)),
    claims: draft && Object.keys(draft.payload).filter((name) => CLAIM_NAME.test(name)),
    times: Object.fromEntries(
      TIMES.flatMap((name) => {
        const time = draft?.payload[name];
        return Number.isSafeInteger(time) ? [[name, time as number]] : [];
      }),
    ),
  };
}

function refused(step: StepName, why: Omit<Finding, "step" | "verdict">): Finding {
  return { step, verdict: "refused", ...why };
}

/** The verifier's own reading, with any size; its header is judged with the claims. */
function read(token: string, { settings, clock }: TokenJudgeOptions) {
  const policy = createIdentity(settings).idToken;
  const readable = { ...policy, maxBytes: Infinity };
  const [header = "", payload = "", signature = ""] = token.split(".");
  const soundHeader = encode({ alg: policy.algs[0], kid: "kid" });
  const isReadable =
    refusalOf(() => readUnverifiedJwt(token, readable))?.reason !== "malformed_token" &&
    refusalOf(() => readUnverifiedJwt(`${soundHeader}.${payload}.${signature}`, readable)) ===
      undefined;
  const unreadable = unreadableWords(token);
  if (!isReadable) {
    return { policy, unreadable };
  }
  const expected = { ...settings, policy, now: clock.now(), isBearer: true };
  return {
    policy,
    unreadable,
    draft: { header: decode(header), payload: decode(payload), expected },
  };
}

function unreadableWords(token: string): string {
  if (token.startsWith("rvs_")) {
    return "this is a session token of this product, and no ID token";
  }
  const parts = token.split(".").length;
  if (parts === 5) {
    return "it is encrypted (JWE): switch the encryption of ID tokens off for this client";
  }
  return parts === 3
    ? "it is not strict base64url, or header or payload is no JSON object"
    : "it is no JWT: an opaque token is no ID token";
}

function encode(members: unknown): string {
  return Buffer.from(JSON.stringify(members)).toString("base64url");
}

function decode(part: string): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(part, "base64url").toString("utf8")) as Record<string, unknown>;
}

function sizeFindings(token: string, maxBytes: number): readonly Finding[] {
  const because = `it is larger than a request may bring: ${maxBytes} bytes`;
  return token.length > maxBytes
    ? [refused("grammar", { reason: "malformed_token", because, isBearerOnly: true })]
    : [];
}

/** Mends all faults but one, for each; a fault that was found stays mended. */
function claimFindings(original: Draft): readonly Finding[] {
  const findings: Finding[] = [];
  let draft = original;
  let later: readonly Mend[] = mendsOf(original);
  for (const mend of mendsOf(original)) {
    later = later.slice(1);
    const isolated = later.reduce((mended, each) => each.apply(mended), draft);
    const refusal = refusalOf(() => {
      check(isolated);
    });
    if (refusal !== undefined) {
      const { step, because } = mend;
      const { reason } = refusal;
      const setting = mend.isFinal === true ? undefined : refusal.setting;
      const asCode = { ...isolated, expected: { ...isolated.expected, isBearer: false } };
      const isBearerOnly = isGood(asCode);
      findings.push(
        refused(step, {
          reason,
          because,
          ...(setting !== undefined && { setting }),
          ...(isBearerOnly && { isBearerOnly }),
        }),
      );
      draft = mend.apply(draft);
    }
  }
  return findings;
}

function isGood(draft: Draft): boolean {
  return (
    refusalOf(() => {
      check(draft);
    }) === undefined
  );
}

/** As lambda/auth/jwt-verifier.ts does, up to the key. @throws UnauthorizedError */
function check({ header, payload, expected }: Draft): void {
  const policy = { ...expected.policy, maxBytes: Infinity };
  readUnverifiedJwt(`${encode(header)}.${encode(payload)}.c2ln`, policy);
  const { iat } = checkCommonClaims(payload, expected);
  checkIdTokenClaims(payload, iat, expected);
}

function refusalOf(work: () => unknown): UnauthorizedError | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof UnauthorizedError) {
      return error;
    }
    throw error;
  }
}

function isAlg(alg: unknown): alg is Alg {
  return ID_TOKEN_ALGS.some((each) => each === alg);
}

interface Keyed {
  readonly draft: Draft;
  readonly keySet: KeySet;
  readonly settings: IdpSettings;
}

async function keyFindings(token: string, keyed: Keyed): Promise<readonly Finding[]> {
  const { header, payload } = keyed.draft;
  const { alg, kid } = header;
  const notJudged = (step: StepName, because: string): Finding => ({
    step,
    verdict: "not judged",
    because,
  });
  const unjudged = notJudged("signature", "there is no key to check it with");
  if (!isAlg(alg)) {
    return [notJudged("key", "no key is for this `alg`"), unjudged];
  }
  try {
    const keys = await keyed.keySet.keysFor({
      kid: typeof kid === "string" && kid !== "" ? kid : undefined,
      alg,
      iat: Number(payload["iat"]),
      token,
      isFromTokenEndpoint: true,
    });
    const signatureAt = token.lastIndexOf(".") + 1;
    const signed = {
      signingInput: Buffer.from(token.slice(0, signatureAt - 1)),
      signature: Buffer.from(token.slice(signatureAt), "base64url"),
    };
    const isSigned = keys.some((key) =>
      isSignature(alg, signed, createPublicKey({ key, format: "jwk" })),
    );
    return isSigned
      ? []
      : [
          refused("signature", {
            reason: "invalid_signature",
            because: "the provider's key did not sign this: the token was changed, or cut off",
          }),
        ];
  } catch (error) {
    if (error instanceof UnavailableError) {
      return [notJudged("key", "the provider's key set cannot be had"), unjudged];
    }
    const { reason } = asRefusal(error);
    return [refused("key", { reason, because: KEY_WORDS[reason] ?? "" }), unjudged];
  }
}

const KEY_WORDS: Readonly<Partial<Record<string, string>>> = {
  unknown_key:
    "the key set has no key for `kid` and `alg`: it is another provider's token, or its key is " +
    "withdrawn",
  ambiguous_key: "the key set has several keys that fit `kid` and `alg`",
  disallowed_algorithm: "the key that `kid` names is for another algorithm than `alg`",
};

function asRefusal(error: unknown): ServiceError {
  if (error instanceof ServiceError) {
    return error;
  }
  throw error;
}

async function verdictOf(verification: Promise<unknown>): Promise<string> {
  try {
    await verification;
    return "accepted";
  } catch (error) {
    return asRefusal(error).reason;
  }
}
