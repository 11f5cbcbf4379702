import {
  CONFIRM_AFTER_MS,
  type HeldKeySets,
  isFamiliar,
  keysAsked,
  withAnswer,
} from "../../../lambda/auth/held-keys";
import type { Alg, UsableJwk } from "../../../lambda/auth/jwk";
import type { EpochMs } from "../../../lambda/model";

const ec = (kid: string | undefined, x = `x of ${String(kid)}`, alg?: Alg): UsableJwk => ({
  kty: "EC",
  crv: "P-256",
  x,
  y: "y",
  ...(kid !== undefined && { kid }),
  ...(alg !== undefined && { alg }),
});
const rsa = (kid: string, n: string, alg?: Alg): UsableJwk => ({
  kty: "RSA",
  kid,
  n,
  e: "AQAB",
  ...(alg !== undefined && { alg }),
});
const [A, B, C, D] = ["a", "b", "c", "d"].map((kid) => ec(kid)) as [
  ...[UsableJwk, UsableJwk, UsableJwk, UsableJwk],
];

/** The kids of each held set after these answers, newest first. */
function after(...answers: readonly (readonly [EpochMs, readonly UsableJwk[]])[]) {
  const held = answers.reduce<HeldKeySets>((sets, [at, keys]) => withAnswer(sets, keys, at), []);
  return held.map(({ keys }) => keys.map(({ kid }) => kid).join(""));
}

describe("F10: an answer that would take everybody's key away is not believed at once", () => {
  const T = CONFIRM_AFTER_MS;

  test.each<[string, (readonly [EpochMs, readonly UsableJwk[]])[], string[]]>([
    ["the first answer is all there is", [[0, [A, B]]], ["ab"]],
    [
      "a key that comes beside another one is there at once",
      [
        [0, [A]],
        [1, [A, B]],
      ],
      ["ab"],
    ],
    [
      "a key that goes beside another one is gone at once",
      [
        [0, [A, B]],
        [1, [B]],
      ],
      ["b"],
    ],
    [
      "one key for another beside a third",
      [
        [0, [A, B]],
        [1, [B, C]],
      ],
      ["bc"],
    ],
    [
      "all keys for others: both are held, the new ones first",
      [
        [0, [A, B]],
        [1, [C]],
      ],
      ["c", "ab"],
    ],
    [
      "said again a moment too early",
      [
        [0, [A]],
        [1, [C]],
        [T, [C]],
      ],
      ["c", "a"],
    ],
    [
      "said again in time",
      [
        [0, [A]],
        [1, [C]],
        [1 + T, [C]],
      ],
      ["c"],
    ],
    [
      "said again with one more",
      [
        [0, [A]],
        [1, [C]],
        [1 + T, [C, D]],
      ],
      ["cd"],
    ],
    [
      "said again twice, of which the first was too early",
      [
        [0, [A]],
        [1, [C]],
        [T, [C, D]],
        [1 + T, [D]],
      ],
      ["d"],
    ],
    [
      "taken back",
      [
        [0, [A, B]],
        [1, [C]],
        [2, [A, B]],
      ],
      ["ab"],
    ],
    [
      "taken back in part",
      [
        [0, [A, B]],
        [1, [C]],
        [2, [B, D]],
      ],
      ["bd"],
    ],
    [
      "both at last",
      [
        [0, [A]],
        [1, [C]],
        [2, [A, C]],
      ],
      ["ac"],
    ],
    [
      "others again: the doubt begins anew",
      [
        [0, [A]],
        [1, [C]],
        [1 + T, [D]],
      ],
      ["d", "a"],
    ],
    [
      "others again, said again",
      [
        [0, [A]],
        [1, [C]],
        [5, [D]],
        [1 + T, [D]],
        [4 + T, [D]],
      ],
      ["d", "a"],
    ],
    [
      "others again, said again in time",
      [
        [0, [A]],
        [1, [C]],
        [5, [D]],
        [5 + T, [D]],
      ],
      ["d"],
    ],
    [
      "other material under the same kid is another key",
      [
        [0, [A]],
        [1, [ec("a", "z")]],
      ],
      ["a", "a"],
    ],
    [
      "another alg for the same material is not",
      [
        [0, [A]],
        [1, [ec("a", "x of a", "ES256")]],
      ],
      ["a"],
    ],
  ])("%s", (_, answers, held) => {
    expect(after(...answers)).toEqual(held);
  });

  test("however many sets come, two are held", () => {
    const answers = Array.from({ length: 50 }, (_, at) => [at, [ec(`k${String(at)}`)]] as const);
    expect(after(...answers)).toEqual(["k49", "k0"]);
  });

  test("a set is as old as the question that it answers, and its doubt as old as the first of its kind", () => {
    const held = [[A], [C], [C, D]].reduce<HeldKeySets>(
      (sets, keys, at) => withAnswer(sets, keys, at * 10),
      [],
    );
    expect(held.map(({ askedAt, since }) => [askedAt, since])).toEqual([
      [20, 10],
      [0, 0],
    ]);
  });
});

