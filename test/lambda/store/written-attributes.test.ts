/**
 * The requests of every adapter that writes, held to the lists that role policies are made of.
 * Which function makes which is shown with the functions themselves
 * (test/integration/roles.integration.ts).
 */
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { attributesOf } from "@rollup-vault/local-aws/aws/dynamodb-attributes";
import type { Grant } from "../../../lambda/grant/grant";
import { createGrantStore } from "../../../lambda/store/grant-store";
import {
  GRANT_LASTING,
  LASTING_OF,
  type LastingAttribute,
} from "../../../lambda/store/lasting-attributes";
import { createSessionStore } from "../../../lambda/store/session-store";
import { createSweepPositions } from "../../../lambda/store/sweep-lists";
import { createUserEraser } from "../../../lambda/store/user-eraser";
import { toRecord } from "../../../lambda/store/user-item";
import { mendCommand } from "../../../lambda/store/user-mending";
import { createUserStore } from "../../../lambda/store/user-store";
import {
  GRANT,
  GRANT_DUE,
  SESSION_MAKING,
  SESSION_TOUCH,
  SWEEP_POSITIONS,
  USER_ERASED,
  USER_MEMBERS,
  USER_MENDING,
  USER_SIGNED_OUT,
  USER_TOMBSTONE,
  USER_UPSERT,
} from "../../../lambda/store/written-attributes";
import { sampleGrant } from "../../contract/grant-store.contract";
import { sampleSession } from "../../contract/session-store.contract";
import { ALICE, NOW } from "../../support/tokens";

/** Answers nothing and remembers what the one write that was made named. */
async function namedBy(write: (options: Options) => Promise<unknown>): Promise<readonly string[]> {
  const inputs: Record<string, unknown>[] = [];
  const client = {
    send: ({ input }: { input: Record<string, unknown> }) => {
      inputs.push(input);
      return Promise.resolve({});
    },
  } as unknown as DynamoDBDocumentClient;
  await write({ table: "Table", client }).catch(() => undefined);
  const [input = {}] = inputs;
  return [...attributesOf(input)].sort();
}

interface Options {
  readonly table: string;
  readonly client: DynamoDBDocumentClient;
}

const sorted = (names: readonly string[]) => [...names].sort();
const erasure = { at: NOW, tokenHashes: ["hash"] };
const user = {
  sub: ALICE,
  claims: {},
  attributes: {},
  createdAt: NOW,
  updatedAt: NOW,
  claimsIssuedAt: NOW,
  claimsTokenHash: "hash",
  version: 1,
};
const idToken = { sub: ALICE, issuedAt: NOW, expiresAt: NOW, claims: {}, tokenHash: "hash" };
const evidence = { sub: ALICE, at: NOW, tokenHash: "hash" };

describe("sessions", () => {
  test("making one names all of it, touching one its times alone", async () => {
    const session = sampleSession();
    expect(await namedBy((options) => createSessionStore(options).create(session))).toEqual(
      sorted(SESSION_MAKING),
    );
    expect(await namedBy((options) => createSessionStore(options).touch(session))).toEqual(
      sorted(SESSION_TOUCH),
    );
  });

  test("touching cannot name what makes a session one, or says whose it is", () => {
    for (const name of ["schemaVersion", "id", "sub", "provedAt", "createdAt", "expiresAt"]) {
      expect(SESSION_TOUCH).not.toContain(name);
    }
  });
});

/** Looked at only where a record cannot be read: any write of ours changes one of these. */
const isOfDamage = (name: string) => name === "claimsIat" || name === "updatedAt";

