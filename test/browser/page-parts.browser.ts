/** What is around the views: the person's menu, the diagram, the notices, the API's page. */
import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { inChromium } from "./in-chromium";
import { press } from "./keyboard";
import { faultsOf } from "./looks";
import { heading, said, signIn, usePageWorld, view } from "./page-world";

const world = usePageWorld();

inChromium("around the views", () => {
  test("the person's menu at the top right leads to the sessions, and out", async () => {
    const { page, complaints } = await world.open();
    await page.locator("#sign-in").waitFor();
    expect(await page.locator("#person").isVisible()).toBe(false);
    await signIn(page, "Menu");
    const opener = page.getByRole("button", { name: /^Menu ?: your account$/ });
    await opener.click();
    await page.keyboard.press("Escape");
    expect(await page.getByRole("link", { name: "Your sessions" }).isVisible()).toBe(false);
    expect(await opener.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "Your sessions" }).click();
    await heading(page, "Sessions");
    await opener.click();
    await page.getByRole("button", { name: "Sign out", exact: true }).click();
    await said(page, "You are signed out here.");
    expect(await page.locator("#person").isVisible()).toBe(false);
    expect(complaints).toEqual([]);
  });

  test.each([320, 390])(
    "%d pixels: no word of the header is split over two lines",
    async (width) => {
      const { page } = await world.open({ viewport: { width, height: 700 } });
      await signIn(page, "A Person With Quite A Long Name");
      const heights = await page
        .locator("header > :is(a, button)")
        .evaluateAll((elements) =>
          elements
            .filter((element) => element.checkVisibility())
            .map((element) => element.getBoundingClientRect().height),
        );
      expect(heights.length).toBeGreaterThanOrEqual(4);
      // Two lines would be 50 pixels.
      expect(Math.max(...heights)).toBeLessThan(46);
    },
  );

  test("what a finger presses is 44 pixels high", async () => {
    const { page } = await world.open({ viewport: { width: 390, height: 844 }, hasTouch: true });
    await signIn(page, "Finger");
    await view(page, "Access token");
    await page.locator("#get-token").click();
    await page.locator("[data-clock]").waitFor();
    const small = await page
      .locator("button, select, input, summary, nav a, header a:not(.skip)")
      .evaluateAll((elements) =>
        elements
          .filter((element) => element.checkVisibility())
          .map((element) => [element.textContent, element.getBoundingClientRect().height] as const)
          .filter(([, height]) => height < 43.9),
      );
    expect(small).toEqual([]);
  });

  test("a notice moves nothing that is on the page", async () => {
    const { page } = await world.open();
    await signIn(page, "Steady");
    const top = () =>
      page
        .locator("main .card")
        .first()
        .evaluate((card) => card.getBoundingClientRect().top + scrollY);
    const before = await top();
    await page.getByRole("button", { name: "Save" }).click();
    await said(page, "Saved.");
    expect(await top()).toBe(before);
    await page.getByRole("button", { name: "Close the notice" }).click();
    expect(await page.locator(".notices").textContent()).toBe("✕");
  });

  test("whoever Rollup ID offers is taken off its list, by keyboard", async () => {
    const { page } = await world.open();
    for (const name of ["Kept", "Made up"]) {
      await signIn(page, name);
      await page.getByRole("button", { name: `${name} : your account` }).click();
      await page.getByRole("button", { name: "Sign out", exact: true }).click();
      await said(page, "You are signed out here.");
    }
    for (const name of ["Sign in with Rollup ID", "Take Made up off this list"]) {
      const next = page.waitForEvent("load");
      await press(page, name);
      await next;
    }
    expect(await page.getByRole("button", { name: /Made up/ }).count()).toBe(0);
    // The focus goes on where it was: the next name is the next stop.
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await heading(page, "Profile");
    await page.locator("main").getByText("Kept", { exact: true }).waitFor();
  });

  test("attributes as fields: the same as in JSON, and back", async () => {
    const { page } = await world.open();
    await signIn(page, "Fields");
    await page.locator("#attributes").fill('{"theme":"quiet","size":3}');
    await page.getByRole("button", { name: "Format" }).click();
    expect(await page.locator("#attributes").inputValue()).toBe(
      '{\n  "theme": "quiet",\n  "size": 3\n}',
    );
    await page.getByRole("button", { name: "Edit as fields" }).click();
    await page.getByLabel("Value").first().fill("loud");
    await page.getByRole("button", { name: "Remove size" }).click();
    await page.getByRole("button", { name: "Add a field" }).click();
    await page.getByLabel("Name").last().fill("list");
    await page.getByLabel("Value").last().fill("[1, 2]");
    await page.getByRole("button", { name: "Save" }).click();
    await said(page, "Saved.");
    expect(JSON.parse(await page.locator("#attributes").inputValue())).toEqual({
      theme: "loud",
      list: [1, 2],
    });
  });

  test("the diagram: to scale, by arrow keys, with request and answer and no secret, and again", async () => {
    const { page } = await world.open();
    await signIn(page, "Diagram");
    const panel = page.getByRole("region", { name: "What just happened" });
    const call = panel.getByRole("button", { name: /POST \/sessions/ });
    await page.mouse.move(0, 0);
    const [left, top] = await call.locator("rect").evaluate((bar) => {
      bar.scrollIntoView({ block: "center" });
      const { x, y } = bar.getBoundingClientRect();
      return [x, y] as const;
    });
    await page.mouse.move(left + 3, top + 5);
    await panel.locator("pre").first().getByText('"code": "•••"').waitFor();
    await panel
      .getByText(/201 after \d+ ms/)
      .first()
      .waitFor();
    expect(await panel.innerText()).not.toMatch(/eyJ|rvs_|0x[0-9a-f]{10}/);

    const bars = await panel.locator(".call").evaluateAll((calls) =>
      calls.map((each) => ({
        name: each.getAttribute("aria-label") ?? "",
        width: each.querySelector("rect")?.getBoundingClientRect().width ?? 0,
      })),
    );
    const long = bars.map(({ name, width }) => ({
      ms: Number(/after (\d+) ms/.exec(name)?.[1]),
      width,
    }));
    const scales = long
      .filter(({ ms, width }) => ms > 0 && width > 12)
      .map(({ ms, width }) => width / ms);
    expect(scales.length).toBeGreaterThan(1);
    expect(Math.max(...scales) / Math.min(...scales)).toBeLessThan(1.3);

    await call.focus();
    await page.keyboard.press("ArrowRight");
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
    expect(await focused()).not.toMatch(/POST \/sessions/);
    expect(await panel.locator('.call[tabindex="0"]').count()).toBe(1);

    await panel.getByRole("button", { name: "Replay" }).click();
    await panel.locator(".chart.replaying").waitFor();
    expect(await panel.locator(".call:not(.done)").count()).toBeGreaterThan(0);
    await panel.locator(".chart:not(.replaying)").waitFor();
    expect(await panel.locator(".call:not(.done)").count()).toBe(0);
  });

  test("390 pixels: the diagram is scrolled within itself, and says so", async () => {
    const { page } = await world.open({ viewport: { width: 390, height: 844 } });
    await signIn(page, "Narrow");
    await page.getByText("Scroll sideways for more").waitFor();
    const [inner, outer] = await page
      .locator(".scroller")
      .evaluate((element) => [element.scrollWidth, element.clientWidth] as const);
    expect(inner).toBeGreaterThan(outer);
  });

  test("the font comes from the page, is kept, and has its licence beside it", async () => {
    const { page } = await world.open();
    await heading(page, "Sign in once. Stay connected.");
    expect(await page.evaluate(() => document.fonts.check("16px Inter"))).toBe(true);
    const { pageUrl } = world.stack.outputs;
    const css = await (await fetch(`${pageUrl}/app.css`)).text();
    const font = await fetch(pageUrl + (/\/inter-[\w-]+\.woff2/.exec(css)?.[0] ?? "/missing"));
    expect(font.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect(font.headers.get("content-type")).toBe("font/woff2");
    const licence = await (await fetch(`${pageUrl}/inter-license.txt`)).text();
    expect(licence).toContain("SIL OPEN FONT LICENSE Version 1.1");
  });
});

