/**
 * What the commands print, as text or as JSON lines: never a token or a ciphertext, and of the
 * claims name and e-mail address alone.
 */
import type { Grant } from "../../lambda/grant/grant";
import { endReasonOf } from "../../lambda/grant/phase";
import { asEnded } from "../../lambda/grant/transitions";
import type { EpochMs } from "../../lambda/model";
import type { Scopes } from "../../lambda/scopes";
import type { Operator } from "./operator";

type Opens = ReturnType<Operator["opens"]>;
type Status = Awaited<ReturnType<Operator["status"]>>;

/** One report, as JSON and as lines of text. */
export interface Report {
  readonly json: unknown;
  readonly lines: readonly string[];
}

const WIDTH = 16;
/** Instead of a time, and as wide. */
const UNREADABLE = "unreadable".padEnd("2026-01-01T00:00:00.000Z".length);

/** @param opens what each scope opens at the provider */
export function reportStatus(
  { sub, record, grant, endedAt, sessions }: Status,
  opens: Opens,
): Report {
  const { user, erasure, revocation, damage, movedTo } = record;
  const leftTo = user === undefined ? movedTo?.sub : undefined;
  const facts = {
    sub,
    user: user === undefined ? null : { created_at: time(user.createdAt), version: user.version },
    unreadable: [
      ...(damage?.unreadable ?? []).map((name) => `user: ${name}`),
      ...(grant?.unreadable ?? []).map((name) => `refresh token: ${name}`),
    ],
    erased_at: erasure === undefined ? null : time(erasure.at),
    moved_to: leftTo ?? null,
    erasure: erasure === undefined ? null : revocation === undefined ? "unfinished" : "finished",
    refresh_token: {
      status: statusOf(grant),
      since: sinceOf(grant),
      reason: (grant && endReasonOf(grant)) ?? null,
      scopes: grant?.scopes ?? null,
      last_exchange_at: grant?.lastExchangeAt === undefined ? null : time(grant.lastExchangeAt),
      /** Grants made until then have ended; `put_back`: an old item has returned nevertheless. */
      ended_at: endedAt === undefined ? null : time(endedAt),
      put_back: asEnded(grant, endedAt) !== grant,
      cooling_down_until: grant?.cooldown === undefined ? null : time(grant.cooldown.until),
    },
    sessions,
  };
  const { refresh_token: token } = facts;
  return {
    json: facts,
    lines: [
      fact("sub", sub),
      fact("user", userWords(facts.user, damage !== undefined)),
      ...(facts.unreadable.length === 0
        ? []
        : [fact("unreadable", `${facts.unreadable.join(", ")} (docs/runbook.md, damaged_item)`)]),
      ...(leftTo === undefined ? [] : [fact("moved to", leftTo)]),
      ...(facts.erased_at === null || leftTo !== undefined
        ? []
        : [fact("erased", `${facts.erased_at}, ${String(facts.erasure)}`)]),
      fact(
        "grant",
        [token.status, token.reason, token.put_back && "put back"].filter(Boolean).join(", "),
      ),
      fact("since", token.since ?? "-"),
      fact("scopes", scopeWords(token.scopes, opens)),
      fact("last refresh", token.last_exchange_at ?? "-"),
      ...(token.cooling_down_until === null
        ? []
        : [fact("cooling down", `until ${token.cooling_down_until}`)]),
      fact("sessions", String(sessions)),
    ],
  };
}

export function reportHistory({ sub, grant }: Status): Report {
  const history = (grant?.history ?? []).map(({ at, by, outcome, gained, lost }) => ({
    at: time(at),
    outcome,
    by,
    ...(gained && { gained }),
    ...(lost && { lost }),
  }));
  return {
    json: { sub, history },
    lines:
      history.length === 0
        ? ["no history"]
        : history.map(
            ({ at, outcome, by, gained = [], lost = [] }) =>
              `${at}  ${outcome.padEnd(WIDTH)}${by}${changes(gained, lost)}`,
          ),
  };
}

function scopeWords(scopes: Scopes | null, opens: Opens): string {
  const words = scopes?.map((name) => {
    const what = Object.hasOwn(opens, name) ? opens[name] : undefined;
    return what === undefined ? name : `${name} (${what})`;
  });
  return words?.join("; ") ?? "not known";
}

function changes(gained: readonly string[], lost: readonly string[]): string {
  const words = [...gained.map((name) => `+${name}`), ...lost.map((name) => `-${name}`)];
  return words.length === 0 ? "" : `  ${words.join(" ")}`;
}

/** @param names of those who have a record */
export function reportPage(
  page: Awaited<ReturnType<Operator["list"]>>,
  names: Awaited<ReturnType<Operator["names"]>> = new Map(),
): Report {
  const grants = page.grants.map(({ sub, since, status }) => ({
    sub,
    status,
    since: since === undefined ? null : time(since),
    name: names.get(sub)?.name ?? null,
    email: names.get(sub)?.email ?? null,
  }));
  return {
    json: { grants, next: page.next ?? null },
    lines: [
      ...grants.map(({ sub, since, status, name, email }) =>
        [`${since ?? UNREADABLE}  ${status.padEnd(WIDTH)}${sub}`, name, email && `<${email}>`]
          .filter(Boolean)
          .join("  "),
      ),
      ...(grants.length === 0 ? ["none here"] : []),
      ...(page.next === undefined ? [] : [`more: add --after ${page.next}`]),
    ],
  };
}

export function reportErasure(receipt: Awaited<ReturnType<Operator["erase"]>>): Report {
  const { sub, erasedAt, revocation } = receipt;
  return {
    json: { sub, erased_at: time(erasedAt), revocation },
    lines: [fact("erased", sub), fact("at", time(erasedAt)), fact("revocation", revocation)],
  };
}

/** What a sweep would do now. */
export function reportPlan(plan: Awaited<ReturnType<Operator["plan"]>>): Report {
  const lists = Object.entries(plan);
  return {
    json: plan,
    lines: lists.flatMap(([list, subs]) => [
      fact(list, String(subs.length)),
      ...subs.map((sub) => `  ${sub}`),
    ]),
  };
}

export function reportSweep(report: Awaited<ReturnType<Operator["sweep"]>>): Report {
  return {
    json: report,
    lines: Object.entries(report).map(([list, { done, failed }]) =>
      fact(list, `${String(done)} done, ${String(failed)} failed`),
    ),
  };
}

export function reportRestored(at: EpochMs): Report {
  return { json: { restored_at: time(at) }, lines: [fact("restored at", time(at))] };
}

function userWords(user: { readonly created_at: string } | null, isDamaged: boolean): string {
  if (isDamaged) {
    return "damaged: a sign-in repairs it, or erase it";
  }
  return user === null ? "none" : `since ${user.created_at}`;
}

function sinceOf(grant: Grant | undefined): string | null {
  const isUnknown = grant?.unreadable?.includes("since") === true;
  return grant === undefined || isUnknown ? null : time(grant.since);
}

function statusOf(grant: Grant | undefined): string {
  return grant?.frozenAt === undefined ? (grant?.status ?? "none") : "frozen";
}

export function fact(name: string, value: string): string {
  return `${name.padEnd(WIDTH)}${value}`;
}

export function time(at: EpochMs): string {
  return new Date(at).toISOString();
}
