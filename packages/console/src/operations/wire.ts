/** What the local run answers at `/local/operations` and `/local/neighbours`. */
import type { OperationsDocument } from "./document";

/** What is broken on purpose, and how; null where nothing is. */
export type Troubles = Readonly<
  Record<
    "kms" | "dynamodb" | "secretsmanager" | "provider" | "functions" | "recovery",
    string | null
  >
>;

export async function readOperations(minutes: number): Promise<OperationsDocument> {
  return (await ask(`/local/operations?minutes=${String(minutes)}`)) as OperationsDocument;
}

export async function readTroubles(): Promise<Troubles> {
  return (await ask("/local/neighbours")) as Troubles;
}

export async function changeTroubles(changes: Partial<Troubles>): Promise<Troubles> {
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify(changes);
  return (await ask("/local/neighbours", { method: "POST", headers, body })) as Troubles;
}

async function ask(path: string, init: RequestInit = {}): Promise<unknown> {
  const answer = await fetch(path, init);
  if (!answer.ok) {
    throw new Error(`the local run answers ${String(answer.status)}`);
  }
  return await answer.json();
}
