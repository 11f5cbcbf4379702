/**
 * What one cannot see in one's own browser: accessibility in every view and scheme, weight, and
 * quiet.
 */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { violations } from "./axe";
import { inChromium } from "./in-chromium";
import { faultsOf } from "./looks";
import { OPERATOR_VIEWS } from "./operator-views";
import { signIn, usePageWorld } from "./page-world";
import { throughAllViews } from "./views";

const IMAGES = join(__dirname, "..", "..", "docs", "images");
const MAX_BYTES = 30_000;

/** As {@link throughAllViews} calls them. */
const VIEWS = [
  "access-token",
  "connection",
  "denied",
  "erase",
  "profile",
  "provider-down",
  "rollup-id",
  "sessions",
  "welcome",
  "your-data",
];

const world = usePageWorld(() => {
  // With every card that there may be; nothing is sent there.
  const resourceUrl = "http://127.0.0.1:9/graphql";
  return { page: { port: 0, orAnyOther: false, resourceUrl } };
});

inChromium("the looks of the page", () => {
  test("axe finds nothing in any view, in every look, and nothing has to be scrolled sideways", async () => {
    const { page, complaints } = await world.open();
    const faults: string[] = [];
    const seen: string[] = [];
    await throughAllViews(world, page, "Ada Lovelace", async (view) => {
      seen.push(view);
      faults.push(...(await faultsOf(page, view)));
    });
    expect(faults).toEqual([]);
    expect(seen.sort()).toEqual(VIEWS);
    expect(complaints).toEqual([]);
  });

  test("axe would find what is wrong", async () => {
    const { page } = await world.open();
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.evaluate(() => {
      document.querySelector("main")?.append(document.createElement("input"));
    });
    expect(await violations(page)).toEqual([expect.stringMatching(/^label: <input>/)]);
  });

  test("weight: five files and a font, 30 KB over the wire beside it, nothing from anybody else", async () => {
    const { page, complaints } = await world.open();
    await page.getByRole("heading", { level: 1 }).waitFor();
    const loaded = await page.evaluate(() =>
      [
        ...performance.getEntriesByType("navigation"),
        ...performance.getEntriesByType("resource"),
      ].map((entry) => {
        const { name, transferSize } = entry as PerformanceResourceTiming;
        const { origin, pathname } = new URL(name);
        return { isOwn: origin === location.origin, pathname, transferSize };
      }),
    );
    // The look behind the scenes is the local run's, and no part of the page.
    const isPart = ({ isOwn, pathname }: (typeof loaded)[number]) =>
      isOwn && pathname !== "/local/activity";
    const [fonts, own] = [true, false].map((isFont) =>
      loaded.filter((each) => isPart(each) && each.pathname.endsWith(".woff2") === isFont),
    ) as [typeof loaded, typeof loaded];
    expect(fonts).toHaveLength(1);
    expect(fonts[0]?.transferSize).toBeLessThan(50_000);
    const files = own.map(({ pathname }) => pathname).sort();
    // A browser without a window may not ask for the icon.
    expect(files.filter((path) => path !== "/icon.svg")).toEqual([
      "/",
      "/app.css",
      "/app.js",
      "/theme.js",
    ]);
    const icon = gzipSync(await (await fetch(`${world.stack.outputs.pageUrl}/icon.svg`)).text());
    const sizes = own.map(({ transferSize }) => transferSize);
    expect(Math.min(...sizes)).toBeGreaterThan(0);
    expect(sizes.reduce((sum, size) => sum + size, icon.length)).toBeLessThan(MAX_BYTES);
    expect(complaints).toEqual([]);
  });

  test("pictures: one of each view in either scheme, 2.5 MB in all (npm run screenshots makes them)", () => {
    const pictures = readdirSync(IMAGES)
      .filter((name) => name.endsWith(".png"))
      .sort();
    const views = [...VIEWS, ...OPERATOR_VIEWS].sort();
    expect(pictures).toEqual(views.flatMap((view) => [`${view}-dark.png`, `${view}-light.png`]));
    const sizes = pictures.map((name) => statSync(join(IMAGES, name)).size);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(2_500_000);
  });

  test("nothing moves by itself while the page loads", async () => {
    const { page } = await world.open();
    await signIn(page, "Shift");
    await page.reload();
    await page.getByRole("heading", { name: "Profile", level: 1 }).waitFor();
    const shift = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          let sum = 0;
          new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) {
              sum += (entry as unknown as { value: number }).value;
            }
          }).observe({ type: "layout-shift", buffered: true });
          setTimeout(() => {
            resolve(sum);
          }, 500);
        }),
    );
    // https://web.dev/articles/cls: good is up to 0.1.
    expect(shift).toBeLessThan(0.1);
  });

  test("the chosen colours stay, whatever the system says", async () => {
    const { page } = await world.open({ colorScheme: "light" });
    await page.getByRole("button", { name: "Dark colours", pressed: false }).click();
    await page.reload();
    await page.getByRole("button", { name: "Dark colours", pressed: true }).waitFor();
    const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(ground).toBe("rgb(18, 18, 25)");
  });

  test("the policy is kept: a script of somebody else does not run, and text is never HTML", async () => {
    const { page } = await world.open();
    await page.getByRole("heading", { level: 1 }).waitFor();
    const results = await page.evaluate(async () => {
      const kinds: string[] = [];
      const attempt = (work: () => void) => {
        try {
          work();
        } catch (error) {
          kinds.push((error as Error).name);
        }
      };
      const script = document.createElement("script");
      attempt(() => {
        script.textContent = "window.ran = true";
      });
      attempt(() => {
        document.body.innerHTML = "<b>x</b>";
      });
      script.append("window.ran = true");
      document.head.append(script);
      await fetch("https://evil.example/").catch(() => kinds.push("refused"));
      return { ran: "ran" in window, kinds };
    });
    expect(results).toEqual({ ran: false, kinds: ["TypeError", "TypeError", "refused"] });
  });
});
