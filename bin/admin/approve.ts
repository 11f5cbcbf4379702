/** No command changes a deployment before its operator has seen which one it is. */
import type { Terminal } from "./act";
import { AdminError } from "./admin-error";
import type { Place } from "./target";

/**
 * - `shows`: the command asks itself, for something that is harder to type by mistake.
 * - `asks`: for the stage's name.
 */
export type Approval = "shows" | "asks";

/**
 * @param place undefined: the local run, which has nobody's users
 * @throws AdminError where the operator does not confirm
 */
export async function approve(
  { ask, fail }: Pick<Terminal, "ask" | "fail">,
  place: Place | undefined,
  { how, isSure }: { readonly how: Approval; readonly isSure: boolean },
): Promise<void> {
  if (place === undefined) {
    return;
  }
  const { stage, account, region } = place;
  fail(`stage ${stage}, account ${account}, region ${region}\n`);
  if (how === "shows" || isSure) {
    return;
  }
  const answer = await ask?.(`Type the name of the stage to change it: `);
  if (answer !== stage) {
    throw new AdminError(`nothing was changed: type "${stage}", or say --yes`);
  }
}
