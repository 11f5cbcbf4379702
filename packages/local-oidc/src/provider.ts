/** oidc-provider with the configuration that the habits make. */
import { generateKeyPairSync } from "node:crypto";
import { commitFault, isProcessed, wait } from "@rollup-vault/local-rollup-id/token-faults";
import {
  type Configuration,
  interactionPolicy,
  type KoaContextWithOIDC,
  Provider,
} from "oidc-provider";
import type { Store } from "./adapter";
import type { Faults } from "./faults";
import { filled, type Habits, type Words } from "./habits";
import type { Memory } from "./memory";
import type { Shaper, TokenAnswer } from "./shape";

export const INTERACTION = "/interaction";

export interface ProviderParts {
  readonly habits: Habits;
  readonly memory: Memory;
  readonly store: Store;
  readonly faults: Faults;
  readonly shaper: Shaper;
  readonly issuer: string;
  readonly redirectUris: readonly string[];
}

/** Longer than anyone tries things out. */
const YEAR = 365 * 86_400;

export function createProvider(parts: ProviderParts): Provider {
  const provider = new Provider(parts.issuer, configurationOf(parts));
  rejectScopes(provider, parts.faults);
  provider.use(async (ctx, next) => {
    if (ctx.path !== parts.habits.token || ctx.method !== "POST") {
      await next();
      return;
    }
    await answerToken(parts, ctx as unknown as KoaContextWithOIDC, next);
  });
  return provider;
}

/** A refresh then brings fewer scopes than the sign-in (RFC 6749 section 6). */
function rejectScopes({ Grant }: Provider, faults: Faults): void {
  const find = Grant.find.bind(Grant);
  const findFewer = async (...given: Parameters<typeof find>) => {
    const grant = (await find(...given)) as InstanceType<typeof Grant> | undefined;
    grant?.rejectOIDCScope(faults.rejectedScopes().join(" "));
    return grant;
  };
  Grant.find = findFewer as typeof Grant.find;
}

/** @returns a private JWK with `alg` and `kid` */
export function makeKey(alg: Habits["idToken"]["alg"]): Record<string, string> {
  const jwk = keyPair(alg).privateKey.export({ format: "jwk" }) as Record<string, string>;
  return { ...jwk, alg, use: "sig", kid: `local-${String(Date.now())}` };
}

const CURVES: Readonly<Record<string, string>> = {
  ES256: "P-256",
  ES384: "P-384",
  ES512: "P-521",
};

function keyPair(alg: Habits["idToken"]["alg"]) {
  const namedCurve = CURVES[alg];
  if (namedCurve !== undefined) {
    return generateKeyPairSync("ec", { namedCurve });
  }
  return alg === "EdDSA"
    ? generateKeyPairSync("ed25519")
    : generateKeyPairSync("rsa", { modulusLength: 2048 });
}

function configurationOf(parts: ProviderParts): Configuration {
  const { habits, memory, store, redirectUris } = parts;
  const { clientId, clientSecret, cookieKey, key = {} } = memory.get();
  const origins = redirectUris.map((uri) => new URL(uri).origin);
  const { refreshToken, accessToken, idToken, clientAuthentication: authentication } = habits;
  /** Grants of sign-ins that asked for no refresh token. */
  const withoutRefreshToken = new Set<string>();
  return {
    adapter: store.adapter,
    clients: [
      {
        client_id: clientId,
        ...(authentication !== "none" && { client_secret: clientSecret }),
        redirect_uris: [...redirectUris],
        grant_types: ["authorization_code", "refresh_token"],
        id_token_signed_response_alg: idToken.alg,
        token_endpoint_auth_method: authentication,
      },
    ],
    clientBasedCORS: (_, origin) => origins.includes(origin),
    clientAuthMethods: [authentication],
    cookies: { keys: [cookieKey] },
    claims: { openid: ["sub"], profile: ["name", "picture"], email: ["email", "email_verified"] },
    conformIdTokenClaims: false,
    enabledJWA: { idTokenSigningAlgValues: [idToken.alg] },
    extraParams: ["user", ...Object.keys(refreshToken.parameters ?? {})],
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: { enabled: false },
      revocation: { enabled: habits.revocation !== undefined },
      rpInitiatedLogout: { enabled: habits.endSession !== undefined },
      userinfo: { enabled: habits.userinfo !== undefined },
    },
    findAccount: (_, sub) => {
      const words = wordsOf(parts, sub);
      return words && { accountId: sub, claims: () => claimsOf(words) };
    },
    interactions: { policy: alwaysAsk(), url: (_, { uid }) => `${INTERACTION}/${uid}` },
    issueRefreshToken: (_, __, source) =>
      (refreshToken.scope === undefined || source.scopes.has(refreshToken.scope)) &&
      !withoutRefreshToken.has(source.grantId ?? ""),
    jwks: { keys: [key] },
    // Whoever signs in agrees to what is asked for: the page says so.
    loadExistingGrant: async ({ oidc }) => {
      const { params = {} } = oidc;
      const grant = new oidc.provider.Grant({
        accountId: oidc.session?.accountId ?? "",
        clientId,
      });
      grant.addOIDCScope(String(params["scope"]));
      grant.rejectOIDCScope(parts.faults.rejectedScopes().join(" "));
      const grantId = await grant.save();
      const wanted = Object.entries(refreshToken.parameters ?? {});
      if (wanted.some(([name, value]) => params[name] !== value)) {
        withoutRefreshToken.add(grantId);
      }
      return grant;
    },
    pkce: { required: () => authentication === "none" },
    renderError: (ctx, out) => {
      ctx.type = "json";
      ctx.body = out;
    },
    rotateRefreshToken: refreshToken.rotation !== "none",
    routes: {
      authorization: habits.authorization,
      token: habits.token,
      jwks: habits.jwks,
      ...(habits.userinfo !== undefined && { userinfo: habits.userinfo }),
      ...(habits.revocation !== undefined && { revocation: habits.revocation }),
      ...(habits.endSession !== undefined && { end_session: habits.endSession }),
    },
    scopes: Object.keys(habits.scopes),
    ttl: {
      AccessToken: () => parts.faults.accessTokenLifetime() ?? accessToken.lifetimeSeconds,
      AuthorizationCode: 60,
      Grant: YEAR,
      IdToken: idToken.lifetimeSeconds,
      Interaction: 3_600,
      RefreshToken: refreshToken.idleSeconds ?? YEAR,
      Session: 3_600,
    },
  };
}

