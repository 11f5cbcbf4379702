/**
 * The tour's own sign-in comes back to the page's redirect URI, since the provider knows no other.
 * Its answer is put aside here until the tour, which is another process, asks for it.
 */
import type { PageFile } from "./page-server";

/** Where the tour asks, with its `state`. */
export const TOUR_CALLBACK = "/local/tour-callback";

/** A `state` of the tour; whoever knows it may have the answer. */
const TOUR_STATE = /^tour\.[\w-]{43}$/;
const MAX_KEPT = 10;

export interface TourCallbacks {
  /** @returns what is shown in the place of the page; undefined for everything else */
  readonly accept: (target: URL) => PageFile | undefined;
  /** Once. @returns the parameters of the answer, none before it is there */
  readonly read: (query: URLSearchParams) => Readonly<Record<string, string>>;
}

export function createTourCallbacks(): TourCallbacks {
  const answers = new Map<string, Readonly<Record<string, string>>>();
  return {
    accept: ({ pathname, searchParams }) => {
      const state = searchParams.get("state") ?? "";
      if (pathname !== "/callback" || !TOUR_STATE.test(state)) {
        return undefined;
      }
      answers.set(state, Object.fromEntries(searchParams));
      for (const old of [...answers.keys()].slice(0, -MAX_KEPT)) {
        answers.delete(old);
      }
      return DONE;
    },
    read: (query) => {
      const state = query.get("state") ?? "";
      const answer = answers.get(state) ?? {};
      answers.delete(state);
      return answer;
    },
  };
}

const DONE: PageFile = {
  contentType: "text/html; charset=utf-8",
  contentSecurityPolicy: "default-src 'none'",
  body: `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Back to the tour</title>
<h1>Back to the tour</h1>
<p>The tour goes on in your terminal. You can close this page.</p>
</html>
`,
};
