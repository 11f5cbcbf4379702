/** The local Rollup ID, also with rotation. */
import { randomUUID } from "node:crypto";
import type { LiveToken } from "@rollup-vault/local-rollup-id/families";
import { fingerprint } from "@rollup-vault/local-rollup-id/fingerprint";
import type { LedgerPage } from "@rollup-vault/local-rollup-id/ledger";
import { decodeJwt } from "jose";
import type { Outputs } from "../../../../local/outputs";
import type { Provider, ProviderName } from "./provider";

/** The shortest grace time within which the protocol promises to recover. */
export const GRACE_SECONDS = 25;

export function createRollupIdProvider(name: Exclude<ProviderName, "oidc-provider">): Provider {
  let outputs: Outputs | undefined;
  const here = (): Outputs => {
    if (outputs === undefined) {
      throw new Error("the stack does not run yet");
    }
    return outputs;
  };
  return {
    name,
    // Rollup ID's profile says that it does not rotate; the general profile does not.
    idp: name === "none" ? undefined : { ...ROTATING, refreshTokenRotation: name },
    clientSecret: undefined,
    connect: async (found) => {
      outputs = found;
      const rotating = { rotation: name, grace_seconds: GRACE_SECONDS, refusals: "oauth" };
      await programme(found, name === "none" ? {} : rotating);
    },
    setAccessTokenLifetime: async (seconds) => {
      await programme(here(), { access_token_lifetime_seconds: seconds });
    },
    signIn: async () => await signIn(here()),
    ledger: async (sub) => {
      const query = new URLSearchParams({ live: "1", sub }).toString();
      const response = expectOk(await fetch(`${here().issuer}/ledger?${query}`));
      const page = (await response.json()) as LedgerPage & { readonly live: readonly LiveToken[] };
      const exchanges = page.processed.filter(
        ({ grant_type: grant, outcome }) => grant === "refresh_token" && outcome === "issued",
      ).length;
      const [live] = page.live;
      return { live: live?.fingerprint, exchanges, isRevoked: live === undefined };
    },
    fingerprint,
    close: () => Promise.resolve(),
  };
}

const ROTATING = {
  profile: "oidc",
  refreshTokenFormat: "jwt",
  clientAuthentication: "client_secret_post",
} as const;

async function programme({ issuer }: Outputs, changes: object): Promise<void> {
  const body = JSON.stringify(changes);
  expectOk(await fetch(`${issuer}/faults`, { method: "POST", body }));
}

async function signIn({ issuer, clientId, clientSecret, redirectUri }: Outputs) {
  const query = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: "code",
    scope: "openid",
    state: "state",
    user: randomUUID(),
  });
  const redirect = await fetch(`${issuer}/authorize?${query.toString()}`, { redirect: "manual" });
  const code = new URL(redirect.headers.get("location") ?? "").searchParams.get("code") ?? "";
  const form = new URLSearchParams({
    grant_type: "authorization_code",
    code,
    client_id: clientId,
    client_secret: clientSecret,
  });
  const response = expectOk(await fetch(`${issuer}/token`, { method: "POST", body: form }));
  const tokens = (await response.json()) as { id_token: string; refresh_token: string };
  const { id_token: idToken, refresh_token: refreshToken } = tokens;
  return { sub: decodeJwt(idToken).sub ?? "", idToken, refreshToken };
}

export function expectOk(response: Response): Response {
  if (!response.ok) {
    throw new Error(`${new URL(response.url).pathname} answers ${response.status}`);
  }
  return response;
}