inChromium("the API's page", () => {
  test("in every look axe finds nothing, with everything unfolded, and nothing is too wide", async () => {
    const { page, complaints } = await world.open();
    await page.goto(`${world.stack.outputs.pageUrl}/docs`);
    await page.getByText("Nobody is signed in in this tab.").waitFor();
    await page.evaluate(() => {
      document.querySelectorAll("details").forEach((each) => (each.open = true));
    });
    expect(await faultsOf(page, "docs")).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test("has each operation of the contract, in the version of the package", async () => {
    const { page } = await world.open();
    await page.goto(`${world.stack.outputs.pageUrl}/docs`);
    const { version } = JSON.parse(readFileSync(require.resolve("../../package.json"), "utf8")) as {
      version: string;
    };
    await page.getByRole("heading", { level: 1, name: `rollup-vault ${version}` }).waitFor();
    const contract = (await (await fetch(`${world.stack.outputs.apiUrl}/openapi.json`)).json()) as {
      paths: Record<string, object>;
    };
    const methods = Object.values(contract.paths).flatMap((path) => Object.keys(path));
    expect(await page.locator("article").count()).toBe(methods.length);
  });

  test("an operation is sent with the session of the tab, at a fixed address", async () => {
    const { page, complaints } = await world.open();
    await signIn(page, "Tryer");
    await page.getByRole("link", { name: "API docs" }).click();
    expect(page.url()).toBe(`${world.stack.outputs.pageUrl}/docs`);
    await page.getByText("Filled in with the session of this tab.").waitFor();
    await send(page, "getUser", "GET /me");
    expect(await answerOf(page, "getUser")).toMatchObject({ claims: { name: "Tryer" } });
    await send(page, "updateAttributes", "PATCH /me");
    expect(await answerOf(page, "updateAttributes")).toMatchObject({ version: 2 });
    await send(page, "getAccessToken", "POST /me/access-token");
    expect(await answerOf(page, "getAccessToken")).toMatchObject({ token_type: "Bearer" });
    expect(complaints).toEqual([]);
  });

  test("samples in curl and TypeScript name the running API", async () => {
    const { page } = await world.open();
    await page.goto(`${world.stack.outputs.pageUrl}/docs`);
    const sample = page.locator("#getAccessToken .samples");
    const url = `${world.stack.outputs.apiUrl}/me/access-token`;
    expect(await sample.locator("pre").textContent()).toContain(`curl -X POST '${url}'`);
    await sample.getByRole("button", { name: "TypeScript" }).click();
    expect(await sample.locator("pre").textContent()).toContain(`await fetch("${url}"`);
  });

  test("its policy lets nothing in from elsewhere, no inline style and no text as HTML", async () => {
    const policy = (await fetch(`${world.stack.outputs.pageUrl}/docs`)).headers.get(
      "content-security-policy",
    );
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).not.toMatch(/unsafe|https:|\*/);
  });
});

async function send(page: Page, id: string, name: string): Promise<void> {
  await page.locator(`#${id}`).getByText(`Try ${name}`).click();
  await page.locator(`#send-${id}`).click();
  await page
    .locator(`#${id}`)
    .getByText(/^200 after \d+ ms$/)
    .waitFor();
}

async function answerOf(page: Page, id: string): Promise<unknown> {
  return JSON.parse(
    (await page.locator(`#${id} .answer[aria-label="Answer"]`).textContent()) ?? "",
  );
}
