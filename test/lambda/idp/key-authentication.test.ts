import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { decodeProtectedHeader, jwtVerify } from "jose";
import type { IdpSettings } from "../../../lambda/env";
import { UnavailableError } from "../../../lambda/errors";
import { createKeyAuthentication } from "../../../lambda/idp/key-authentication";
import type { ClientCredentials } from "../../../lambda/ports/provider";
import { CLIENT_ID, ISSUER, NOW } from "../../support/tokens";
import { OIDC_SETTINGS } from "./answers";

const KEY = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;

function createAuthentication(changes: Partial<IdpSettings>, key: KeyObject = KEY) {
  let serial = 0;
  return createKeyAuthentication({
    settings: { ...OIDC_SETTINGS, ...changes },
    signer: {
      kid: () => Promise.resolve("thumbprint"),
      sign: (input) =>
        Promise.resolve(
          sign("sha256", Buffer.from(input), { key, dsaEncoding: "ieee-p1363" }).toString(
            "base64url",
          ),
        ),
    },
    clock: { now: () => NOW },
    random: { id: () => `id-${String((serial += 1))}`, fraction: () => 0 },
  });
}

/** As a provider does, at `NOW`. */
async function verified(text: string | undefined, audience: string) {
  const currentDate = new Date(NOW);
  const { payload } = await jwtVerify(text ?? "", createPublicKey(KEY), { audience, currentDate });
  return { header: decodeProtectedHeader(text ?? ""), payload };
}

const IAT = Math.floor(NOW / 1000);

describe("private_key_jwt", () => {
  const settings = { clientAuthentication: "private_key_jwt" } as const;

  test("S59: shows a signed assertion in the form, and no secret (RFC 7523 section 2.2)", async () => {
    const { fields, ...rest } = await createAuthentication(settings).prepare();
    const { client_assertion: assertion, ...others } = fields;
    expect(rest).toEqual({});
    expect(others).toEqual({
      client_id: CLIENT_ID,
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    });
    expect(await verified(assertion, ISSUER)).toEqual({
      header: { alg: "ES256", kid: "thumbprint", typ: "JWT" },
      payload: {
        iss: CLIENT_ID,
        sub: CLIENT_ID,
        aud: ISSUER,
        jti: "id-1",
        iat: IAT,
        exp: IAT + 60,
      },
    });
  });

  test("is for the token endpoint where the stage says so, also when it revokes", async () => {
    const clientSigning = { audience: "token_endpoint" } as const;
    const { fields } = await createAuthentication({ ...settings, clientSigning }).prepare();
    const { payload } = await verified(fields["client_assertion"], OIDC_SETTINGS.tokenEndpoint);
    expect(payload.aud).toBe(OIDC_SETTINGS.tokenEndpoint);
  });

  test("S59: each request has an assertion of its own, since a provider takes one once", async () => {
    const authentication = createAuthentication(settings);
    const all = await Promise.all([authentication.prepare(), authentication.prepare()]);
    const ids = all.map(async ({ fields }) => {
      const { payload } = await verified(fields["client_assertion"], ISSUER);
      return payload.jti;
    });
    expect(await Promise.all(ids)).toEqual(["id-1", "id-2"]);
  });

  test("a rejected assertion is not replaced: another one of the same key is no better", async () => {
    const authentication = createAuthentication(settings);
    expect(await authentication.renew(await authentication.prepare())).toBeUndefined();
  });

  test("S41: what keeps the key from signing is thrown before anything is sent", async () => {
    const failure = new UnavailableError("client_key_unavailable");
    const authentication = createKeyAuthentication({
      settings: { ...OIDC_SETTINGS, ...settings },
      signer: { kid: () => Promise.resolve("k"), sign: () => Promise.reject(failure) },
      clock: { now: () => NOW },
      random: { id: () => "id", fraction: () => 0 },
    });
    await expect(authentication.prepare()).rejects.toBe(failure);
  });
});

test("S59: a signed client secret is what Apple documents, and lives for a minute", async () => {
  const authentication = createAuthentication({
    clientAuthentication: "signed_client_secret",
    clientSigning: { teamId: "TEAM123456", keys: ["KEY1234567", "KEY7654321"] },
  });
  const credentials: ClientCredentials = await authentication.prepare();
  const { client_secret: secret, ...others } = credentials.fields;
  expect(others).toEqual({ client_id: CLIENT_ID });
  expect(await verified(secret, ISSUER)).toEqual({
    header: { alg: "ES256", kid: "KEY1234567", typ: "JWT" },
    payload: { iss: "TEAM123456", sub: CLIENT_ID, aud: ISSUER, iat: IAT, exp: IAT + 60 },
  });
  expect(await authentication.renew(credentials)).toBeUndefined();
});
