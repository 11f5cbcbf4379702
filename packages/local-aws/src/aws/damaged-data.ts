/** A file of the data folder that is there, and is not what a run wrote. */
export class DamagedData extends Error {
  /** @param cause never a parser's words about a file with secrets in it */
  constructor(path: string, cause?: unknown) {
    super(`${path} is damaged, or was written by another version`, { cause });
    this.name = "DamagedData";
  }
}
