/** The whole stack beside a provider, and an app that uses it over HTTP. */
import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { runInNewContext } from "node:vm";
import type { Answer, Call } from "@rollup-vault/local-aws/testing/http-exchange";
import { createHttpClient } from "../../lambda/platform/http-client";
import { discover } from "../../lib/provider/discovery";
import { judgeProvider } from "../../lib/provider/judge";
import { type PresetIdp, presetNameOf, presetOf, resolveIdp } from "../../lib/provider/resolve";
import { type Stack, startStack } from "../../local/stack";
import { LIMITS_TO_TRY, type OutsideProvider } from "../../local/stack-options";
import { call } from "../integration/http-call";
import { ROOT } from "../support/imports";
import type { RealProvider } from "./provider";

export interface Vault {
  /** What was printed for the stage, line by line. */
  readonly block: readonly string[];
  readonly stack: Stack;
  readonly provider: RealProvider;
  /** A person signs in at the provider. */
  authorize(person: string): Promise<SignIn>;
  /** `POST /sessions` with the code. */
  open(signIn: SignIn): Promise<Answer>;
  /** Both, by a person that may be new. */
  signIn(person?: string): Promise<Session>;
  /** A new person's own tokens: the app exchanges the code itself. */
  tokens(): Promise<Tokens>;
  call(request: Call): Promise<Answer>;
  /** `POST /me/access-token`; without `minValidity`, what is kept will do. */
  token(bearer: string, minValidity?: number, requiredScopes?: readonly string[]): Promise<Answer>;
  /** The same until it is answered with something else than "later". */
  settled(bearer: string, minValidity?: number): Promise<Answer>;
  /** Settings that the logs since the last call have named. */
  takeNamedSettings(): readonly string[];
  close(): Promise<void>;
}

/** What the app sends; members are changed to see that they matter. */
interface SignIn {
  readonly code: string;
  readonly redirect_uri: string;
  readonly code_verifier: string;
  readonly nonce: string;
}

export interface Session {
  readonly person: string;
  readonly sub: string;
  readonly session: string;
  readonly accessToken: string;
  /** Granted, as the answer says. */
  readonly scopes: readonly string[] | null;
}

interface Tokens {
  readonly idToken: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** More than any token has: an exchange. */
export const NEW_ONE = 86_400;
/** Longer than the take-over of a lost answer lasts. */
const PATIENCE_MS = 90_000;

/** @param overrides settings beside those of the printed block */
export async function startVault(
  provider: RealProvider,
  overrides: Partial<PresetIdp> = {},
): Promise<Vault> {
  const { block, outside } = await stageOf(provider, overrides);
  const lines: string[] = [];
  const stack = await startStack({
    port: Number(new URL(provider.redirectUri).port),
    issuerPort: 0,
    limits: LIMITS_TO_TRY,
    provider: outside,
    onLog: ({ line }) => lines.push(line),
  });
  const { outputs } = stack;
  const authorize: Vault["authorize"] = async (person) => {
    const verifier = randomBytes(32).toString("base64url");
    const nonce = randomBytes(12).toString("base64url");
    const query = new URLSearchParams({
      response_type: "code",
      client_id: provider.clientId,
      redirect_uri: provider.redirectUri,
      scope: outputs.frontend.scope,
      state: "state-of-this-sign-in",
      nonce,
      code_challenge: createHash("sha256").update(verifier).digest("base64url"),
      code_challenge_method: "S256",
      ...outputs.frontend.parameters,
    });
    const back = await provider.visit(
      `${outputs.authorizationEndpoint}?${query.toString()}`,
      person,
    );
    const code = back.searchParams.get("code");
    if (code === null) {
      throw new Error(`no code came back: ${back.origin}${back.pathname}`);
    }
    return { code, redirect_uri: provider.redirectUri, code_verifier: verifier, nonce };
  };
  const open: Vault["open"] = async (signIn) =>
    await call(outputs.apiUrl, { method: "POST", path: "/sessions", json: signIn });
  const token: Vault["token"] = async (bearer, minValidity, requiredScopes) => {
    const json = { min_validity: minValidity, required_scopes: requiredScopes };
    return await call(outputs.apiUrl, { method: "POST", path: "/me/access-token", bearer, json });
  };
  return {
    block,
    stack,
    provider,
    authorize,
    open,
    signIn: async (person = newPerson()) => {
      const { status, body } = await open(await authorize(person));
      expect(status).toBe(201);
      return {
        person,
        sub: String(body.user.sub),
        session: String(body.session.token),
        accessToken: String(body.access_token?.access_token),
        scopes: body.connection.scopes as readonly string[] | null,
      };
    },
    tokens: async () => await exchangeCode(provider, await authorize(newPerson()), outputs),
    call: async (request) => await call(outputs.apiUrl, request),
    token,
    settled: async (bearer, minValidity) => {
      const end = Date.now() + PATIENCE_MS;
      let answer = await token(bearer, minValidity);
      while (answer.status === 503 && Date.now() < end) {
        await sleep(Number(answer.headers["retry-after"] ?? 1) * 1_000);
        answer = await token(bearer, minValidity);
      }
      return answer;
    },
    takeNamedSettings: () => {
      const named = lines.splice(0).map((line) => /"setting":"([^"]+)"/.exec(line)?.[1]);
      return named.filter((setting) => setting !== undefined);
    },
    close: async () => {
      await stack.close();
    },
  };
}

