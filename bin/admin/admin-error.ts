/** Something that the person at the terminal can mend; the message says how. */
export class AdminError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AdminError";
  }
}
