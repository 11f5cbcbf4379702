/**
 * oidc-provider, which is certified: strict rotation, opaque refresh tokens, in a process of its
 * own.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { decodeJwt } from "jose";
import type { IdpSettings } from "../../../../lambda/env";
import type { LedgerView, Provider, SignedIn } from "./provider";
import { expectOk } from "./rollup-id";

const SERVER = join(__dirname, "oidc-server.mjs");

interface Address {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface OidcProvider extends Provider {
  readonly idp: Partial<IdpSettings> & Pick<IdpSettings, "issuer">;
  /** A client, or the same one with other metadata (OpenID Connect Dynamic Registration 2). */
  register(metadata: object): Promise<void>;
  /** A code of a new person. @param query `client`, `redirect_uri`, `code_challenge` */
  code(query: URLSearchParams): Promise<string>;
}

export async function startOidcProvider(): Promise<OidcProvider> {
  // Silences its warning about a Node version that is no longer maintained.
  const child = spawn(process.execPath, ["--no-warnings", SERVER], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  const ended = once(child, "close");
  const [line] = (await Promise.race([
    once(createInterface({ input: child.stdout }), "line"),
    ended.then(() => {
      throw new Error("oidc-provider did not start");
    }),
  ])) as [string];
  const address = JSON.parse(line) as Address;
  return {
    ...createClient(address),
    close: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

function createClient(address: Address): Omit<OidcProvider, "close"> {
  const { issuer, clientId, clientSecret } = address;
  return {
    name: "oidc-provider",
    idp: {
      profile: "oidc",
      issuer,
      clientId,
      jwksUri: `${issuer}/jwks`,
      tokenEndpoint: `${issuer}/token`,
      userinfoEndpoint: `${issuer}/me`,
      idTokenSigningAlgs: ["ES256"],
      clientAuthentication: "client_secret_basic",
      refreshTokenFormat: "opaque",
      refreshTokenRotation: "strict",
    },
    clientSecret,
    connect: () => Promise.resolve(),
    signIn: async () => await signIn(address),
    setAccessTokenLifetime: async (seconds) => {
      expectOk(await fetch(`${issuer}/proof/lifetime?seconds=${seconds}`, { method: "POST" }));
    },
    ledger: async (sub) => {
      const response = expectOk(await fetch(`${issuer}/proof/ledger?sub=${sub}`));
      return (await response.json()) as LedgerView;
    },
    register: async (metadata) => {
      const body = JSON.stringify(metadata);
      expectOk(await fetch(`${issuer}/proof/client`, { method: "POST", body }));
    },
    code: async (query) => {
      const path = `/proof/code?${query.toString()}`;
      const made = expectOk(await fetch(issuer + path, { method: "POST" }));
      return ((await made.json()) as { code: string }).code;
    },
    fingerprint: (token) => createHash("sha256").update(token).digest("hex").slice(0, 16),
  };
}

async function signIn({ issuer, clientId, clientSecret }: Address): Promise<SignedIn> {
  const made = expectOk(await fetch(`${issuer}/proof/code`, { method: "POST" }));
  const code = (await made.json()) as Record<string, string>;
  const response = await fetch(`${issuer}/token`, {
    method: "POST",
    headers: {
      authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`,
    },
    body: new URLSearchParams({ grant_type: "authorization_code", ...code }),
  });
  const tokens = (await expectOk(response).json()) as Record<string, string>;
  const { id_token: idToken = "", refresh_token: refreshToken = "" } = tokens;
  return { sub: decodeJwt(idToken).sub ?? "", idToken, refreshToken };
}
