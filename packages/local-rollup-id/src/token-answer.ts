/**
 * What `POST /token` answers: no `expires_in`, and a refresh token and an ID token at code
 * exchange alone.
 */
import { beginFamily, membershipOf } from "./families";
import type { FaultConfig } from "./fault-config";
import { fingerprint, unverifiedJti } from "./fingerprint";
import type { Ledger, Processed, TokenRequest } from "./ledger";
import type { Grant, Minter } from "./mint-tokens";
import type { Memory } from "./provider-memory";
import { redeem } from "./redeem-refresh-token";
import {
  answerToError,
  DataError,
  type JsonAnswer,
  oauthAnswerToError,
  RollupError,
} from "./rollup-errors";
import { addKey } from "./signing-keys";

export const CODE_LIFETIME_MS = 120_000;

export interface Code extends Grant {
  readonly name: string;
  /** Epoch milliseconds. */
  readonly issuedAt: number;
}

export interface TokenWorld {
  readonly memory: Memory;
  readonly minter: Minter;
  readonly ledger: Ledger;
  readonly faultConfig: () => FaultConfig;
  readonly setFaultConfig: (faultConfig: FaultConfig) => void;
  readonly now: () => number;
  /** Not deleted on exchange: one may be exchanged again for two minutes. */
  readonly codes: ReadonlyMap<string, Code>;
  /** The fault `wrong_sub`: the tokens are issued for another subject. */
  readonly impostor?: string;
}

interface Issued {
  readonly sub: string;
  readonly tokens: Readonly<Record<string, string>>;
}

/** Never throws: what the real one falls over is its 500. */
export async function answerTokenRequest(world: TokenWorld, form: FormData): Promise<JsonAnswer> {
  const entry = { ...describeRequest(world, form), ...describePresented(world, form) };
  try {
    const { sub, tokens } = await issue(world, form);
    const status = world.faultConfig().success_status;
    const { refresh_token: token } = tokens;
    const issued = token === undefined ? null : fingerprint(token);
    const begun = membershipOf(world.memory, token === undefined ? token : unverifiedJti(token));
    const { family, generation } = entry.presented === null && begun ? begun : entry;
    const { ledger } = world;
    ledger.add({ ...entry, sub, family, generation, outcome: "issued", status, issued });
    return { status, body: tokens };
  } catch (error) {
    const isOAuth = world.faultConfig().refusals === "oauth";
    const answer = isOAuth ? oauthAnswerToError(error) : answerToError(error);
    world.ledger.add({ ...entry, outcome: "refused", status: answer.status, issued: null });
    return answer;
  }
}

/** @param form undefined: a body that is no form */
export function describeRequest(world: TokenWorld, form: FormData | undefined): TokenRequest {
  const { clientId } = world.memory.get();
  return {
    at: new Date(world.now()).toISOString(),
    grant_type: text(form, "refresh_token") === "" ? "authorization_code" : "refresh_token",
    client_id: text(form, "client_id") === clientId ? clientId : null,
  };
}

type Presented = Pick<Processed, "sub" | "family" | "generation" | "presented">;

function describePresented({ memory }: TokenWorld, form: FormData): Presented {
  const token = text(form, "refresh_token");
  if (token === "") {
    return { sub: null, family: null, generation: null, presented: null };
  }
  const known = membershipOf(memory, unverifiedJti(token));
  const { sub = null, family = null, generation = null } = known ?? {};
  return { sub, family, generation, presented: fingerprint(token) };
}

async function issue(world: TokenWorld, form: FormData): Promise<Issued> {
  checkClient(world.memory, form);
  if (world.faultConfig().rotate_before_signing) {
    world.setFaultConfig({ ...world.faultConfig(), rotate_before_signing: false });
    await addKey(world.memory, world.now());
  }
  // The grant type is not looked at: a refresh token that is not empty makes it a refresh.
  const refreshToken = text(form, "refresh_token");
  return refreshToken === "" ? await fromCode(world, form) : await refresh(world, refreshToken);
}

function checkClient(memory: Memory, form: FormData): void {
  const { clientId, clientSecret } = memory.get();
  if (!form.has("client_id") || !form.has("client_secret")) {
    throw new DataError();
  }
  if (text(form, "client_id") !== clientId || text(form, "client_secret") !== clientSecret) {
    throw new RollupError("BAD_REQUEST", "invalid client credentials");
  }
}

async function fromCode(world: TokenWorld, form: FormData): Promise<Issued> {
  if (!form.has("code")) {
    throw new DataError();
  }
  const code = world.codes.get(text(form, "code"));
  if (code === undefined || world.now() - code.issuedAt > CODE_LIFETIME_MS) {
    // Meant as 401 "expired code"; the class of the error is lost on its way out of the real one.
    throw new Error("expired code");
  }
  const { minter, faultConfig } = world;
  const { email_in_id_token: withEmail, ...settings } = faultConfig();
  const grant = { ...code, sub: world.impostor ?? code.sub };
  const jti = beginFamily(world, grant.sub);
  const tokens = {
    token_type: "Bearer",
    access_token: await minter.accessToken(grant, settings.access_token_lifetime_seconds),
    refresh_token: await minter.refreshToken(grant, jti, settings.refresh_token_lifetime_seconds),
    id_token: await minter.idToken({ ...grant, withEmail }),
  };
  return { sub: grant.sub, tokens };
}

async function refresh(world: TokenWorld, refreshToken: string): Promise<Issued> {
  const { sub: owner, scope, successor } = await redeem(world, refreshToken);
  const grant = { sub: world.impostor ?? owner, scope };
  const settings = world.faultConfig();
  const lifetime = settings.refresh_token_lifetime_seconds;
  const tokens = {
    token_type: "Bearer",
    access_token: await world.minter.accessToken(grant, settings.access_token_lifetime_seconds),
    ...(successor !== undefined && {
      refresh_token: await world.minter.refreshToken(grant, successor, lifetime),
    }),
    // To a client of any other provider the access token is opaque: it is the ID token that says
    // whose they are.
    ...(world.impostor !== undefined &&
      settings.refusals === "oauth" && {
        id_token: await world.minter.idToken({ ...grant, name: "", withEmail: false }),
      }),
  };
  return { sub: grant.sub, tokens };
}

function text(form: FormData | undefined, name: string): string {
  const value = form?.get(name);
  return typeof value === "string" ? value : "";
}
