/**
 * A provider for the bench: a key set, and a token endpoint that counts. It rotates where it is
 * told to, and then a refresh token that comes twice ends its family (RFC 9700 section 4.14.2).
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { CLIENT_ID, createTestIssuer } from "../../support/tokens";
import { type Certificate, openTlsDoor } from "./tls";

const HOUR = 3_600;

/** A provider that revokes all tokens of a grant when a refresh token comes twice. */
export const ROTATING_IDP = {
  profile: "oidc",
  refreshTokenFormat: "jwt",
  refreshTokenRotation: "strict",
  clientAuthentication: "client_secret_post",
} as const;

export interface BenchProvider {
  readonly issuer: string;
  readonly clientId: string;
  idToken(sub: string): string;
  /** The first of a family. */
  refreshToken(sub: string): string;
  /** How token requests are answered from now on. */
  behave(how: Behaviour): void;
  /** Token requests since the last time, by their answer. */
  take(): { readonly exchanged: number; readonly refused: number };
  close(): Promise<void>;
}

interface Behaviour {
  readonly rotates: boolean;
  readonly delayMs: number;
}

interface Family {
  readonly sub: string;
  current: string;
  isOver: boolean;
}

/** What Rollup ID says of a refresh token that will never work again. */
const REFUSAL = { code: "UNAUTHORIZED", message: "invalid token", name: "RollupError" };

export async function startBenchProvider(certificate: Certificate): Promise<BenchProvider> {
  const keys = createTestIssuer();
  const families = new Map<string, Family>();
  let behaviour: Behaviour = { rotates: false, delayMs: 0 };
  let counts = { exchanged: 0, refused: 0 };
  let serial = 0;

  const claimsOf = (sub: string, lifetime: number | undefined) => {
    const iat = Math.floor(Date.now() / 1000) - 1;
    const common = { iss: door.url, aud: [CLIENT_ID], sub, iat };
    return lifetime === undefined ? common : { ...common, exp: iat + lifetime };
  };
  const newJti = () => `0x${(serial += 1).toString(16).padStart(48, "0")}`;
  const newRefreshToken = (family: Family): string => {
    const claims = { ...claimsOf(family.sub, undefined), jti: newJti() };
    const token = keys.refreshToken({ claims });
    family.current = token;
    families.set(token, family);
    return token;
  };

  async function answer(body: string): Promise<{ status: number; json: object }> {
    const { rotates, delayMs } = behaviour;
    const token = new URLSearchParams(body).get("refresh_token") ?? "";
    const family = families.get(token);
    if (family === undefined || family.isOver || (rotates && family.current !== token)) {
      counts.refused += 1;
      if (family !== undefined) {
        family.isOver = true;
      }
      return rotates
        ? { status: 400, json: { error: "invalid_grant" } }
        : { status: 401, json: REFUSAL };
    }
    const successor = rotates ? newRefreshToken(family) : token;
    counts.exchanged += 1;
    await sleep(delayMs);
    const claims = { ...claimsOf(family.sub, HOUR), jti: newJti() };
    const tokens = { access_token: keys.accessToken({ claims }), refresh_token: successor };
    const lifetime = rotates ? { expires_in: HOUR } : {};
    return { status: 200, json: { ...tokens, token_type: "Bearer", ...lifetime } };
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk as Buffer);
    }
    const { status, json } =
      request.method === "POST"
        ? await answer(Buffer.concat(chunks).toString("utf8"))
        : { status: 200, json: keys.jwks() };
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(json));
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  const door = await openTlsDoor(`http://127.0.0.1:${port}`, certificate);
  return {
    issuer: door.url,
    clientId: CLIENT_ID,
    idToken: (sub) => keys.idToken({ claims: claimsOf(sub, HOUR) }),
    refreshToken: (sub) => newRefreshToken({ sub, current: "", isOver: false }),
    behave: (how) => {
      behaviour = how;
    },
    take: () => {
      const taken = counts;
      counts = { exchanged: 0, refused: 0 };
      return taken;
    },
    close: async () => {
      await door.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
