import { toDerSignature } from "../../../lambda/auth/ecdsa-der";
import { toJoseSignature } from "../../../lambda/kms/jose-signature";

const ones = (count: number) => "11".repeat(count);
const LONGEST = `01${"ff".repeat(65)}`;

/** r and s in hex, the size of each in bytes, and the whole in hex. */
const ROWS: readonly [name: string, r: string, s: string, size: number, der: string][] = [
  ["short numbers", "01", "7f", 4, "30 06 0201 01 0201 7f"],
  ["a first bit that would be a sign", "80", "ff", 1, "30 08 0202 0080 0202 00ff"],
  ["zero", "00", "00", 4, "30 06 0201 00 0201 00"],
  ["zeros within", "01000000", "00800000", 4, "30 0c 0204 01000000 0204 00800000"],
  ["127 bytes", ones(62), ones(61), 66, `30 7f 023e ${ones(62)} 023d ${ones(61)}`],
  ["128 bytes", ones(62), ones(62), 66, `30 8180 023e ${ones(62)} 023e ${ones(62)}`],
  ["the longest of P-521", LONGEST, LONGEST, 66, `30 8188 0242 ${LONGEST} 0242 ${LONGEST}`],
];

test.each(ROWS)("%s", (_, r, s, size, der) => {
  const halves = [r, s].map((hex) => hex.padStart(2 * size, "0")).join("");
  expect(toDerSignature(Buffer.from(halves, "hex")).toString("hex")).toBe(der.replaceAll(" ", ""));
});

test("is what the reader of DER signatures reads back", () => {
  for (let at = 0; at < 256; at += 1) {
    const jose = Buffer.alloc(64, at);
    jose.fill(0, 0, at % 32);
    jose.fill(0, 32, 32 + (at % 7));
    expect(toJoseSignature(toDerSignature(jose))).toEqual(jose);
  }
});
