/** What the local run answers at `/local/operations`. Times are epoch milliseconds. */
export interface OperationsDocument {
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
  /** When the state became what it is. */
  readonly since: number;
  readonly reason: string;
  /** When it fires, in the words of its description. */
  readonly means: string;
  /** Path of the runbook article on the page's own origin. */
  readonly article: string;
}
