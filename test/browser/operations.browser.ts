/** The page Operations, by keyboard, with alarms that fire by what was broken on it. */
import { join } from "node:path";
import { readAssembly } from "@rollup-vault/local-aws/template/assembly";
import type { Page } from "playwright-core";
import { sideways, violations } from "./axe";
import { inChromium } from "./in-chromium";
import { press, tabTo } from "./keyboard";
import { faultsOf } from "./looks";
import { createTraffic, type Traffic } from "./operations-world";
import { type PageWorld, usePageWorld } from "./page-world";

const MAX_BYTES = 12_000;

let traffic: Traffic;
let ahead = 0;
const world = usePageWorld(() => ({ now: () => Date.now() + ahead }));

async function open(options: Parameters<PageWorld["open"]>[0] = {}) {
  const tab = await world.open(options);
  await tab.page.goto(`${world.stack.outputs.pageUrl}/operations`);
  await tab.page.getByRole("heading", { name: "Requests by outcome" }).waitFor();
  return tab;
}

const alarm = (page: Page, name: string) =>
  page.getByRole("listitem").filter({ hasText: new RegExp(`^${name}`) });

inChromium("the page Operations", () => {
  beforeAll(() => {
    traffic = createTraffic(world, (ms) => {
      ahead += ms;
    });
  });

  test("is one link away from the app, and has the template's widgets by their titles", async () => {
    const { page, complaints } = await world.open({ viewport: { width: 1280, height: 800 } });
    await page.getByRole("link", { name: "Operations" }).click();
    await page.getByRole("heading", { name: "Operations", level: 1 }).waitFor();
    await page.getByRole("heading", { name: "Requests by outcome" }).waitFor();
    const { resources } = await readAssembly(join(world.stack.dataFolder, "cdk.out"));
    const [dashboard] = resources.filter(({ type }) => type === "AWS::CloudWatch::Dashboard");
    const body = JSON.stringify(dashboard?.properties["DashboardBody"]);
    const titles = [...body.matchAll(/\\"title\\":\\"(.*?)\\"/g)].map(([, title]) => title);
    expect(titles.length).toBeGreaterThan(10);
    expect(await page.getByRole("heading", { level: 3 }).allTextContents()).toEqual(titles);
    expect(complaints).toEqual([]);
  });

  test("by keyboard: break the provider, and its alarm leads to its article; mended, it is OK", async () => {
    const { page, complaints } = await open();
    await traffic.minute(3);
    await press(page, "Provider is down");
    await page.getByText("Provider is down. Mend it").waitFor();
    for (let minute = 0; minute < 4; minute += 1) {
      await traffic.minute(3, 86_400);
    }
    await alarm(page, "ProviderDown").getByText("ALARM", { exact: true }).waitFor();
    await alarm(page, "UsersNotServed").getByText("ALARM", { exact: true }).waitFor();
    await alarm(page, "ProviderDown").getByText("Percent of what needs the provider").waitFor();
    expect(await violations(page)).toEqual([]);
    await press(page, "Mend everything");
    await page.getByText("Nothing is broken.").waitFor();
    await tabTo(page, "What to do about ProviderDown");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/operations\/runbook#alarm-providerdown$/);
    expect(await page.locator(":target").textContent()).toBe("Alarm ProviderDown");
    expect(await violations(page)).toEqual([]);
    expect(await sideways(page)).toBe(0);
    ahead += 6 * 60_000;
    await page.goBack();
    await alarm(page, "ProviderDown").getByText("OK", { exact: true }).waitFor();
    expect(complaints).toEqual([]);
  });

  test("a graph says its values at any time to who does not see it", async () => {
    await traffic.minute(3);
    const { page } = await open();
    await tabTo(page, "Time in Requests by outcome");
    await page.keyboard.press("Home");
    const slider = page.getByRole("slider", { name: "Time in Requests by outcome" });
    const first = await slider.getAttribute("aria-valuetext");
    expect(first).toMatch(/^\d\d:\d\d:\d\d: .*kept \d/);
    await page.keyboard.press("End");
    expect(await slider.getAttribute("aria-valuetext")).not.toBe(first);
  });

  test("it stands still where somebody wants to read", async () => {
    const { page } = await open();
    await press(page, "Pause");
    await page.getByText(/^As of /).waitFor();
    const before = await page.locator("#board").innerHTML();
    await traffic.minute(3);
    expect(await page.locator("#board").innerHTML()).toBe(before);
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByText(/^Live; /).waitFor();
  });

  test("in every look axe finds nothing, and nothing is sideways; nor in the runbook", async () => {
    const { page, complaints } = await open();
    expect(await faultsOf(page, "operations")).toEqual([]);
    await page.goto(`${world.stack.outputs.pageUrl}/operations/runbook`);
    expect(await faultsOf(page, "runbook")).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test("in forced colours lines, alarms and what is pressed can be told apart", async () => {
    await traffic.tell({ kms: "fails" });
    const { page } = await open({ forcedColors: "active" });
    await page.getByText("KMS fails.").waitFor();
    const looks = await page.evaluate(() => {
      const style = (selector: string) =>
        getComputedStyle(document.querySelector(selector) ?? document.body);
      return {
        dashes: style(".legend .s1").strokeDasharray,
        badge: style(".badge").borderTopStyle,
        pressed: style('[aria-pressed="true"]').backgroundColor,
        other: style('[aria-pressed="false"]').backgroundColor,
      };
    });
    expect(looks.dashes).not.toBe("none");
    expect(looks.badge).toBe("solid");
    expect(looks.pressed).not.toBe(looks.other);
    await traffic.tell({ kms: null });
  });

  test("weight: its own files, and none of them in the app's page", async () => {
    const { page } = await open();
    const sizes = await page.evaluate(() =>
      performance
        .getEntriesByType("resource")
        .map((entry) => entry as PerformanceResourceTiming)
        .filter(({ name }) => /\.(?:js|css)$/.test(name))
        .map(({ transferSize }) => transferSize),
    );
    expect(sizes).toHaveLength(3);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(MAX_BYTES);
  });
});
