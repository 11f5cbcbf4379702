import { crc32 } from "node:zlib";
import fc from "fast-check";
import { sessionTokens } from "../../../lambda/auth/session-token";

describe("session tokens", () => {
  test("have a prefix that scanners know, 256 random bits and a checksum, and hash to what is stored", () => {
    const { token, tokenHash } = sessionTokens.create();
    expect(token).toMatch(/^rvs_[A-Za-z0-9_-]{49}$/);
    expect(sessionTokens.isSessionToken(token)).toBe(true);
    expect(sessionTokens.hash(token)).toBe(tokenHash);
    expect(tokenHash).not.toContain(token.slice(4, 20));
  });

  test("never meet twice", () => {
    const tokens = Array.from({ length: 1_000 }, () => sessionTokens.create().token);
    expect(new Set(tokens).size).toBe(1_000);
  });

  test("with one character changed, or any other form, are none of ours", () => {
    const { token } = sessionTokens.create();
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    fc.assert(
      fc.property(fc.nat({ max: token.length - 5 }), fc.nat({ max: 63 }), (at, character) => {
        const changed = token.slice(0, at + 4) + (alphabet[character] ?? "") + token.slice(at + 5);
        fc.pre(changed !== token);
        expect(sessionTokens.hash(changed)).toBeUndefined();
      }),
    );
    for (const other of [
      "",
      "rvs_",
      `${token}A`,
      token.slice(0, -1),
      token.slice(4),
      ` ${token}`,
    ]) {
      expect(sessionTokens.hash(other)).toBeUndefined();
    }
  });

  test.each([
    ["something before it", `xrvs_${"A".repeat(43)}`],
    ["something after it", `rvs_${"A".repeat(44)}`],
  ])("with %s are none of ours, although the checksum is right", (_, text) => {
    const checksum = Buffer.alloc(4);
    checksum.writeUInt32BE(crc32(text.slice(4)));
    expect(sessionTokens.hash(text + checksum.toString("base64url"))).toBeUndefined();
  });
});
