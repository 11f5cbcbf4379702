/** What the local run answers at `/local/operations` and `/local/neighbours`. */

export interface OperationsDocument {
  /** Epoch milliseconds, as is every time here. */
  readonly at: number;
  readonly from: number;
  readonly stepMs: number;
  readonly widgets: readonly Widget[];
}

export type Widget =
  | { readonly kind: "heading"; readonly text: string }
  | { readonly kind: "alarms"; readonly title: string; readonly alarms: readonly Alarm[] }
  | Graph;

export interface Graph {
  readonly kind: "graph";
  readonly title: string;
  readonly series: readonly Series[];
}

export interface Series {
  readonly label: string;
  /** One per step; null where there is no value. */
  readonly points: readonly (number | null)[];
  /** Whether the local run has such a metric: some are AWS's own. */
  readonly isHere: boolean;
  /** Whether its points can be added up. */
  readonly isCount: boolean;
}

export interface Alarm {
  readonly name: string;
  readonly state: "OK" | "ALARM";
  readonly since: number;
  readonly reason: string;
  readonly means: string;
  /** Path of its article. */
  readonly article: string;
}

/** What is broken on purpose, and how; null where nothing is. */
export type Troubles = Readonly<
  Record<"kms" | "dynamodb" | "secretsmanager" | "provider", string | null>
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
