import { InvalidArgumentError } from "commander";

/** Reads an option of a command. */
export function wholeNumberFrom(least: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (!Number.isSafeInteger(number) || number < least) {
      throw new InvalidArgumentError(`it is a whole number from ${least}`);
    }
    return number;
  };
}
