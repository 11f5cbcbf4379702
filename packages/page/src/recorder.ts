/**
 * Records the requests of the last action for the diagram, without anything secret. An action may
 * span two documents, since a sign-in leaves the page and returns.
 */
import { type Message, redactedBody, redactedHeaders } from "./panel/redact";
import type { Action, Sent } from "./panel/steps";

const KEY = "last-action";
const CONTINUES_MS = 300_000;

export interface Recorder {
  begin(name: string): void;
  /** Once all that has come in is recorded. */
  current(): Promise<Action | undefined>;
  /** Stores the record before the page is left on purpose. */
  keep(): void;
}

/** @param isTool whether a request is the page's own and not recorded */
export function installRecorder(isTool: (url: URL) => boolean): Recorder {
  let action = restore();
  const reading = new Set<Promise<void>>();
  const read = (message: Request | Response, then: (read: Message) => void) => {
    const work = messageOf(message.clone()).then(then, () => undefined);
    reading.add(work);
    void work.then(() => reading.delete(work));
  };
  const send = globalThis.fetch.bind(globalThis);
  globalThis.fetch = async (input, init) => {
    // Sends this copy: `new Request(input)` has consumed the body of `input`.
    const request = new Request(input, init);
    const url = new URL(request.url);
    if (action === undefined || isTool(url)) {
      return await send(request);
    }
    const startedAt = performance.now();
    const { method } = request;
    const sent: Sent = { at: Date.now(), method, origin: url.origin, path: url.pathname };
    action.sent.push(sent);
    read(request, (message) => {
      sent.request = message;
    });
    try {
      const response = await send(request);
      sent.status = response.status;
      read(response, (message) => {
        sent.answer = message;
      });
      return response;
    } catch (error) {
      sent.status = null;
      throw error;
    } finally {
      sent.durationMs = Math.round(performance.now() - startedAt);
    }
  };
  return {
    begin: (name) => {
      action = { name, startedAt: Date.now(), sent: [] };
    },
    current: async () => {
      await Promise.all(reading);
      return action;
    },
    keep: () => {
      sessionStorage.setItem(KEY, JSON.stringify(action ?? null));
    },
  };
}

async function messageOf(message: Request | Response): Promise<Message> {
  const body = redactedBody(await message.text());
  return { headers: redactedHeaders(message.headers), ...(body !== undefined && { body }) };
}

function restore(): Action | undefined {
  try {
    const stored = JSON.parse(sessionStorage.getItem(KEY) ?? "null") as Action | null;
    sessionStorage.removeItem(KEY);
    return stored !== null && Date.now() - stored.startedAt < CONTINUES_MS ? stored : undefined;
  } catch {
    return undefined;
  }
}
