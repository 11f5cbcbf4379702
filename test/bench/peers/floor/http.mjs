import { JwtVerifier } from "aws-jwt-verify/jwt-verifier";

const { ISSUER, CLIENT_ID, JWKS_URI } = process.env;
const verifier = JwtVerifier.create({ issuer: ISSUER, audience: CLIENT_ID, jwksUri: JWKS_URI });

export const verify = async (token) => await verifier.verify(token);

export const callerOf = async ({ headers }) =>
  await verify(headers.authorization.slice("Bearer ".length));

export function answer(statusCode, body) {
  process.stdout.write(`{"level":"info","status":${String(statusCode)}}\n`);
  const headers = { "content-type": "application/json", "cache-control": "no-store" };
  return { statusCode, headers, body: JSON.stringify(body) };
}
