/**
 * What a user reads: times, and what each status, outcome and error means. To a user a grant is the
 * connection to the provider, which has a name.
 */
import type { VaultError } from "./vault";

const DATE = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });

export function dateText(time: string | null): string {
  return time === null ? "never" : DATE.format(new Date(time));
}

const SECONDS = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "medium" });

/** For what lives for seconds. */
export function secondText(time: string): string {
  return SECONDS.format(new Date(time));
}

const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
] as const;

/** `just now`, `5 minutes ago`, `in 3 days`. */
export function relativeText(time: string, now = Date.now()): string {
  const seconds = Math.round((Date.parse(time) - now) / 1000);
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? [];
  if (size === undefined) {
    return seconds > 5 ? "in a moment" : "just now";
  }
  return new Intl.RelativeTimeFormat("en").format(Math.round(seconds / size), unit);
}

/** `59:07`, `1:02:03`. */
export function clockText(seconds: number): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60)];
  const tail = `${hours > 0 ? two(minutes) : String(minutes)}:${two(seconds % 60)}`;
  return hours > 0 ? `${String(hours)}:${tail}` : tail;
}

export function bytesText(text: string): string {
  return `${String(new TextEncoder().encode(text).length)} of 8192 bytes`;
}

export type Badge = readonly [word: string, tone: string];

export function statusText(status: string, provider: string): readonly [...Badge, says: string] {
  switch (status) {
    case "active":
      return [
        "Healthy",
        "good",
        "This app can get access tokens for you, also while you are away.",
      ];
    case "needs_sign_in":
      return ["Sign-in needed", "bad", `${provider} no longer accepts your connection.`];
    case "none":
      return ["Not connected", "idle", "Sign in again to connect."];
    case "frozen":
      return ["Paused", "warn", "The operator has paused access tokens. Nothing is lost."];
    default:
      return [status, "idle", ""];
  }
}

export function outcomeText(outcome: string, provider: string): Badge {
  switch (outcome) {
    case "stored":
      return ["Connected", "good"];
    case "exchanged":
      return [`New access token from ${provider}`, "good"];
    case "scope_changed":
      return ["Granted scopes changed", "idle"];
    case "served":
      return ["Stored access token used", "idle"];
    case "refused":
      return [`Refused by ${provider}`, "bad"];
    case "in_doubt":
      // Whether this needs a sign-in depends on the provider; the grant's status says so.
      return [`${provider}'s answer was lost`, "warn"];
    case "foreign_subject":
      return ["Answered for another user; closed", "bad"];
    case "failed":
      return [`${provider} could not be used`, "warn"];
    case "disconnected":
      return ["Disconnected", "idle"];
    case "frozen":
      return ["Paused by the operator", "warn"];
    case "unfrozen":
      return ["Resumed by the operator", "good"];
    default:
      return [outcome, "idle"];
  }
}

/** A user knows people and apps, not routes. */
export function actorText(by: string): string {
  return ACTORS.find(([pattern]) => pattern.test(by))?.[1] ?? "by the app";
}

const ACTORS: readonly (readonly [RegExp, string])[] = [
  [/^admin/, "by the operator"],
  [/^arn:/, "by the app’s server, while you were away"],
  [/^sweep/, "by itself, in the background"],
  [/^POST \/sessions/, "as you signed in"],
];

export interface Advice {
  readonly tone: "warn" | "bad" | "idle";
  readonly title: string;
  readonly text: string;
}

/** By `action`, which is enough for an app; a few codes have words of their own. */
export function adviceFor(error: VaultError, provider: string): Advice {
  const { action, code, requestId } = error;
  const reference = requestId === undefined ? "" : ` Reference: ${requestId}`;
  if (code === "needs_sign_in") {
    const text = `${provider} no longer accepts your connection.`;
    return { tone: "bad", title: "Please sign in again", text };
  }
  const special = SPECIAL[code];
  if (special !== undefined) {
    return special;
  }
  if (action === "retry") {
    return {
      tone: "warn",
      title: "Not available right now",
      text: "A service that this app needs does not answer. Nothing was lost.",
    };
  }
  if (action === "sign_in") {
    return { tone: "idle", title: "You are signed out", text: "Sign in to go on." };
  }
  return action === "fix_request"
    ? { tone: "bad", title: "That did not work", text: error.message }
    : {
        tone: "bad",
        title: "Something is wrong on our side",
        text: `We have to look into it.${reference}`,
      };
}

const SPECIAL: Readonly<Record<string, Advice>> = {
  needs_consent: {
    tone: "warn",
    title: "More consent is needed",
    text: "You have not allowed this app all that it needs for this. Sign in again to allow it.",
  },
  network: {
    tone: "warn",
    title: "No connection",
    text: "The service cannot be reached. Are you online?",
  },
  frozen: {
    tone: "warn",
    title: "Access is paused",
    text: "The operator has paused access tokens for now. Nothing is lost.",
  },
  sign_in_denied: {
    tone: "idle",
    title: "You did not sign in",
    text: "Nothing was shared with this app.",
  },
  unsupported: {
    tone: "bad",
    title: "This browser does not let you sign in",
    text: "The page needs a feature that the browser blocks, such as site data. Allow it, then try again.",
  },
  precondition_failed: {
    tone: "warn",
    title: "Changed somewhere else",
    text: "Your attributes were changed, maybe in another tab. Yours are still in the editor.",
  },
  payload_too_large: {
    tone: "bad",
    title: "Too large",
    text: "All attributes together may be 8 KB.",
  },
};
