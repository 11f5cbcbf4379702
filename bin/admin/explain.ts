import { ServiceError } from "../../lambda/errors";

/** The SDK's messages name ARNs and accounts; the operator may see them. */
export function explain(error: unknown): string {
  if (error instanceof ServiceError) {
    const cause = error.cause instanceof Error ? `: ${error.cause.message}` : "";
    return `${error.message}${cause}`;
  }
  return error instanceof Error ? error.message : String(error);
}
