/** What the command has at hand; tests bring their own. */
import type { IdpSettings } from "../../lambda/env";
import type { HttpClient } from "../../lambda/ports/http-client";
import type { Clock } from "../../lambda/ports/runtime";
import type { RecordedProviders } from "../../lib/provider/recorded";

export interface Desk {
  readonly write: (text: string) => void;
  readonly fail: (text: string) => void;
  /** All of standard input. */
  readonly read: () => Promise<string>;
  readonly http: HttpClient;
  readonly clock: Clock;
  /** What a stage resolves to. @throws Error with one sentence */
  readonly settingsOf: (stage: string) => IdpSettings;
  readonly records: Records;
  /** Milliseconds for each document of a provider. @default 15,000 */
  readonly timeoutMs?: number;
}

/** lib/stages/providers.json. */
export interface Records {
  read(): RecordedProviders;
  /** Replaces the file at once, or leaves it as it was. */
  write(providers: RecordedProviders): Promise<void>;
}
