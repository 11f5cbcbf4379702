/** An error that the operator can correct; the message says how. */
export class AdminError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AdminError";
  }
}
