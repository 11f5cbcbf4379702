/** `POST /token`: form body only, client secret in the body only, no `expires_in`, and a refresh token at code exchange alone. */
import { randomBytes } from "node:crypto";
import { RollupError, unknownErrorBody } from "./errors";
import { addKey } from "./keys";
import { fingerprint, type Ledger } from "./ledger";
import type { Programme } from "./programme";
import { redeem } from "./refresh";
import type { Memory } from "./state";
import { newJti, type Grant, type Minter } from "./tokens";

const CODE_LIFETIME_MS = 120_000;

export interface Code extends Grant {
  readonly name: string;
  readonly issuedAt: number;
}

export interface TokenWorld {
  readonly memory: Memory;
  readonly minter: Minter;
  readonly ledger: Ledger;
  readonly programme: () => Programme;
  readonly setProgramme: (programme: Programme) => void;
  readonly now: () => number;
  /** Not deleted on exchange: one may be exchanged again for two minutes. */
  readonly codes: Map<string, Code>;
  /** The fault `wrong_sub`: the tokens are made out to somebody else. */
  readonly impostor?: string;
}

export interface TokenAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, string>>;
}

/** 24 random bytes, in hex with a prefix. */
export function newCode(): string {
  return `0x${randomBytes(24).toString("hex")}`;
}

/** Never throws: what the real one falls over is its 500. */
export async function answerTokenRequest(world: TokenWorld, form: FormData): Promise<TokenAnswer> {
  const refreshToken = text(form, "refresh_token");
  const grantType = refreshToken === "" ? "authorization_code" : "refresh_token";
  const entry = {
    at: new Date(world.now()).toISOString(),
    grant_type: grantType,
    presented: refreshToken === "" ? null : fingerprint(refreshToken),
  } as const;
  try {
    checkClient(world.memory, form);
    if (world.programme().rotate_before_signing) {
      world.setProgramme({ ...world.programme(), rotate_before_signing: false });
      await addKey(world.memory, world.now());
    }
    const { sub, ...body } =
      refreshToken === ""
        ? await fromCode(world, form)
        : await fromRefreshToken(world, refreshToken);
    const issued = body.refresh_token === undefined ? null : fingerprint(body.refresh_token);
    world.ledger.add({ ...entry, sub, outcome: "issued", issued });
    return { status: 200, body: dropUndefined(body) };
  } catch (error) {
    world.ledger.add({ ...entry, sub: null, outcome: "refused", issued: null });
    return error instanceof RollupError
      ? { status: error.status, body: error.body() }
      : {
          status: 500,
          body: unknownErrorBody(error instanceof DataError ? "data error" : "unknown error"),
        };
  }
}

/** A field is missing: the real one's validation says no more than that. */
class DataError extends Error {}

function checkClient(memory: Memory, form: FormData): void {
  const { clientId, clientSecret } = memory.get();
  if (!form.has("client_id") || !form.has("client_secret")) {
    throw new DataError();
  }
  if (text(form, "client_id") !== clientId || text(form, "client_secret") !== clientSecret) {
    throw new RollupError("BAD_REQUEST", "invalid client credentials");
  }
}

async function fromCode({ minter, programme, codes, now }: TokenWorld, form: FormData) {
  const code = codes.get(text(form, "code"));
  if (code === undefined || now() - code.issuedAt > CODE_LIFETIME_MS) {
    // Meant as 401 "expired code"; the class of the error is lost on its way out of the real one.
    throw new Error("expired code");
  }
  const { sub, name, scope } = code;
  const settings = programme();
  const withEmail = settings.email_in_id_token;
  const refreshSeconds = settings.refresh_token_lifetime_seconds ?? undefined;
  return {
    sub,
    token_type: "Bearer",
    access_token: await minter.accessToken(code, settings.access_token_lifetime_seconds),
    refresh_token: await minter.refreshToken(code, newJti(), refreshSeconds),
    id_token: await minter.idToken({ sub, name, scope, withEmail }),
  };
}

async function fromRefreshToken(world: TokenWorld, refreshToken: string) {
  const { sub: owner, scope, successor } = await redeem(world, refreshToken);
  const sub = world.impostor ?? owner;
  const settings = world.programme();
  const refreshSeconds = settings.refresh_token_lifetime_seconds ?? undefined;
  return {
    sub,
    token_type: "Bearer",
    access_token: await world.minter.accessToken(
      { sub, scope },
      settings.access_token_lifetime_seconds,
    ),
    refresh_token:
      successor === undefined
        ? undefined
        : await world.minter.refreshToken({ sub, scope }, successor, refreshSeconds),
  };
}

function text(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === "string" ? value : "";
}

function dropUndefined(body: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(body).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
