import fc from "fast-check";
import type { Opener, SealContext, Sealer } from "../../lambda/ports/crypto";
import { ALICE, BOB } from "../support/tokens";

const CONTEXT: SealContext = {
  sub: ALICE,
  grantId: "grant-1",
  gen: 3,
  purpose: "refresh_token",
};

/** What the use cases rely on, whoever implements it. */
export function cipherContract(createCipher: () => Promise<Sealer & Opener>): void {
  let cipher: Sealer & Opener;
  let sealed: Uint8Array;

  beforeAll(async () => {
    cipher = await createCipher();
    sealed = (await cipher.newKey(CONTEXT)).seal("a secret, and ünïcode", "refresh_token");
  });

  test("what is sealed opens again", async () => {
    expect(await cipher.open(sealed, CONTEXT)).toBe("a secret, and ünïcode");
  });

  test("both secrets of one write open, each for its own purpose", async () => {
    const key = await cipher.newKey(CONTEXT);
    const [refresh, access] = [key.seal("r", "refresh_token"), key.seal("a", "access_token")];
    expect(await cipher.open(refresh, CONTEXT)).toBe("r");
    expect(await cipher.open(access, { ...CONTEXT, purpose: "access_token" })).toBe("a");
  });

  test.each<[string, Partial<SealContext>]>([
    ["user", { sub: BOB }],
    ["grant", { grantId: "grant-2" }],
    ["generation", { gen: 4 }],
    ["purpose", { purpose: "access_token" }],
  ])("S37: moved to another %s it does not open", async (_, other) => {
    await expect(cipher.open(sealed, { ...CONTEXT, ...other })).rejects.toMatchObject({
      reason: "ciphertext_rejected",
    });
  });

  test("S37: with any bit changed it does not open", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(sealed.length * 8 - 1), async (bit) => {
        const changed = Uint8Array.from(sealed);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        await expect(cipher.open(changed, CONTEXT)).rejects.toMatchObject({
          reason: "ciphertext_rejected",
        });
      }),
      { numRuns: 60 },
    );
  });

  test("S37: cut short, or empty, it does not open", async () => {
    for (const length of [0, 1, 3, 20, sealed.length - 1]) {
      await expect(cipher.open(sealed.subarray(0, length), CONTEXT)).rejects.toMatchObject({
        reason: "ciphertext_rejected",
      });
    }
  });

  test("S38: the same secret sealed twice has nothing in common", async () => {
    const again = (await cipher.newKey(CONTEXT)).seal("a secret, and ünïcode", "refresh_token");
    expect(Buffer.from(again).equals(Buffer.from(sealed))).toBe(false);
    expect(Buffer.from(again).subarray(-16).equals(Buffer.from(sealed).subarray(-16))).toBe(false);
  });

  test("the secret is not in the ciphertext", () => {
    expect(Buffer.from(sealed).includes("a secret")).toBe(false);
  });
}
