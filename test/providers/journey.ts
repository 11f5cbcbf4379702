/** What every provider is taken through, from outside, over HTTP. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Answer } from "@rollup-vault/local-aws/testing/http-exchange";
import type { RealProvider } from "./provider";
import { NEW_ONE, newPerson, refreshAtProvider, type Session, type Vault } from "./vault";

export interface Step<P extends RealProvider = RealProvider> {
  readonly title: string;
  /** Only with `--long`. */
  readonly isLong?: true;
  /** @returns what was seen, in a few words, for the table in docs/providers.md */
  readonly play: (vault: Vault, provider: P) => Promise<string>;
}

const CALLERS = 100;
/** Long enough for a sign-in on a busy machine, short enough to wait for its end. */
const SHORT_SECONDS = 8;
const LONG_SECONDS = 600;
/** A lease that nobody gives back lasts 15 seconds, and the time limits of a call come on top. */
const SOONER_THAN_A_LEASE_MS = 12_000;

const SIGN_IN: readonly Step[] = [
  {
    title: "stage as printed, four lines at most",
    play: async ({ block }) => {
      expect(block.length).toBeLessThanOrEqual(4);
      return block.length === 1 ? "1 line" : `${block.length} lines`;
    },
  },
  {
    title: "sign-in by code, PKCE and nonce",
    play: async (vault) => {
      const { status, body } = await vault.open(await vault.authorize(newPerson()));
      expect([status, typeof body.access_token?.access_token]).toEqual([201, "string"]);
      return "201";
    },
  },
  {
    title: "wrong nonce, wrong verifier, code used twice",
    play: async (vault) => {
      const person = newPerson();
      const nonce = { ...(await vault.authorize(person)), nonce: "another-nonce" };
      const verifier = { ...(await vault.authorize(person)), code_verifier: "v".repeat(43) };
      const twice = await vault.authorize(person);
      expect((await vault.open(twice)).status).toBe(201);
      const answers = [];
      for (const signIn of [nonce, verifier, twice]) {
        const { status, body } = await vault.open(signIn);
        answers.push([status, body.action]);
      }
      expect(answers).toEqual(Array(3).fill([401, "sign_in"]));
      return "401 each";
    },
  },
];

const TOKENS: readonly Step[] = [
  {
    title: "`PUT /me` by ID token",
    play: async (vault) => {
      const { idToken } = await vault.tokens();
      const put = { method: "PUT", path: "/me", bearer: idToken };
      const statuses = [await vault.call(put), await vault.call(put)].map(({ status }) => status);
      expect(statuses).toEqual([201, 200]);
      return "201, then 200";
    },
  },
  {
    title: "access or refresh token as a bearer",
    play: async (vault) => {
      const { accessToken, refreshToken } = await vault.tokens();
      for (const bearer of [accessToken, refreshToken]) {
        expect(bearer).not.toBe("");
        const { status } = await vault.call({ method: "GET", path: "/me", bearer });
        expect(status).toBe(401);
      }
      return "401 each";
    },
  },
  {
    title: "`PUT /me/refresh-token`, then an access token",
    play: async (vault) => {
      const { idToken: bearer, refreshToken } = await vault.tokens();
      await vault.call({ method: "PUT", path: "/me", bearer });
      const json = { refresh_token: refreshToken };
      const put = await vault.call({ method: "PUT", path: "/me/refresh-token", bearer, json });
      expect(put.status).toBe(200);
      expect((await vault.token(bearer)).status).toBe(200);
      return "200, 200";
    },
  },
  {
    title: "`GET /me?fresh=true`",
    play: async (vault) => {
      const { session: bearer } = await vault.signIn();
      const { body } = await vault.call({ method: "GET", path: "/me?fresh=true", bearer });
      expect(body.fresh).toMatchObject({ status: "ok" });
      return "ok";
    },
  },
  {
    title: "kept access token",
    play: async (vault) => {
      const { session, accessToken } = await vault.signIn();
      const exchanges = await countExchanges(vault, async () => {
        for (let times = 0; times < 3; times += 1) {
          const { status, body } = await vault.token(session);
          expect([status, body.access_token]).toEqual([200, accessToken]);
        }
      });
      expect(exchanges).toBe(0);
      return "no exchange";
    },
  },
  {
    title: `${CALLERS} callers when it has run out`,
    play: async (vault) => {
      const { session } = await signInFor(vault, SHORT_SECONDS);
      await sleep((SHORT_SECONDS + 1) * 1_000);
      const tokens = new Set<unknown>();
      const exchanges = await countExchanges(vault, async () => {
        const answers = await Promise.all(
          Array.from({ length: CALLERS }, async () => await vault.settled(session)),
        );
        expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
        answers.forEach(({ body }) => tokens.add(body.access_token));
      });
      expect([exchanges, tokens.size]).toEqual([1, 1]);
      return "1 exchange";
    },
  },
  {
    title: "three more rotations in a row",
    play: async (vault) => {
      const { session, accessToken } = await vault.signIn();
      const tokens = new Set([accessToken]);
      const exchanges = await countExchanges(vault, async () => {
        for (let times = 0; times < 3; times += 1) {
          tokens.add(await newToken(vault, session));
        }
      });
      expect([exchanges, tokens.size]).toEqual([3, 4]);
      return "3 exchanges";
    },
  },
];

