/** Numbers as text. Imports nothing. */

const DECIMAL = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
/** More digits no double has, nor does `toExponential` take them. */
const MAX_DIGITS = 100;

/**
 * Whether JavaScript's number, rounded to as many digits as the text has, is the text again: then
 * nothing was lost (RFC 8259 section 6: a number is a double). So `0.1` and `0.10000000000000001`
 * are kept; `9007199254740993`, `1e400` and `1e-400` would become other numbers.
 */
export function keepsDigits(text: string): boolean {
  const value = Number(text);
  if (Number.isSafeInteger(value) && String(value) === text) {
    return true;
  }
  const [, whole, fraction = "", exponent = "0"] = DECIMAL.exec(text) ?? [];
  if (whole === undefined || !Number.isFinite(value)) {
    return false;
  }
  const digits = whole + fraction;
  const significant = digits.replace(/^0+/, "");
  const told = significant.replace(/0+$/, "");
  if (told === "") {
    return true;
  }
  if (told.length > MAX_DIGITS) {
    return false;
  }
  const power = whole.length - (digits.length - significant.length) - 1 + Number(exponent);
  const size = Math.abs(value);
  // The shortest form counts, too: where the exact value lies halfway, `toExponential(n)` rounds
  // up, although the text may be the shortest form.
  return [size.toExponential(told.length - 1), size.toExponential()].some((written) => {
    const [mantissa = "", kept] = written.split("e");
    return mantissa.replace(".", "") === told && Number(kept) === power;
  });
}
