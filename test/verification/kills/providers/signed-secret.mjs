/**
 * What Apple does in front of its token endpoint: the client secret is a JWT that the client has
 * signed ("Creating a client secret", Apple Developer Documentation). One that passes is replaced
 * by the plain secret that oidc-provider knows; other clients are let through.
 */
import { importJWK, jwtVerify } from "jose";

/** Seconds: six months. */
const MAX_LIFETIME = 15_777_000;

export function createSignedSecrets(issuer) {
  /** By client id. */
  const expected = new Map();

  async function isGood(clientId, text) {
    const { team, kid, jwk } = expected.get(clientId);
    try {
      const { payload, protectedHeader } = await jwtVerify(text, await importJWK(jwk, "ES256"), {
        algorithms: ["ES256"],
        issuer: team,
        subject: clientId,
        audience: issuer,
        requiredClaims: ["iat", "exp"],
      });
      return protectedHeader.kid === kid && payload.exp <= Date.now() / 1000 + MAX_LIFETIME;
    } catch {
      return false;
    }
  }

  return {
    /** @param how undefined: the client authenticates as oidc-provider knows it */
    expect: (clientId, how) =>
      how === undefined ? expected.delete(clientId) : expected.set(clientId, how),
    /** @returns false where it has answered itself */
    check: async (request, response) => {
      if (expected.size === 0 || request.method !== "POST") {
        return true;
      }
      const chunks = await request.toArray();
      const form = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()));
      if (!expected.has(form.client_id)) {
        request.body = form;
        return true;
      }
      if (!(await isGood(form.client_id, form.client_secret))) {
        response.writeHead(400, { "content-type": "application/json" });
        response.end(JSON.stringify({ error: "invalid_client" }));
        return false;
      }
      request.body = { ...form, client_secret: expected.get(form.client_id).secret };
      return true;
    },
  };
}
