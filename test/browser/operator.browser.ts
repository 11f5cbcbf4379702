/** The operator's screen over the real stack, by keyboard alone. */
import type { Page } from "playwright-core";
import { inChromium } from "./in-chromium";
import { press, type } from "./keyboard";
import { faultsOf } from "./looks";
import {
  type Known,
  openScreen,
  populate,
  PROD,
  providerShown,
  SCREEN_VIEWS,
  throughScreen,
} from "./operator-views";
import { usePageWorld } from "./page-world";

const PLACE = "Stage prod · account 123456789012 · region eu-central-1";
const SEARCH = "Subject, name or e-mail address";

const world = usePageWorld();

async function find(page: Page, { name }: Known): Promise<void> {
  await type(page, SEARCH, name);
  await page.keyboard.press("Enter");
  await page.getByText(/that is all/).waitFor();
  await press(page, name);
  await page.getByRole("heading", { name: /What has happened/ }).waitFor();
}

/** The field has the focus as soon as it is asked for. */
async function answer(page: Page, text: string): Promise<void> {
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Control+A");
  await page.keyboard.type(text);
  await page.keyboard.press("Enter");
}

async function said(page: Page, text: string): Promise<void> {
  await page.getByRole("status").getByText(text, { exact: true }).waitFor();
}

inChromium("the operator's screen", () => {
  test("finds somebody, freezes, unfreezes, disconnects and erases, each time by what was typed", async () => {
    const [ada] = await populate(world, " by keys");
    const known = ada!;
    const { page, complaints, close } = await openScreen(world, {}, PROD);
    await page.getByText(PLACE).waitFor();
    await find(page, known);
    await page.getByText("The kept access token is handed out").waitFor();

    await press(page, "Freeze");
    await answer(page, "dev");
    await page.getByRole("dialog").getByText("That is not it. Nothing was changed.").waitFor();
    await answer(page, "prod");
    await said(page, `${known.name} is frozen.`);
    await page.getByText("an operator has frozen this user").waitFor();
    await page.getByText("Frozen by an operator").waitFor();

    await press(page, "Unfreeze");
    await answer(page, "prod");
    await said(page, `${known.name} is unfrozen.`);

    await press(page, "Disconnect");
    await page.getByRole("dialog").getByText(PLACE).waitFor();
    await page.keyboard.press("Escape");
    await page.getByText("The kept access token is handed out").waitFor();
    await press(page, "Disconnect");
    await answer(page, "prod");
    await said(page, `${known.name} is disconnected.`);
    await page.getByText("The user has to sign in").waitFor();

    await press(page, "Erase");
    await answer(page, "prod");
    await page.getByRole("dialog").getByText("That is not it. Nothing was changed.").waitFor();
    await answer(page, known.sub);
    await said(page, `${known.name} is erased.`);
    await page.getByText(", finished").waitFor();
    expect(complaints).toEqual([]);
    await close();
  });

  test("lists by status, and the switch for all, by keyboard", async () => {
    const { page, close } = await openScreen(world, {}, PROD);
    await providerShown(page);
    await press(page, /^\d+ frozen$/);
    await page.getByRole("heading", { name: "Users: frozen" }).waitFor();
    await page
      .getByRole("link", { name: /^Grace Hopper/ })
      .first()
      .waitFor();
    await press(page, "Overview");
    await page.getByRole("heading", { name: "Everybody" }).waitFor();
    await press(page, "Freeze all users");
    await answer(page, "prod");
    await said(page, "All users are frozen.");
    await press(page, "Unfreeze all users");
    await answer(page, "prod");
    await said(page, "All users are unfrozen.");
    await close();
  });

  test("where one is stays in view, however far one scrolls", async () => {
    const { page, close } = await openScreen(
      world,
      { viewport: { width: 390, height: 400 } },
      PROD,
    );
    await providerShown(page);
    await page.evaluate(() => {
      scrollTo(0, document.body.scrollHeight);
    });
    const box = await page.getByText(PLACE).boundingBox();
    expect(box?.y).toBeGreaterThanOrEqual(0);
    expect(box?.y).toBeLessThan(100);
    await close();
  });

  test("its address opens one tab, which may be loaded again", async () => {
    const { page, address, close } = await openScreen(world);
    expect(page.url()).not.toContain("t=");
    await page.reload();
    await page.getByRole("heading", { name: "Find a user" }).waitFor();
    const other = await page.context().newPage();
    await other.goto(address);
    await other.getByText("This tab may not look").waitFor();
    expect(await other.getByRole("heading", { name: "Find a user" }).count()).toBe(0);
    await close();
  });

  test("another page of this machine gets nothing, even with the key", async () => {
    const { page, address, close } = await openScreen(world);
    const { origin } = new URL(address);
    const key = await page.evaluate(() => sessionStorage.getItem("key"));
    expect(key).toMatch(/^[\w-]{43}$/);
    const other = await page.context().newPage();
    await other.goto(`${world.stack.outputs.apiUrl}/health`);
    const outcome = await other.evaluate(
      async ([url, bearer]) => {
        try {
          const headers = { authorization: `Bearer ${String(bearer)}` };
          return (await fetch(`${String(url)}/api/place`, { headers })).status;
        } catch (error) {
          return (error as Error).name;
        }
      },
      [origin, key],
    );
    expect(outcome).toBe("TypeError");
    await close();
  });

  test("in every look axe finds nothing in any view, and nothing is sideways", async () => {
    const [known] = await populate(world, " to look at");
    const { page, complaints, close } = await openScreen(world, {}, PROD);
    const faults: string[] = [];
    const seen: string[] = [];
    await throughScreen(page, known!, async (view) => {
      seen.push(view);
      faults.push(...(await faultsOf(page, view)));
    });
    expect([faults, complaints, seen]).toEqual([[], [], SCREEN_VIEWS]);
    await close();
  });

  test("in forced colours the place and its cards keep their edges", async () => {
    const { page, close } = await openScreen(world, { forcedColors: "active" }, PROD);
    const edges = await page.evaluate(() =>
      [".banner", ".card"].map((selector) => {
        const place = document.querySelector(selector) ?? document.body;
        return getComputedStyle(place).borderBottomStyle;
      }),
    );
    expect(edges).toEqual(["double", "solid"]);
    await close();
  });
});
