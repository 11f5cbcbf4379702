import type { Approval } from "./approve";
import type { Operator } from "./operator";
import type { Report } from "./show";

/**
 * Makes a command's action: finds the deployment, does the work with its operator, prints the
 * report. `Args` are commander's: the command's arguments in order, then its options. With an
 * approval the command changes something, unless it has the option `--dry-run`.
 */
export type Act = <Args extends readonly unknown[]>(
  work: (operator: Operator, ...args: Args) => Promise<Report>,
  approval?: Approval,
) => (...args: Args) => Promise<void>;

export interface Terminal {
  readonly write: (text: string) => void;
  readonly fail: (text: string) => void;
  /** Undefined without a person at the terminal. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
}
