/** Providers besides Rollup ID, as the local run meets them. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Writable } from "node:stream";
import type { Habits } from "@rollup-vault/local-oidc/habits";
import { type LocalOidc, startLocalOidc } from "@rollup-vault/local-oidc/start";
import type { ObservedRequest } from "@rollup-vault/local-rollup-id/observe";
import { createScreen, type Screen } from "../../local/progress";

/** Ports that were free a moment ago: a provider has to know the redirect URIs beforehand. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(async (server) => {
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      return (server.address() as AddressInfo).port;
    }),
  );
  await Promise.all(
    servers.map(async (server) => {
      await new Promise((resolve) => server.close(resolve));
    }),
  );
  return ports;
}

/** What the RFCs say, with strict rotation. */
const HABITS: Habits = {
  title: "Elsewhere",
  issuerPath: "/realms/x",
  authorization: "/realms/x/auth",
  token: "/realms/x/token",
  jwks: "/realms/x/certs",
  userinfo: "/realms/x/userinfo",
  revocation: "/realms/x/revoke",
  clientAuthentication: "client_secret_basic",
  subject: "{id}",
  idToken: { alg: "RS256", lifetimeSeconds: 3_600, backdatedSeconds: 0, atHash: false, claims: {} },
  accessToken: { format: "opaque", lifetimeSeconds: 3_600, claims: {} },
  refreshToken: { rotation: "strict", scope: "offline_access" },
  refreshBrings: { idToken: true, scope: true },
  deadGrant: { status: 400, body: { error: "invalid_grant" } },
  scopes: { openid: "who", profile: "name", email: "e-mail", offline_access: "always" },
};

export interface Elsewhere extends LocalOidc {
  readonly requests: readonly ObservedRequest[];
  /** Of access tokens from now on; seconds. */
  setLifetime(seconds: number): Promise<void>;
  /** Nobody agrees to these from now on, nor has agreed. */
  reject(scopes: readonly string[]): Promise<void>;
}

/** A provider that the run does not start: oidc-provider. */
export async function startElsewhere(redirectUris: readonly string[]): Promise<Elsewhere> {
  const requests: ObservedRequest[] = [];
  const server = await startLocalOidc({
    habits: HABITS,
    port: 0,
    redirectUris,
    onRequest: (request) => requests.push(request),
  });
  const set = async (faults: object) => {
    const body = JSON.stringify(faults);
    await fetch(`${server.origin}/faults`, { method: "POST", body });
  };
  return {
    ...server,
    requests,
    setLifetime: async (seconds) => {
      await set({ access_token_lifetime_seconds: seconds });
    },
    reject: async (scopes) => {
      await set({ rejected_scopes: scopes });
    },
  };
}

/** Goes where a browser goes, with its cookies, to the end. @returns the last address */
export async function visit(address: string): Promise<URL> {
  const cookies = new Map<string, string>();
  let url = address;
  for (let steps = 0; steps < 12; steps += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, { redirect: "manual", headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get("location");
    if (location === null) {
      return new URL(url);
    }
    url = new URL(location, url).href;
  }
  throw new Error("too many redirects");
}

/** A screen, and what is on it. */
export function createPaper(): { readonly screen: Screen; readonly text: () => string } {
  let text = "";
  const paper = new Writable({
    write: (chunk: Buffer, _, done) => {
      text += chunk.toString("utf8");
      done();
    },
  });
  return { screen: createScreen(paper as unknown as NodeJS.WriteStream), text: () => text };
}
