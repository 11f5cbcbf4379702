import { judgeToken } from "../../../bin/provider/judge-token";
import { reportToken } from "../../../bin/provider/show";
import type { IdpSettings } from "../../../lambda/env";
import type { UnauthorizedReason } from "../../../lambda/errors";
import { createKeySetServer } from "../../support/key-set-server";
import {
  type Alg,
  ALICE,
  CLIENT_ID,
  createTestIssuer,
  createTestKey,
  ISSUER,
  NOW,
  type Overrides,
  type TestIssuer,
} from "../../support/tokens";
import { createTestClock } from "../../support/users-api";
import { claims, IAT, OIDC, ROWS, SECONDS } from "./faulty-tokens";

let issuer: TestIssuer;
let clock: ReturnType<typeof createTestClock>;

beforeEach(() => {
  issuer = createTestIssuer("ES256");
  clock = createTestClock();
});

afterEach(() => {
  clock.restore();
});

async function judge(token: string, settings: IdpSettings = OIDC) {
  const http = createKeySetServer(() => issuer.jwks());
  const report = await judgeToken(token, { settings, http, clock });
  return { ...report, http };
}

/** "step reason setting" of each refusal. */
async function refusals(token: string, settings?: IdpSettings): Promise<readonly string[]> {
  const { findings } = await judge(token, settings);
  return findings
    .filter(({ verdict }) => verdict === "refused")
    .map(({ step, reason, setting, isBearerOnly }) =>
      [step, reason, setting, isBearerOnly === true ? "(bearer)" : undefined]
        .filter((word) => word !== undefined)
        .join(" "),
    );
}

test("an ID token without a fault passes each step", async () => {
  const { findings, asBearer, byCode } = await judge(issuer.idToken());
  expect(findings).toEqual(
    ["grammar", "header", "issuer", "audience", "subject", "times", "kind", "key", "signature"].map(
      (step) => ({ step, verdict: "passed" }),
    ),
  );
  expect([asBearer, byCode]).toEqual(["accepted", "accepted"]);
});

test.each(ROWS)("a token that %s is told so", async (_, make, expected, settings) => {
  const token = make(issuer);
  expect(await refusals(token, settings)).toEqual(expected);
});

test.each(ROWS)(
  "of a token that %s, the verifier's own reason is among those told",
  async (_, make, __, settings) => {
    const { findings, asBearer, byCode } = await judge(make(issuer), settings);
    const refused = findings.filter(({ verdict }) => verdict === "refused");
    expect(refused.map(({ reason }) => reason)).toContain(asBearer);
    expect(refused.every(({ because }) => because !== "")).toBe(true);
    const lasting = refused.filter(({ isBearerOnly }) => isBearerOnly !== true);
    expect(lasting.map(({ reason }) => reason).concat("accepted")).toContain(byCode);
    expect(byCode === "accepted").toBe(lasting.length === 0);
  },
);

/** By whether a token alone can cause it; a new reason has to be put here. */
const CAUSES: Readonly<Record<UnauthorizedReason, "token" | "request" | "state">> = {
  malformed_token: "token",
  disallowed_header: "token",
  disallowed_algorithm: "token",
  unknown_key: "token",
  ambiguous_key: "token",
  invalid_signature: "token",
  invalid_issuer: "token",
  invalid_audience: "token",
  invalid_lifetime: "token",
  invalid_subject: "token",
  wrong_token_kind: "token",
  missing_credentials: "request",
  malformed_credentials: "request",
  malformed_session: "request",
  wrong_transport: "request",
  nonce_mismatch: "request",
  code_refused: "request",
  code_impossible: "request",
  code_in_doubt: "request",
  code_spent: "request",
  unknown_session: "state",
  session_expired: "state",
  erased_user: "state",
  signed_out: "state",
};

test("each reason for which a token can be refused is in the table", () => {
  const shown = new Set(ROWS.flatMap(([, , told]) => told.map((each) => each.split(" ")[1])));
  const expected = Object.entries(CAUSES).filter(([, cause]) => cause === "token");
  expect([...shown].sort()).toEqual(expected.map(([reason]) => reason).sort());
});