/** Every sign-in asks anew, so that a developer can come as somebody else. */
function alwaysAsk(): interactionPolicy.DefaultPolicy {
  const { base, Check, Prompt } = interactionPolicy;
  const policy = base();
  policy.get("login")?.checks.add(
    new Check("always_ask", "a person has to be picked", ({ oidc }) => {
      return oidc.result?.login === undefined;
    }),
  );
  policy.add(new Prompt({ name: "select_account", requestable: true }), 0);
  return policy;
}

/** Undefined: there is no such person. */
function wordsOf({ habits, memory, issuer }: ProviderParts, sub: string): Words | undefined {
  const { people, clientId } = memory.get();
  const person = people.find(({ id }) => filled(habits.subject, { id }) === sub);
  if (person === undefined) {
    return undefined;
  }
  const { name, id } = person;
  const email = `${encodeURIComponent(name.toLowerCase().replaceAll(" ", "."))}@people.example`;
  return { clientId, issuer, sub, id, name, email };
}

function claimsOf({ sub, name, email }: Words) {
  const picture = `https://pictures.example/${encodeURIComponent(name)}.png`;
  return { sub, name, picture, email, email_verified: true };
}

/** The token endpoint: the fault that is due, else the right answer in the played one's shape. */
async function answerToken(
  parts: ProviderParts,
  ctx: KoaContextWithOIDC,
  next: () => Promise<unknown>,
): Promise<void> {
  const fault = parts.faults.next();
  if (fault !== undefined && !isProcessed(fault)) {
    ctx.respond = false;
    if (fault.kind === "slow") {
      await wait(fault);
    }
    await commitFault(fault, ctx.res);
    return;
  }
  await next();
  await shape(parts, ctx);
  if (fault !== undefined) {
    ctx.respond = false;
    const body = ctx.body as TokenAnswer;
    await commitFault(fault, ctx.res, { status: ctx.status, body });
  }
}

async function shape(parts: ProviderParts, ctx: KoaContextWithOIDC): Promise<void> {
  const { habits, shaper, store } = parts;
  const { entities, params = {} } = ctx.oidc;
  const isRefresh = params["grant_type"] === "refresh_token";
  const body = ctx.body as TokenAnswer;
  if (ctx.status === 200) {
    const { RefreshToken: token, Account: account } = entities;
    const words = wordsOf(parts, account?.accountId ?? "");
    if (words !== undefined) {
      ctx.body = await shaper.tokens(body, words, isRefresh);
    }
    const { rotation, idleSeconds } = habits.refreshToken;
    if (isRefresh && rotation === "none" && idleSeconds !== undefined && token !== undefined) {
      store.extend(token.jti, idleSeconds);
    }
    return;
  }
  if (isRefresh && body["error"] === "invalid_grant") {
    ctx.status = habits.deadGrant.status;
    ctx.body = habits.deadGrant.body;
  }
}