/** A name that nobody had before. */
export function newPerson(): string {
  return `person-${randomBytes(6).toString("hex")}`;
}

/** What `npx rollup-vault provider <issuer>` prints, deployed as it stands. */
async function stageOf(provider: RealProvider, overrides: Partial<PresetIdp>) {
  const { issuer, clientId, clientSecret } = provider;
  const bin = `${ROOT}/bin/rollup-vault.cjs`;
  const args = [bin, "provider", issuer, "--client-id", clientId];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const [, printed = ""] = /In the stage file:\n\n([^]*?)\n\n/.exec(stdout) ?? [];
  const block = printed.split("\n").map((line) => line.trim());
  const { idp } = runInNewContext(`({${printed}})`) as { idp: PresetIdp };
  const found = await discover(issuer, { http: createHttpClient() });
  const { recorded, frontend } = judgeProvider(found, presetOf(presetNameOf(idp)));
  const isComplete = stdout.includes("nothing to record");
  const records = isComplete ? {} : { [issuer]: { ...recorded, read: "" } };
  const { authorizationEndpoint, scope, parameters, pkce, nonce } = frontend;
  const outside: OutsideProvider = {
    idp: resolveIdp({ ...idp, ...overrides }, records),
    clientSecret,
    authorizationEndpoint,
    title: provider.title,
    frontend: { scope, parameters, pkce, nonce, iss: found.sendsIssuer },
  };
  return { block, outside };
}

async function exchangeCode(
  { clientId, clientSecret }: RealProvider,
  { code, redirect_uri: redirectUri, code_verifier: verifier }: SignIn,
  { idpSettings }: Stack["outputs"],
): Promise<Tokens> {
  const response = await fetch(String(idpSettings["tokenEndpoint"]), {
    method: "POST",
    headers: { authorization: basic(clientId, clientSecret) },
    body: new URLSearchParams({
      grant_type: "authorization_code",
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
    }),
  });
  expect(response.status).toBe(200);
  const body = (await response.json()) as Record<string, string>;
  const { id_token: idToken = "", access_token: accessToken = "" } = body;
  return { idToken, accessToken, refreshToken: body["refresh_token"] ?? "" };
}

/** @returns status and error of a refresh past the stack */
export async function refreshAtProvider(
  { provider, stack }: Vault,
  refreshToken: string,
): Promise<readonly [number, unknown]> {
  const { clientId, clientSecret } = provider;
  const response = await fetch(String(stack.outputs.idpSettings["tokenEndpoint"]), {
    method: "POST",
    headers: { authorization: basic(clientId, clientSecret) },
    body: new URLSearchParams({ grant_type: "refresh_token", refresh_token: refreshToken }),
  });
  return [response.status, ((await response.json()) as Record<string, unknown>)["error"]];
}

function basic(id: string, secret: string): string {
  const pair = `${encodeURIComponent(id)}:${encodeURIComponent(secret)}`;
  return `Basic ${Buffer.from(pair).toString("base64")}`;
}
