/** What the bench is at, on standard error: results alone go to standard output. */

export interface Progress {
  note(text: string): void;
  /** Of a count that goes up to `all`. */
  step(title: string, done: number, all: number): void;
}

const LINES_PER_COUNT = 4;

/** On a terminal one line that changes, else a line now and then. */
export function createProgress(output: NodeJS.WriteStream = process.stderr): Progress {
  const startedAt = performance.now();
  let last = "";
  const time = () => `${Math.round((performance.now() - startedAt) / 1000)} s`.padStart(6);
  return {
    note: (text) => {
      output.write(`${time()}  ${text}\n`);
    },
    step: (title, done, all) => {
      const text = `${time()}  ${title}: ${done} of ${all}`;
      if (output.isTTY) {
        output.write(`\r\u001b[2K${text}${done === all ? "\n" : ""}`);
        return;
      }
      const line = `${title} ${Math.floor((LINES_PER_COUNT * done) / all)}`;
      if (line !== last) {
        last = line;
        output.write(`${text}\n`);
      }
    },
  };
}
