/** What a check of the smoke suite is, and what the checks of a run share. */
import type { Api } from "./api";
import type { Deployment } from "./deployment";
import type { Person } from "./person";
import type { Headers } from "./verdict";

export interface Check {
  readonly name: string;
  /** Operations of the contract whose right answer it shows, such as `GET /me`. */
  readonly shows?: readonly string[];
  /** Runs once the run was stopped, too: it cleans up. */
  readonly always?: true;
  /** @throws Failed, Skipped */
  run(run: Run): Promise<void>;
}

/** What the checks find out, in their order. */
export interface Run {
  readonly deployment: Deployment;
  readonly api: Api;
  /** Undefined: nobody can sign in. */
  readonly person: Person | undefined;
  /** Why there is no person. */
  readonly noPerson: string;
  /** Signs requests for the service route; undefined: not asked for. */
  readonly service: Signer | undefined;
  /** What proves the person, as headers; the first one before there is a session. */
  evidence?: Headers;
  session?: { readonly id: string; readonly headers: Headers };
  /** Of the user that this run made, and will erase. */
  own?: { readonly sub: string };
  /** The first access token from an exchange. */
  accessToken?: string;
}

/** Adds the headers of Signature Version 4. */
export type Signer = (url: string, body: string) => Promise<Headers>;
