/** The session of this tab, to fill it in. */
import type { Settings } from "../settings";
import { createVault } from "../vault";

/**
 * The client keeps the session to itself, and shows it to the API alone: so this listens while the
 * client asks for the user.
 * @returns undefined where nobody is signed in, or the session is in a cookie that no script reads
 */
export async function sessionOfThisTab(settings: Settings): Promise<string | undefined> {
  const send = globalThis.fetch.bind(globalThis);
  let heard: string | undefined;
  globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const isApi = new URL(request.url).origin === new URL(settings.apiUrl).origin;
    if (isApi) {
      heard = request.headers.get("authorization")?.replace(/^Bearer /, "") ?? heard;
    }
    return await send(request);
  };
  try {
    await createVault(settings).user();
    return heard;
  } catch {
    return undefined;
  } finally {
    globalThis.fetch = send;
  }
}
