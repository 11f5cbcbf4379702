/** Pictures of what an operator sees, one of each in either scheme. */
import type { PageWorld } from "./page-world";
import { createTraffic } from "./operations-world";
import type { Page } from "playwright-core";

/** As {@link throughOperations} calls them. */
export const OPERATOR_VIEWS = ["operations"];

/** Nine minutes as usual, and five without the provider, once for all pictures. */
export async function playOutage(world: PageWorld, pass: (ms: number) => void): Promise<void> {
  const traffic = createTraffic(world, pass);
  for (let minute = 0; minute < 9; minute += 1) {
    await traffic.minute(4 + (minute % 4));
  }
  await traffic.tell({ provider: "down" });
  for (let minute = 0; minute < 5; minute += 1) {
    await traffic.minute(4, 86_400);
  }
}

export async function throughOperations(
  world: PageWorld,
  page: Page,
  seen: (view: string) => Promise<void>,
): Promise<void> {
  await page.goto(`${world.stack.outputs.pageUrl}/operations`);
  await page.getByText("ALARM", { exact: true }).first().waitFor();
  await seen("operations");
}
