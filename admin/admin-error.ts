/** Something that the person at the terminal can mend; the message says how. */
export class AdminError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "AdminError";
  }
}
