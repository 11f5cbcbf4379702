/** What an operator sees, view by view: Operations, and the operator's screen. */
import type { BrowserContextOptions, Page } from "playwright-core";
import { createOperator } from "../../bin/admin/operator";
import { localTargetOf, type Place } from "../../bin/admin/target";
import { serveOperatorScreen } from "../../bin/admin/ui/serve";
import { createTraffic } from "./operations-world";
import type { PageWorld } from "./page-world";

/** As {@link throughOperations} and {@link throughScreen} call them, in this order. */
export const SCREEN_VIEWS = [
  "operator",
  "operator-users",
  "operator-search",
  "operator-user",
  "operator-erase",
];
export const OPERATOR_VIEWS = ["operations", "operator", "operator-user"];

/** A deployment by name; its tables are the local run's. */
export const PROD: Place = { stage: "prod", account: "123456789012", region: "eu-central-1" };

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

export interface ScreenTab {
  readonly page: Page;
  readonly address: string;
  /** Errors of the console, and requests to anybody else. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

/** A screen of its own in a profile of its own: an address opens one tab. */
export async function openScreen(
  { stack, browser }: PageWorld,
  options: BrowserContextOptions = {},
  place?: Place,
): Promise<ScreenTab> {
  const target = localTargetOf(stack.outputs);
  if (target === undefined) {
    throw new Error("the world is a local run");
  }
  const operator = createOperator(target);
  const screen = await serveOperatorScreen(
    { place, operator: async () => await Promise.resolve(operator) },
    0,
  );
  const context = await browser.newContext(options);
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type()) && !/^Failed to load/.test(message.text())) {
      complaints.push(message.text());
    }
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    const { origin } = new URL(request.url());
    if (origin !== screen.origin) {
      complaints.push(`a request to ${origin}`);
    }
  });
  const close = async () => {
    await context.close();
    await screen.close();
  };
  try {
    await page.goto(screen.address);
    await page.getByRole("heading", { name: "Find a user" }).waitFor();
  } catch (error) {
    const shown = await page.locator("body").innerText();
    await close();
    throw new Error(`the screen shows: ${shown}`, { cause: error });
  }
  return { page, address: screen.address, complaints, close };
}

export interface Known {
  readonly sub: string;
  readonly name: string;
}

/** People whose grants are in several states; the first has a history. */
export async function populate(world: PageWorld, label: string): Promise<readonly Known[]> {
  const traffic = createTraffic(world, () => undefined);
  const target = localTargetOf(world.stack.outputs);
  const names = ["Ada Lovelace", "Grace Hopper", "Alan Turing", "Edsger Dijkstra"];
  const people: Known[] = [];
  for (const first of names) {
    const name = `${first}${label}`;
    people.push({ name, ...(await traffic.person(name)) });
  }
  const operator = target && createOperator(target);
  const [, grace, alan] = people;
  await operator?.freeze(grace?.sub ?? "");
  await operator?.disconnect(alan?.sub ?? "");
  return people;
}

/** The provider has answered, or not. A busy machine's tables may not have, and are asked again. */
export async function providerShown(page: Page): Promise<void> {
  const section = page.getByRole("region", { name: "The provider" });
  const shown = section.getByText("Last refresh");
  await shown.or(section.locator(".problem")).first().waitFor();
  if ((await shown.count()) === 0) {
    await page.reload();
    await shown.waitFor();
  }
}

export async function throughScreen(
  page: Page,
  { name }: Known,
  seen: (view: string) => Promise<void>,
): Promise<void> {
  await providerShown(page);
  await seen("operator");
  await page.getByRole("link", { name: "All users with a grant" }).click();
  await page.getByRole("heading", { name: "All users with a grant" }).waitFor();
  await seen("operator-users");
  await page.getByRole("link", { name: "Overview" }).click();
  await page.getByRole("searchbox").fill(name);
  await page.getByRole("button", { name: "Find" }).click();
  await page.getByText(/that is all/).waitFor();
  await seen("operator-search");
  await page.getByRole("link", { name }).click();
  await page.getByRole("heading", { name: /What has happened/ }).waitFor();
  await seen("operator-user");
  await page.getByRole("button", { name: "Erase" }).click();
  await page.getByRole("dialog").waitFor();
  await seen("operator-erase");
  await page.keyboard.press("Escape");
}