describe("which keys a token asks for", () => {
  /** What tells them apart, or the reason. */
  function asked(sets: readonly (readonly UsableJwk[])[], kid: string | undefined, alg: Alg) {
    const held = sets.map((keys, at) => ({ keys, askedAt: -at, since: -at }));
    try {
      return keysAsked(held, { kid, alg }).map(({ x, n }) => x ?? n);
    } catch (error) {
      return (error as { reason?: unknown }).reason;
    }
  }

  test.each<[string, UsableJwk[][], string | undefined, Alg, unknown]>([
    ["by kid", [[A, B]], "b", "ES256", ["x of b"]],
    ["no such kid", [[A, B]], "c", "ES256", []],
    ["a key without kid is not meant by one", [[ec(undefined)]], "a", "ES256", []],
    ["the kid, for another algorithm", [[A, B]], "b", "RS256", "disallowed_algorithm"],
    ["one kid, two types", [[ec("1"), rsa("1", "n")]], "1", "RS256", ["n"]],
    [
      "one kid, two types, the other way round",
      [[ec("1"), rsa("1", "n")]],
      "1",
      "ES256",
      ["x of 1"],
    ],
    [
      "one kid, two algorithms",
      [[rsa("1", "n", "RS256"), rsa("1", "m", "PS256")]],
      "1",
      "PS256",
      ["m"],
    ],
    ["the same key twice", [[A, A]], "a", "ES256", ["x of a"]],
    [
      "the same key with and without alg",
      [[A, ec("a", "x of a", "ES256")]],
      "a",
      "ES256",
      ["x of a"],
    ],
    [
      "the same key for two algorithms",
      [[rsa("1", "n", "RS256"), rsa("1", "n")]],
      "1",
      "PS256",
      ["n"],
    ],
    ["two keys of one kid", [[A, ec("a", "z"), B]], "a", "ES256", "ambiguous_key"],
    ["beside them another one", [[A, ec("a", "z"), B]], "b", "ES256", ["x of b"]],
    ["a set in doubt: its key", [[C], [A]], "c", "ES256", ["x of c"]],
    ["a set in doubt: the key before it", [[C], [A]], "a", "ES256", ["x of a"]],
    [
      "a set in doubt: both of one kid, the newer one first",
      [[ec("a", "z")], [A]],
      "a",
      "ES256",
      ["z", "x of a"],
    ],
    [
      "a set in doubt that is not clear, and one that is",
      [[A, ec("a", "z")], [ec("a", "y")]],
      "a",
      "ES256",
      ["y"],
    ],
    ["none named, one there", [[A]], undefined, "ES256", ["x of a"]],
    [
      "none named, one there that has no name either",
      [[ec(undefined, "x")]],
      undefined,
      "ES256",
      ["x"],
    ],
    ["none named, one there for it", [[A, rsa("1", "n")]], undefined, "RS256", ["n"]],
    ["none named, several there", [[A, B]], undefined, "ES256", "ambiguous_key"],
    ["none named, none there for it", [[A]], undefined, "RS256", "disallowed_algorithm"],
    ["none named, a set in doubt", [[C], [A]], undefined, "ES256", ["x of c", "x of a"]],
    ["nothing held", [], "a", "ES256", []],
  ])("%s", (_, sets, kid, alg, expected) => {
    expect(asked(sets, kid, alg)).toEqual(expected);
  });
});

describe("S06: a kid of the provider's form", () => {
  const familiar = (kids: readonly (string | undefined)[], kid: string | undefined) =>
    isFamiliar([{ keys: kids.map((each) => ec(each)), askedAt: 0, since: 0 }], kid);

  test.each([
    ["1682004114891", "1682004117777", true],
    ["1682004114891", "16820041148910", false],
    ["1682004114891", "junk", false],
    ["1682004114891", "168200411489a", false],
    ["1682004114891", "168200411489A", false],
    ["1682004114891", "168200411489/", false],
    ["abc", "xyz", true],
    ["abc", "ab1", false],
    ["abc", "ABC", false],
    ["a.c", "x/z", true],
    ["a_c", "x-z", true],
    ["Zx3-", "a9_Q", true],
    ["abc", "", false],
  ])("beside %p, %p: %p", (held, kid, expected) => {
    expect(familiar([held], kid)).toBe(expected);
  });

  test("is that of any key that is held, of either set", () => {
    expect(familiar(["abc", "1"], "2")).toBe(true);
    const sets = [["abc"], ["1"]].map((kids) => ({
      keys: kids.map((kid) => ec(kid)),
      askedAt: 0,
      since: 0,
    }));
    expect(isFamiliar(sets, "7")).toBe(true);
    expect(isFamiliar([], "7")).toBe(false);
  });

  test("no kid has none, even where keys have none either", () => {
    expect(familiar([undefined], undefined)).toBe(false);
    expect(familiar(["abc"], undefined)).toBe(false);
    expect(familiar([undefined], "undefined")).toBe(false);
  });
});