describe("users", () => {
  test("signing in", async () => {
    const upsert = await namedBy((options) =>
      createUserStore(options).upsert(idToken, evidence, NOW),
    );
    expect(upsert).toEqual(sorted(USER_UPSERT));
  });

  test("attributes and userinfo", async () => {
    const attributes = await namedBy((options) =>
      createUserStore(options).putAttributes(user, {}, NOW),
    );
    const userinfo = await namedBy((options) =>
      createUserStore(options).putUserinfo(user, { claims: {}, at: NOW }, NOW),
    );
    expect(attributes).toEqual(sorted(USER_MEMBERS.filter((name) => name !== "userinfo")));
    expect(userinfo).toEqual(sorted(USER_MEMBERS.filter((name) => name !== "attributes")));
  });

  test.each([
    ["a user", { user, erasure: undefined, revocation: undefined }, true],
    ["an older tombstone", { user: undefined, erasure, revocation: undefined }, true],
    ["nothing", { user: undefined, erasure: undefined, revocation: undefined }, false],
  ])("a tombstone in the place of %s", async (_, seen, isOnVersion) => {
    const named = await namedBy((options) => createUserEraser(options).begin(ALICE, seen, erasure));
    const list = USER_TOMBSTONE.filter(
      (name) => !isOfDamage(name) && (isOnVersion || name !== "version"),
    );
    expect(named).toEqual(sorted(list));
  });

  const damaged = {
    sub: ALICE,
    schemaVersion: 1,
    claims: 7,
    attributes: 7,
    userinfo: 7,
    version: 1,
  };

  test("a tombstone in the place of a record that cannot be read", async () => {
    const seen = toRecord(damaged);
    const named = await namedBy((options) => createUserEraser(options).begin(ALICE, seen, erasure));
    expect(named).toEqual(sorted(USER_TOMBSTONE));
  });

  test("a record that cannot be read, when its user signs in", () => {
    const { damage } = toRecord(damaged);
    const { input } = mendCommand("Table", { damage: damage!, idToken, now: NOW, writeId: "w" });
    expect([...attributesOf(input as unknown as Record<string, unknown>)].sort()).toEqual(
      sorted(USER_MENDING),
    );
  });

  test("that the user signed out everywhere", async () => {
    const named = await namedBy((options) => createUserStore(options).signOut(user, erasure));
    expect(named).toEqual(sorted(USER_SIGNED_OUT));
  });

  test("an erasure that is carried through", async () => {
    const named = await namedBy((options) =>
      createUserEraser(options).finish(ALICE, erasure, "no_token"),
    );
    expect(named).toEqual(sorted(USER_ERASED));
  });
});

describe("grants", () => {
  const marked = sampleGrant({ frozenAt: NOW, erasure });
  const unmarked = sampleGrant();
  const writers: readonly (readonly LastingAttribute[])[] = [
    [],
    ["frozenAt"],
    ["erasure"],
    GRANT_LASTING,
  ];

  test.each(
    writers.flatMap((lasting) =>
      [marked, unmarked].flatMap((grant) =>
        [0, 1].flatMap((expected) =>
          [true, false].map((hasDue): [readonly LastingAttribute[], Grant, number, boolean] => [
            ...([lasting, grant, expected, hasDue] as const),
          ]),
        ),
      ),
    ),
  )("a writer of %j names these whatever it writes", async (lasting, grant, expected, hasDue) => {
    const dueAt = hasDue ? () => undefined : undefined;
    const named = await namedBy((options) =>
      createGrantStore({ ...options, dueAt, lasting }).write(grant, expected),
    );
    expect(named).toEqual(sorted([...GRANT, ...(hasDue ? GRANT_DUE : []), ...lasting]));
  });

  test("nobody but the operator freezes", () => {
    const { operator, ...functions } = LASTING_OF;
    expect(operator).toContain("frozenAt");
    expect(Object.values(functions).flat()).not.toContain("frozenAt");
  });

  test.each(["erasing", "disconnecting", "due"] as const)(
    "where the sweeper stopped in %s",
    async (list) => {
      for (const position of ["somewhere", undefined]) {
        const named = await namedBy((options) =>
          createSweepPositions(options).write(list, position),
        );
        expect(named).toEqual(sorted(["sub", list]));
        expect(SWEEP_POSITIONS).toEqual(expect.arrayContaining([...named]));
      }
    },
  );
});
