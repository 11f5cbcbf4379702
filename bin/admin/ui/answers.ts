/** What the operator's screen is told, made of what the commands do. No token, no ciphertext. */
import * as v from "valibot";
import type { UserName } from "../../../lambda/store/user-names";
import { AdminError } from "../admin-error";
import type { Operator } from "../operator";
import { reportErasure, reportHistory, reportPage, reportStatus, time } from "../show";
import type { Place } from "../target";

export interface Screen {
  /** Undefined: a local run. */
  readonly place: Place | undefined;
  readonly operator: () => Promise<Operator>;
}

type Query = Readonly<Record<string, string | undefined>>;
export type Answer = (asked: Asked) => Promise<unknown>;

interface Asked {
  readonly query: Query;
  readonly body: unknown;
}

const PAGE = 50;
const MAX_TEXT = 2_048;

const sub = v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_TEXT));
const after = v.optional(v.pipe(v.string(), v.maxLength(MAX_TEXT)));
const OneUser = v.object({ sub });
const Search = v.object({ text: v.pipe(v.string(), v.trim(), v.minLength(1)), after });
const List = v.object({
  status: v.optional(
    v.picklist(["active", "needs_sign_in", "disconnecting", "disconnected", "frozen"]),
  ),
  after,
});
const Act = v.strictObject({
  action: v.picklist(["freeze", "unfreeze", "disconnect", "erase"]),
  sub,
  /** What the operator has typed. */
  confirm: v.string(),
});
const ActOnAll = v.strictObject({
  action: v.picklist(["freeze", "unfreeze"]),
  confirm: v.string(),
});

/** In the place of a stage's name; nobody's users are in a local run. */
const LOCAL = "local";

/** By method and path. */
export function createAnswers({ place, operator }: Screen): Readonly<Record<string, Answer>> {
  const stage = place?.stage ?? LOCAL;
  return {
    "GET /api/place": async () => await Promise.resolve({ place: place ?? null, stage }),
    "GET /api/counts": async () => {
      const work = await operator();
      const [counts, isFrozen] = await Promise.all([work.counts(), work.isFrozen()]);
      return {
        counts: counts.map(({ status, count, isAll }) => ({ status, count, is_all: isAll })),
        everybody_frozen: isFrozen,
      };
    },
    "GET /api/provider": async () => {
      const { issuer, endpoints, sample } = await (await operator()).providerHealth();
      return {
        issuer,
        endpoints: endpoints.map(({ durationMs, isWell, ...rest }) => ({
          ...rest,
          duration_ms: durationMs,
          is_well: isWell,
        })),
        sample: {
          looked: sample.looked,
          waiting: sample.waiting,
          last_refresh_at: sample.lastRefreshAt === null ? null : time(sample.lastRefreshAt),
        },
      };
    },
    "GET /api/users": async ({ query }) => {
      const { status, after: cursor } = read(List, query);
      const work = await operator();
      const page = await work.list({ status, limit: PAGE, after: cursor });
      return reportPage(page, await work.names(page.grants.map((grant) => grant.sub))).json;
    },
    "GET /api/search": async ({ query }) => {
      const { text, after: cursor } = read(Search, query);
      const { users, looked, next } = await (await operator()).search({ text, after: cursor });
      return { users: users.map(withNulls), looked, next: next ?? null };
    },
    "GET /api/user": async ({ query }) => await oneUser(await operator(), read(OneUser, query).sub),
    "POST /api/act": async ({ body }) => {
      const { action, sub: who, confirm } = read(Act, body);
      assertTyped(confirm, action === "erase" ? who : stage);
      return await act(await operator(), action, who);
    },
    "POST /api/act-on-all": async ({ body }) => {
      const { action, confirm } = read(ActOnAll, body);
      assertTyped(confirm, stage);
      const work = await operator();
      await (action === "freeze" ? work.freezeAll() : work.unfreezeAll());
      return { done: action };
    },
  };
}

async function oneUser(work: Operator, who: string) {
  const [status, names, outlook] = await Promise.all([
    work.status(who),
    work.names([who]),
    work.outlook(who),
  ]);
  const { until, ...next } = outlook;
  return {
    status: reportStatus(status, work.opens()).json,
    name: names.get(who)?.name ?? null,
    email: names.get(who)?.email ?? null,
    next: { ...next, until: until === undefined ? null : time(until) },
    ...(reportHistory(status).json as object),
  };
}

async function act(work: Operator, action: v.InferOutput<typeof Act>["action"], who: string) {
  switch (action) {
    case "freeze":
    case "unfreeze":
    case "disconnect":
      await work[action](who);
      return { done: action };
    case "erase":
      return { done: action, receipt: reportErasure(await work.erase(who)).json };
  }
}

function withNulls({ sub: who, name, email }: UserName) {
  return { sub: who, name: name ?? null, email: email ?? null };
}

function read<S extends v.GenericSchema>(schema: S, value: unknown): v.InferOutput<S> {
  const parsed = v.safeParse(schema, value);
  if (!parsed.success) {
    throw new RangeError(parsed.issues[0].message);
  }
  return parsed.output;
}

function assertTyped(typed: string, wanted: string): void {
  if (typed !== wanted) {
    throw new AdminError(`nothing was changed: type "${wanted}" to confirm`);
  }
}