const OUTAGES: readonly Step[] = [
  {
    title: "provider unreachable, then back",
    play: async (vault) => {
      const { session } = await vault.signIn();
      await vault.provider.proxy.pause();
      const { status } = await vault.token(session, NEW_ONE);
      await vault.provider.proxy.resume();
      expect([status, await settledStatus(vault, session)]).toEqual([503, 200]);
      return "503, then 200";
    },
  },
  {
    title: "its process killed, then started again",
    isLong: true,
    play: async (vault) => {
      const { provider } = vault;
      const { session } = await vault.signIn();
      await provider.proxy.pause();
      await provider.kill();
      const { status } = await vault.token(session, NEW_ONE);
      await provider.restart();
      await provider.proxy.resume();
      expect([status, await settledStatus(vault, session)]).toEqual([503, 200]);
      return "503, then 200";
    },
  },
  {
    title: "503 with `Retry-After: 2`",
    play: async (vault) => {
      const { session } = await vault.signIn();
      vault.provider.proxy.next("refuse");
      const { status, headers } = await vault.token(session, NEW_ONE);
      const refusedAt = Date.now();
      expect([status, Number(headers["retry-after"]) <= 3]).toEqual([503, true]);
      expect(await settledStatus(vault, session)).toBe(200);
      expect(Date.now() - refusedAt).toBeLessThan(SOONER_THAN_A_LEASE_MS);
      return "503, then 200";
    },
  },
  {
    title: "answer lost after the exchange",
    isLong: true,
    play: async (vault) => {
      const { session } = await vault.signIn();
      vault.provider.proxy.next("lose");
      const { status } = await vault.token(session, NEW_ONE);
      expect(status).toBe(503);
      const after = await vault.settled(session, NEW_ONE);
      const expected = vault.provider.isStrict ? [409, "in_doubt"] : [200, undefined];
      expect([after.status, after.body.reason]).toEqual(expected);
      return vault.provider.isStrict ? "409 `in_doubt`" : "503, then 200";
    },
  },
];

/** One that each of them has, and that an app can do without. */
const SCOPE = "email";

const SCOPES: readonly Step[] = [
  {
    title: "scope withheld: `needs_consent`; asked again, healed",
    play: async (vault) => {
      await vault.provider.withhold(SCOPE);
      const { session, person, scopes } = await vault.signIn();
      expect([scopes?.includes("openid"), scopes?.includes(SCOPE)]).toEqual([true, false]);
      let refused: Answer | undefined;
      const exchanges = await countExchanges(vault, async () => {
        refused = await vault.token(session, undefined, [SCOPE]);
      });
      expect([refused?.status, refused?.body, exchanges]).toMatchObject([
        409,
        { code: "needs_consent", action: "sign_in", missing_scopes: [SCOPE] },
        0,
      ]);
      await vault.provider.withhold();
      const again = await vault.signIn(person);
      expect(again.scopes).toContain(SCOPE);
      expect((await vault.token(again.session, undefined, [SCOPE])).status).toBe(200);
      return "409, then 200";
    },
  },
  {
    title: "scope taken back, then a refresh",
    play: async (vault) => {
      const { session, scopes } = await vault.signIn();
      expect(scopes).toContain(SCOPE);
      await vault.provider.withhold(SCOPE);
      await newToken(vault, session);
      const { status } = await vault.token(session, undefined, [SCOPE]);
      const path = "/me/refresh-token";
      const { body } = await vault.call({ method: "GET", path, bearer: session });
      const { history } = body as {
        readonly history: readonly Readonly<Record<string, unknown>>[];
      };
      const changes = history.filter(({ outcome }) => outcome === "scope_changed");
      await vault.provider.withhold();
      if (!vault.provider.takesScopesBack) {
        expect([status, changes]).toEqual([200, []]);
        return "stays granted";
      }
      expect([status, changes]).toMatchObject([409, [{ gained: [], lost: [SCOPE] }]]);
      return "`scope_changed`, 409";
    },
  },
];

const ENDS: readonly Step[] = [
  {
    title: "revoked there: `needs_sign_in`; a sign-in heals",
    play: async (vault) => {
      const { session, sub, person } = await vault.signIn();
      await vault.provider.revoke(sub);
      const { status, body } = await vault.settled(session, NEW_ONE);
      expect([status, body]).toMatchObject([
        409,
        { code: "needs_sign_in", action: "sign_in", reason: "refresh_token_refused" },
      ]);
      const again = await vault.signIn(person);
      expect(again.sub).toBe(sub);
      expect(await settledStatus(vault, again.session)).toBe(200);
      return "409, then 200";
    },
  },
  {
    title: "`DELETE /me` revokes at the provider",
    play: async (vault) => {
      const { session: bearer } = await vault.signIn();
      await newToken(vault, bearer);
      const refreshToken = vault.provider.proxy.newestRefreshToken();
      const { status, body } = await vault.call({ method: "DELETE", path: "/me", bearer });
      expect([status, body.revocation]).toEqual([200, "revoked"]);
      const dead = await refreshAtProvider(vault, refreshToken);
      expect(dead).toEqual([400, "invalid_grant"]);
      return "revoked, dead";
    },
  },
];

/** Each by people of its own, so that one that fails spoils none after it. */
export const JOURNEY: readonly Step[] = [...SIGN_IN, ...TOKENS, ...SCOPES, ...OUTAGES, ...ENDS];

/** A session whose first access token lives so long, and the later ones longer. */
async function signInFor(vault: Vault, seconds: number): Promise<Session> {
  await vault.provider.setLifetime(seconds);
  const session = await vault.signIn();
  await vault.provider.setLifetime(LONG_SECONDS);
  return session;
}

async function newToken(vault: Vault, session: string): Promise<string> {
  const { status, body } = await vault.settled(session, NEW_ONE);
  expect(status).toBe(200);
  return String(body.access_token);
}

async function settledStatus(vault: Vault, session: string): Promise<number> {
  return (await vault.settled(session, NEW_ONE)).status;
}

async function countExchanges({ provider }: Vault, work: () => Promise<void>): Promise<number> {
  const before = provider.proxy.exchanges();
  await work();
  return provider.proxy.exchanges() - before;
}
