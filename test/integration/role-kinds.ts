/**
 * The golden list of writes: what each kind is, who makes it, who else could and why. SECURITY.md
 * says the same in words.
 */
import {
  ENDED_MARK,
  GRANT,
  GRANT_DUE,
  GRANT_WAITING,
  SESSION_MAKING,
  SESSION_TOUCH,
  USER_ERASED,
  USER_MEMBERS,
  USER_MENDING,
  USER_SIGNED_OUT,
  USER_TOMBSTONE,
  USER_UPSERT,
} from "../../lambda/store/written-attributes";
import type { Write } from "./role-tour";

/** Looked at where a record cannot be read: any write of ours changes one of these. */
const OF_DAMAGE: readonly string[] = ["claimsIat", "updatedAt"];

/** As requests have them. */
const LISTS: Readonly<Record<string, readonly string[]>> = {
  "make a session": SESSION_MAKING,
  "touch a session": SESSION_TOUCH,
  "end a session": ["tokenHash"],
  "sign a user in": USER_UPSERT,
  "change attributes": USER_MEMBERS.filter((name) => name !== "userinfo"),
  "keep userinfo": USER_MEMBERS.filter((name) => name !== "attributes"),
  "put a tombstone": USER_TOMBSTONE.filter((name) => !OF_DAMAGE.includes(name)),
  "put a tombstone over a damaged record": USER_TOMBSTONE,
  "mend a user": USER_MENDING,
  "sign a user out everywhere": USER_SIGNED_OUT,
  "wait for a lease": GRANT_WAITING,
  "change a grant, its erasure and its sign-out": [...GRANT, ...GRANT_DUE, "erasure", "signedOut"],
  "finish an erasure": USER_ERASED,
  "change a grant": [...GRANT, ...GRANT_DUE],
  "change a grant and its erasure": [...GRANT, ...GRANT_DUE, "erasure"],
  "raise a grant's mark of the end": ENDED_MARK,
  "keep the sweep's place among erasures": ["sub", "erasing"],
  "keep the sweep's place among disconnects": ["sub", "disconnecting"],
  "keep the sweep's place among due grants": ["sub", "due"],
};

const NAMES = new Map(
  Object.entries(LISTS).map(([name, attributes]) => [JSON.stringify([...attributes].sort()), name]),
);

/** A write of no known kind is called by what it names. */
export function kindOf({ action, table, controlKey, attributes }: Write): string {
  const name = NAMES.get(JSON.stringify(attributes)) ?? attributes.join(" ");
  return `${name}: ${action} ${table}${controlKey === undefined ? "" : ` ${controlKey}`}`;
}

/** Who makes it. */
export const KINDS: Readonly<Record<string, readonly string[]>> = {
  "make a session: PutItem Sessions": ["Sessions"],
  "touch a session: UpdateItem Sessions": [
    "AccessToken",
    "Account",
    "RefreshToken",
    "Sessions",
    "Users",
  ],
  "end a session: DeleteItem Sessions": ["Account", "Sessions", "Sweep"],
  "sign a user in: UpdateItem Users": ["Sessions", "Users"],
  "change attributes: UpdateItem Users": ["Users"],
  "keep userinfo: UpdateItem Users": ["Users"],
  "put a tombstone: PutItem Users": ["Account"],
  "put a tombstone over a damaged record: PutItem Users": ["Account"],
  "mend a user: UpdateItem Users": ["Sessions", "Users"],
  "sign a user out everywhere: UpdateItem Users": ["Sessions"],
  "wait for a lease: UpdateItem RefreshTokens": ["AccessToken"],
  "finish an erasure: UpdateItem Users": ["Account", "Sweep"],
  "change a grant: UpdateItem RefreshTokens": ["AccessToken", "Recovery", "RefreshToken"],
  "change a grant and its erasure: UpdateItem RefreshTokens": ["Account", "Sweep"],
  "change a grant, its erasure and its sign-out: UpdateItem RefreshTokens": ["Sessions"],
  "raise a grant's mark of the end: UpdateItem RefreshTokens \u00a7ended": [
    "AccessToken",
    "Account",
    "Sweep",
  ],
  "keep the sweep's place among erasures: UpdateItem RefreshTokens \u00a7sweep": ["Sweep"],
  "keep the sweep's place among disconnects: UpdateItem RefreshTokens \u00a7sweep": ["Sweep"],
  "keep the sweep's place among due grants: UpdateItem RefreshTokens \u00a7sweep": ["Sweep"],
};

interface Besides {
  readonly roles: readonly string[];
  readonly why: string;
}

/** Who could although it does not. */
export const BESIDES: Readonly<Record<string, Besides>> = {
  "change attributes: UpdateItem Users": {
    roles: ["Sessions"],
    why: "a first sign-in writes the same attributes and more",
  },
  "keep userinfo: UpdateItem Users": {
    roles: ["Sessions"],
    why: "mending a damaged record writes the same attributes and more",
  },
  "sign a user out everywhere: UpdateItem Users": {
    roles: ["Users"],
    why: "its condition reads the time of the sign-out, and IAM does not tell conditions from updates",
  },
  "change a grant: UpdateItem RefreshTokens": {
    roles: ["Account", "Sessions", "Sweep"],
    why: "their own writes of a grant name the same attributes and the erasure",
  },
  "change a grant and its erasure: UpdateItem RefreshTokens": {
    roles: ["Sessions"],
    why: "its own write of a grant names the same attributes and the sign-out",
  },
};

interface Mark {
  readonly place: "users" | "refreshTokens";
  readonly attribute: string;
  readonly roles: readonly string[];
  readonly why: string;
}

/** What is left of somebody who was erased, and who could change it. */
export const MARKS: Readonly<Record<string, Mark>> = {
  "when the user was erased": {
    place: "users",
    attribute: "erasedAt",
    roles: ["Account", "Sessions", "Sweep", "Users"],
    why: "a proof from before is refused by a condition of the very write that it would make, and IAM does not tell conditions from updates",
  },
  "which ID tokens were known by then": {
    place: "users",
    attribute: "erasedTokens",
    roles: ["Sessions", "Users"],
    why: "the same; who erases puts the tombstone as a whole, and who finishes need not look at them",
  },
  "when the user signed out everywhere": {
    place: "users",
    attribute: "signedOutAt",
    roles: ["Sessions", "Users"],
    why: "who signs a user out writes it, and the condition of a sign-in looks at it",
  },
  "the grant's word of that": {
    place: "refreshTokens",
    attribute: "signedOut",
    roles: ["Sessions"],
    why: "who signs a user out writes it there, too",
  },
  "that it is not carried through": {
    place: "users",
    attribute: "erasing",
    roles: ["Account", "Sweep"],
    why: "they carry it through",
  },
  "what became of the refresh token": {
    place: "users",
    attribute: "revocation",
    roles: ["Account", "Sweep"],
    why: "they carry it through",
  },
  "the grant's own mark": {
    place: "refreshTokens",
    attribute: "erasure",
    roles: ["Account", "Sessions", "Sweep"],
    why: "they erase, or store a grant of somebody who came back",
  },
  "the grant's freeze": {
    place: "refreshTokens",
    attribute: "frozenAt",
    roles: [],
    why: "the operator's alone",
  },
};
