/** What the operator's screen asks (bin/admin/ui/answers.ts). Times are RFC 3339. */

export interface Place {
  /** Null: a local run. */
  readonly place: {
    readonly stage: string;
    readonly account: string;
    readonly region: string;
  } | null;
  /** What has to be typed before anything changes. */
  readonly stage: string;
}

export interface Counts {
  readonly counts: readonly {
    readonly status: string;
    readonly count: number;
    readonly is_all: boolean;
  }[];
  readonly everybody_frozen: boolean;
}

export interface Provider {
  readonly issuer: string;
  readonly endpoints: readonly {
    readonly name: string;
    readonly url: string;
    readonly status: number | null;
    readonly duration_ms: number;
    readonly is_well: boolean;
  }[];
  readonly sample: {
    readonly looked: number;
    readonly waiting: Readonly<Record<string, number>>;
    readonly last_refresh_at: string | null;
  };
}

export interface Person {
  readonly sub: string;
  readonly name: string | null;
  readonly email: string | null;
}

export interface ListPage {
  readonly grants: readonly (Person & { readonly status: string; readonly since: string | null })[];
  readonly next: string | null;
}

export interface SearchPage {
  readonly users: readonly Person[];
  readonly looked: number;
  readonly next: string | null;
}

export interface OneUser extends Omit<Person, "sub"> {
  readonly sub: string;
  readonly status: {
    readonly user: { readonly created_at: string; readonly version: number } | null;
    readonly unreadable: readonly string[];
    readonly erased_at: string | null;
    readonly erasure: string | null;
    readonly moved_to: string | null;
    readonly refresh_token: {
      readonly status: string;
      readonly since: string | null;
      readonly reason: string | null;
      readonly scopes: readonly string[] | null;
      readonly last_exchange_at: string | null;
      readonly put_back: boolean;
      readonly cooling_down_until: string | null;
    };
    readonly sessions: number;
  };
  readonly next: {
    readonly status: number;
    readonly reason: string;
    readonly says: string;
    readonly until: string | null;
  };
  /** Oldest first. */
  readonly history: readonly {
    readonly at: string;
    readonly outcome: string;
    readonly by: string;
    readonly gained?: readonly string[];
    readonly lost?: readonly string[];
  }[];
}

export type Action = "freeze" | "unfreeze" | "disconnect" | "erase";

/** A sentence for the operator. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const KEY = "key";

/**
 * The key for the token of the address, which works once; of this tab alone, until it is closed.
 * @throws Refused
 */
export async function unlock(): Promise<void> {
  const token = new URLSearchParams(location.hash.slice(1)).get("t");
  if (token === null) {
    return;
  }
  history.replaceState(null, "", location.pathname);
  const { key } = (await send("POST", "/session", { token })) as { readonly key: string };
  sessionStorage.setItem(KEY, key);
}

/** @throws Refused */
export async function ask<T>(
  path: string,
  query: Readonly<Record<string, string | undefined>> = {},
): Promise<T> {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const text = new URLSearchParams(given as [string, string][]).toString();
  return (await send("GET", `/api/${path}${text === "" ? "" : `?${text}`}`)) as T;
}

/** @throws Refused */
export async function act(body: {
  readonly action: Action;
  readonly sub: string;
  readonly confirm: string;
}): Promise<void> {
  await send("POST", "/api/act", body);
}

/** @throws Refused */
export async function actOnAll(action: "freeze" | "unfreeze", confirm: string): Promise<void> {
  await send("POST", "/api/act-on-all", { action, confirm });
}

async function send(method: string, path: string, body?: object): Promise<unknown> {
  const key = sessionStorage.getItem(KEY);
  const headers = {
    ...(key !== null && { authorization: `Bearer ${key}` }),
    ...(body && { "content-type": "application/json" }),
  };
  const answer = await fetch(path, {
    method,
    headers,
    ...(body && { body: JSON.stringify(body) }),
  }).catch(() => {
    throw new Refused(0, "The command that served this screen has ended. Start it again.");
  });
  const content = (await answer.json()) as { readonly message?: string };
  if (!answer.ok) {
    throw new Refused(answer.status, content.message ?? `It answers ${String(answer.status)}.`);
  }
  return content;
}
