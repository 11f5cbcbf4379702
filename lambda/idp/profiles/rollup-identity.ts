/** ID tokens and claims of Rollup ID (github.com/proofzero/rollupid, docs.rollup.id). */
import type { IdpSettings } from "../../env";
import type { CodeFlow, IdentityProfile, PickUserinfo } from "../../ports/profile";
import { type ClaimRule, pickClaims, pickRecords, type RecordsRule } from "../claims";
import { KIND_CLAIMS } from "./kind-claims";

const ID_TOKEN_CLAIMS: readonly ClaimRule[] = [
  { name: "name", kind: "string", maxLength: 256 },
  { name: "picture", kind: "url", maxLength: 2_048 },
  { name: "email", kind: "string", maxLength: 320 },
];

/** It says more than the ID token does: what the user has picked for this application. */
const MORE_USERINFO_CLAIMS: readonly ClaimRule[] = [
  { name: "type", kind: "string", maxLength: 32 },
];
const USERINFO_RECORDS: readonly RecordsRule[] = [
  {
    name: "connected_accounts",
    maxLength: 320,
    maxEntries: 50,
    members: ["type", "identifier"],
  },
  { name: "erc_4337", maxLength: 320, maxEntries: 50, members: ["nickname", "address"] },
];

export function createRollupIdentity({
  clockToleranceSeconds = 60,
}: Pick<IdpSettings, "clockToleranceSeconds">): IdentityProfile {
  return {
    idToken: {
      algs: ["ES256"],
      maxBytes: 4_096,
      maxLifetimeSeconds: 3_600,
      clockToleranceSeconds,
      // The prefix changed twice over the years; the length of the hex part was never promised.
      subPattern: /^urn:(?:rollupid:(?:identity|account)|threeid:account)\/0x[0-9a-fA-F]{1,200}$/,
      forbiddenClaims: ["scope", "jti"],
      kindClaims: KIND_CLAIMS,
      types: ["JWT"],
    },
    pickClaims: (payload) => pickClaims(payload, ID_TOKEN_CLAIMS),
  };
}

export const pickRollupUserinfo: PickUserinfo = (answer) => ({
  ...pickClaims(answer, ID_TOKEN_CLAIMS),
  ...pickClaims(answer, MORE_USERINFO_CLAIMS),
  ...pickRecords(answer, USERINFO_RECORDS),
});

/**
 * 24 random bytes since its first version; the length was never promised, but less than 16 would be
 * no code.
 */
const CODE = /^0x[0-9a-fA-F]{32,256}$/;

export const rollupCodeFlow: CodeFlow = {
  pkce: "none",
  nonce: false,
  // Good for two minutes, however often it is exchanged.
  isCodeReusable: true,
  isPossibleCode: (code) => CODE.test(code),
};
