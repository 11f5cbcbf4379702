import fc from "fast-check";
import { keepsDigits } from "../../lambda/numbers";

test.each([
  "0",
  "-0",
  "0.0",
  "0e5",
  "1",
  "-1",
  "1.0",
  "10",
  "1e2",
  "1E+2",
  "0.1",
  "-0.5e-3",
  "1e22",
  "0.10000000000000001",
  "9007199254740991",
  "9007199254740992",
  "1.7976931348623157e308",
  "5e-324",
  "0.1000000000000000055511151231257827",
  "123456789.123",
  "00012.50",
  "100e-2",
  // Halfway between two of 17 digits.
  "-181256077007528.62",
])("%s is kept", (text) => {
  expect(keepsDigits(text)).toBe(true);
});

test.each([
  "9007199254740993",
  "-9007199254740993",
  "1e400",
  "-1e400",
  "1e-400",
  "3e-324",
  "1e999999999",
  "3.14159265358979323846",
  "4503599627370497.7",
  `1.${"1".repeat(101)}`,
  "0.1000000000000000057",
  "",
  "x",
  "0x10",
  "Infinity",
  "NaN",
  "1_000",
  "1e",
  ".5",
  "5.",
])("%s would become another number", (text) => {
  expect(keepsDigits(text)).toBe(false);
});

test("whatever JavaScript writes is kept", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const exact = [value.toPrecision(17), value.toExponential(), JSON.stringify(value)];
      expect(exact.map(keepsDigits)).toEqual([true, true, true]);
    }),
  );
});

test("whatever is kept is written again with its value", () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 10n ** 40n }),
      fc.integer({ min: -40, max: 40 }),
      (n, e) => {
        const text = `${String(n)}e${String(e)}`;
        // The exact value of a double, in as many digits as the text has, or in as few as there
        // have to be.
        const digits = String(n).replace(/0+$/, "");
        const written = [
          Number(text).toExponential(Math.max(0, digits.length - 1)),
          Number(text).toExponential(),
        ];
        const isSame =
          n === 0n || written.some((one) => one.split("e")[0]?.replace(".", "") === digits);
        expect(keepsDigits(text)).toBe(isSame);
      },
    ),
  );
});
