import { crc32 as zlibCrc32 } from "node:zlib";
import fc from "fast-check";
import { crc32 } from "../../../lambda/auth/crc32";

describe("CRC-32", () => {
  test("has the check value of the catalogue of CRC algorithms", () => {
    expect(crc32("123456789")).toBe(0xcbf43926);
    expect(crc32("")).toBe(0);
  });

  test("is zlib's for any ASCII text", () => {
    const ascii = fc.string({ unit: "binary-ascii", maxLength: 200 });
    fc.assert(
      fc.property(ascii, (text) => {
        expect(crc32(text)).toBe(zlibCrc32(text));
      }),
      { numRuns: 2_000 },
    );
  });
});