test.each<[string, IdpSettings, Overrides]>([
  [
    "idTokenMaxLifetimeSeconds",
    { ...OIDC, idTokenMaxLifetimeSeconds: 172_800 },
    claims({ exp: IAT + 172_800 }),
  ],
  [
    "trustedAudiences",
    { ...OIDC, trustedAudiences: ["other"] },
    claims({ aud: [CLIENT_ID, "other"], azp: CLIENT_ID }),
  ],
  [
    "clockToleranceSeconds",
    { ...OIDC, clockToleranceSeconds: 120 },
    claims({ iat: SECONDS + 120, exp: SECONDS + 360 }),
  ],
  [
    "idTokenAllowedClaims",
    { ...OIDC, idTokenAllowedClaims: ["client_id"] },
    claims({ client_id: "x" }),
  ],
])(
  "what %s allows passes, and so the setting told is the right one",
  async (_, settings, overrides) => {
    const token = issuer.idToken(overrides);
    expect(await refusals(token, OIDC)).not.toEqual([]);
    expect(await refusals(token, settings)).toEqual([]);
  },
);

test.each<Alg>(["PS256", "EdDSA"])(
  "%s is judged to the end although the stage does not list it",
  async (alg) => {
    issuer.addKey("other", alg);
    const told = ["header disallowed_algorithm idp.idTokenSigningAlgs"];
    expect(await refusals(issuer.idToken())).toEqual(told);
    const forged = issuer.idToken({ key: createTestKey("other", alg) });
    expect(await refusals(forged)).toEqual([...told, "signature invalid_signature"]);
  },
);

test("an expired token is told so, and the rest is judged", async () => {
  const token = issuer.idToken(claims({ iat: SECONDS - 90_000, exp: SECONDS - 86_400, aud: "x" }));
  const { lines } = reportToken(await judge(token), NOW);
  expect(lines).toEqual([
    "grammar    passed",
    "header     passed",
    "issuer     passed",
    "audience   refused    invalid_audience: `aud` does not have the stage's client id: the token is for somebody else",
    "subject    passed",
    "times      refused    invalid_lifetime: the token expired 24 hours ago (`exp`)",
    "kind       passed",
    "key        passed",
    "signature  passed",
    "",
    "iat        2026-05-31T11:00:00.000Z (25 hours ago)",
    "exp        2026-05-31T12:00:00.000Z (24 hours ago)",
    "claims     iss aud sub iat exp name",
    "",
    "As a bearer:           refused (invalid_audience)",
    "In a sign-in by code:  refused (invalid_audience)",
  ]);
});

test("without a key set, all but key and signature is judged", async () => {
  const http = createKeySetServer(() => issuer.jwks());
  http.answer("down");
  const token = issuer.idToken(claims({ sub: "" }));
  const { findings } = await judgeToken(token, { settings: OIDC, http, clock });
  expect(findings.filter(({ verdict }) => verdict !== "passed")).toMatchObject([
    { step: "subject", verdict: "refused" },
    { step: "key", verdict: "not judged" },
    { step: "signature", verdict: "not judged" },
  ]);
});

test("S36: of a token, only claim names and times are shown, and only the key set is asked for", async () => {
  const secret = "s3cret-value";
  const token = issuer.idToken({
    header: { kid: secret, jku: `https://${secret}.example` },
    claims: {
      email: secret,
      sub: secret,
      iss: `https://${secret}.example`,
      azp: secret,
      aud: [CLIENT_ID, secret],
      [`not a name ${secret}`]: 1,
      auth_time: SECONDS - 20,
    },
  });
  const { http, ...report } = await judge(token);
  const { json, lines } = reportToken(report, NOW);
  const shown = `${JSON.stringify(json)}\n${lines.join("\n")}`;
  expect(shown).not.toContain(secret);
  for (const part of [...token.split("."), ALICE, ISSUER, CLIENT_ID]) {
    expect(shown).not.toContain(part);
  }
  expect(report.claims).toContain("email");
  expect(report.times).toEqual({ iat: IAT, exp: IAT + 3_600, auth_time: SECONDS - 20 });
  const sent = http.requests.map(({ method, url, body }) => [method, url, body]);
  expect(new Set(sent.map(String))).toEqual(new Set([`GET,${OIDC.jwksUri},`]));
});
