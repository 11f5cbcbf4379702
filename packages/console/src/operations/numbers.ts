/** Times and values in the words of the page. */

const CLOCK = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
const NUMBER = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

/** @param at epoch milliseconds @returns e.g. `16:44:15`, in the browser's zone */
export function clock(at: number): string {
  return CLOCK.format(at);
}

export function shown(value: number | null | undefined): string {
  return value == null ? "–" : NUMBER.format(value);
}

const STEPS = [1, 2, 5, 10];

/** The next round number from `value` on, so that an axis has few and readable ends. */
export function roundUp(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return (STEPS.find((step) => step * unit >= value) ?? 10) * unit;
}
