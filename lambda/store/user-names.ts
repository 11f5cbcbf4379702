/**
 * Names and e-mail addresses of users, where the record has them, for the operator: nothing of the
 * API reads users in numbers. There is no index of names, so a search looks at one part of the
 * table after the other.
 */
import { BatchGetCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { mergedClaims } from "../model";
import type { TableOptions } from "./dynamodb";
import { rethrow } from "./store-errors";
import { toRecord } from "./user-item";

export interface UserName {
  readonly sub: string;
  /** `name` or `preferred_username` (OpenID Connect Core 5.1). */
  readonly name: string | undefined;
  readonly email: string | undefined;
}

export interface NameSearch {
  /** Part of a subject, a name or an e-mail address, in any case. */
  readonly text: string;
  /** `next` of the page before. */
  readonly after: string | undefined;
}

export interface FoundNames {
  readonly users: readonly UserName[];
  /** Records that were looked at. */
  readonly looked: number;
  /** Where the next part begins; undefined: that was all. */
  readonly next: string | undefined;
}

/** BatchGetItem takes no more keys. */
const MAX_KEYS = 100;
/** Items that one part of a search looks at: at 1 KB each about 125 read units. */
const MAX_LOOKED = 1_000;

type Item = Readonly<Record<string, unknown>>;

/** @throws UnavailableError, InternalError */
export function createUserNames({ table, client }: TableOptions) {
  return {
    /** Of those who are known; a key that DynamoDB did not get to is left out. */
    read: async (subs: readonly string[]): Promise<ReadonlyMap<string, UserName>> => {
      const found = new Map<string, UserName>();
      for (let at = 0; at < subs.length; at += MAX_KEYS) {
        const Keys = subs.slice(at, at + MAX_KEYS).map((sub) => ({ sub }));
        const { Responses } = await client
          .send(new BatchGetCommand({ RequestItems: { [table]: { Keys } } }))
          .catch(rethrow);
        for (const item of Responses?.[table] ?? []) {
          const user = toName(item);
          found.set(user.sub, user);
        }
      }
      return found;
    },
    search: async ({ text, after }: NameSearch): Promise<FoundNames> => {
      const { Items, ScannedCount, LastEvaluatedKey } = await client
        .send(
          new ScanCommand({
            TableName: table,
            Limit: MAX_LOOKED,
            ...(after !== undefined && { ExclusiveStartKey: { sub: after } }),
          }),
        )
        .catch(rethrow);
      const wanted = text.toLowerCase();
      const users = (Items ?? [])
        .map(toName)
        .filter((user) =>
          [user.sub, user.name, user.email].some((each) => each?.toLowerCase().includes(wanted)),
        );
      const last: unknown = LastEvaluatedKey?.["sub"];
      return {
        users,
        looked: ScannedCount ?? 0,
        next: typeof last === "string" ? last : undefined,
      };
    },
  };
}

/** A damaged record has no name; it is no reason to show none of the others. */
function toName(item: Item): UserName {
  const sub = String(item["sub"]);
  const claims = claimsOf(item);
  const text = (name: string) => {
    const value = claims[name];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  return { sub, name: text("name") ?? text("preferred_username"), email: text("email") };
}

function claimsOf(item: Item): Readonly<Record<string, unknown>> {
  try {
    const { user } = toRecord(item);
    return user === undefined ? {} : mergedClaims(user);
  } catch {
    // Of a later version.
    return {};
  }
}
