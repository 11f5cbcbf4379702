import { assertCurrent, latest, nextCutoff, outdatedBy } from "../../lambda/cutoff";

const cutoff = { at: 7, tokenHashes: ["hash"] };
const proof = (at: number, tokenHash?: string) => ({ sub: "sub", at, tokenHash });

describe.each([
  ["erasure", "erased_user"],
  ["signedOut", "signed_out"],
] as const)("%s", (name, reason) => {
  test.each([
    [6, undefined, reason],
    [7, undefined, reason],
    [8, undefined, undefined],
    [8, "hash", reason],
    [8, "another", undefined],
  ])("a proof of time %d with hash %s: %s", (at, tokenHash, expected) => {
    expect(outdatedBy(proof(at, tokenHash), { [name]: cutoff })).toBe(expected);
  });

  test("what is outdated is refused with its reason, and nothing else is", () => {
    expect(() => {
      assertCurrent(proof(7), { [name]: cutoff });
    }).toThrow(expect.objectContaining({ name: "UnauthorizedError", reason }) as Error);
    expect(() => {
      assertCurrent(proof(8), { [name]: cutoff });
    }).not.toThrow();
  });
});

test("who was erased is told so, whatever else they are", () => {
  expect(outdatedBy(proof(7), { erasure: cutoff, signedOut: cutoff })).toBe("erased_user");
});

test("without a record, or without a mark on it, every proof counts", () => {
  expect(outdatedBy(proof(0), undefined)).toBeUndefined();
  expect(outdatedBy(proof(0, "hash"), {})).toBeUndefined();
});

describe("the next cutoff", () => {
  const erasure = { at: 100, tokenHashes: ["e1", "e2"] };
  const signedOut = { at: 200, tokenHashes: ["s1", "e1"] };

  test("holds for all that the ones before held for", () => {
    expect(nextCutoff(300, ["new", undefined, "claims"], { erasure, signedOut })).toEqual({
      at: 300,
      tokenHashes: ["new", "claims", "s1", "e1", "e2"],
    });
  });

  test.each([
    [{ erasure, signedOut }, 201],
    [{ erasure }, 101],
    [{}, 50],
  ])("is never older than %j, whatever the clock says", (earlier, at) => {
    expect(nextCutoff(50, [], earlier).at).toBe(at);
  });

  test("knows eight tokens at most, the newest ones", () => {
    const known = Array.from({ length: 7 }, (_, n) => `new-${String(n)}`);
    const { tokenHashes } = nextCutoff(300, known, { erasure, signedOut });
    expect(tokenHashes).toEqual([...known, "s1"]);
  });
});

test("the latest of two is the later one, or the one that there is", () => {
  const later = { at: 8, tokenHashes: [] };
  expect(latest(cutoff, later)).toBe(later);
  expect(latest(later, cutoff)).toBe(later);
  expect(latest(undefined, cutoff)).toBe(cutoff);
  expect(latest(cutoff, undefined)).toBe(cutoff);
  expect(latest(undefined, undefined)).toBeUndefined();
});
