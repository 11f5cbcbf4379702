/** An OpenID provider's two documents on loopback, and whatever a wrong one answers instead. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Alg, createTestIssuer, type TestIssuer } from "./tokens";

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

export interface ProviderServer {
  readonly issuer: string;
  readonly keys: TestIssuer;
  /** `GET /path`, in order. */
  readonly requests: readonly string[];
  /** Members of the discovery document; `undefined` leaves one out. */
  say(members: Readonly<Record<string, unknown>>): void;
  /** Instead of what is there at this path. */
  answer(path: "/.well-known/openid-configuration" | "/jwks", answer: Answer): void;
  serveKeys(keys: readonly unknown[]): void;
  /** Besides `/jwks`. */
  serveKeysAt(path: string): void;
  close(): Promise<void>;
}

export const json =
  (body: unknown): Answer =>
  (response) => {
    response.setHeader("content-type", "application/json").end(JSON.stringify(body));
  };

/** @param path of the issuer, e.g. `/realms/x`; the key set is at the root */
export async function startProviderServer(path = "", alg: Alg = "ES256"): Promise<ProviderServer> {
  const keys = createTestIssuer(alg);
  const requests: string[] = [];
  const answers = new Map<string, Answer>();
  let served: readonly unknown[] = keys.jwks().keys;
  const server = createServer((request, response) => {
    requests.push(`${String(request.method)} ${String(request.url)}`);
    const answer = answers.get(String(request.url)) ?? notFound;
    answer(response, request);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const issuer = `${origin}${path}`;
  let document: Readonly<Record<string, unknown>> = {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    userinfo_endpoint: `${issuer}/userinfo`,
    revocation_endpoint: `${issuer}/revoke`,
    end_session_endpoint: `${issuer}/logout`,
    jwks_uri: `${origin}/jwks`,
    response_types_supported: ["code"],
    grant_types_supported: ["authorization_code", "refresh_token"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: [alg],
    token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
    scopes_supported: ["openid", "profile", "email", "offline_access"],
    code_challenge_methods_supported: ["S256"],
  };
  const discoveryPath = `${path}/.well-known/openid-configuration`;
  answers.set(discoveryPath, (response, request) => {
    json(document)(response, request);
  });
  const serveKeysAt = (at: string) => {
    answers.set(at, (response, request) => {
      json({ keys: served })(response, request);
    });
  };
  serveKeysAt("/jwks");

  return {
    issuer,
    keys,
    requests,
    say: (members) => {
      document = { ...document, ...members };
    },
    answer: (at, answer) => {
      answers.set(at === "/jwks" ? at : discoveryPath, answer);
    },
    serveKeys: (next) => {
      served = next;
    },
    serveKeysAt,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const notFound: Answer = (response) => {
  response.writeHead(404).end();
};
