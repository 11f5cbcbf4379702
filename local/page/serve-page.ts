import { LocalRunError } from "../local-run-error";
import type { Watch, Watched } from "../operations/watch";
import type { Outputs } from "../outputs";
import { type StackOptions, stepOf } from "../stack-options";
import type { ActivityLog } from "./activity";
import { createPageContent } from "./page-content";
import type { PageServer } from "./page-server";

interface Served extends Watched {
  readonly page: PageServer | undefined;
  readonly activity: ActivityLog;
  readonly outputs: Outputs;
  readonly watch: Watch | undefined;
}

/** @throws LocalRunError where the page's sources are wrong */
export async function servePage(options: StackOptions, served: Served): Promise<void> {
  const { page, activity, functions, outputs, watch } = served;
  if (page === undefined || watch === undefined) {
    return;
  }
  watch.attach(served);
  const callers = [...functions.identities].map(([id, { roleName }]): [string, string] => [
    id,
    roleName,
  ]);
  const { users, refreshTokens, sessions } = outputs.tables;
  const tables = new Map([
    [users, "Users"],
    [refreshTokens, "RefreshTokens"],
    [sessions, "Sessions"],
  ]);
  await stepOf(options)("Page", async () => {
    try {
      page.serve(
        createPageContent({
          url: page.url,
          outputs,
          activity,
          watch,
          resourceUrl: options.page?.resourceUrl,
          transport: options.sessions?.transport ?? "bearer",
          names: { callers: new Map(callers), tables },
        }),
      );
    } catch (error) {
      throw new LocalRunError("the page's sources in packages/page/src/ cannot be bundled", {
        cause: error,
      });
    }
    await Promise.resolve();
  });
}
