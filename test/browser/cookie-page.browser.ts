/** The same page on a stage with cookie transport: no script ever sees the session. */
import { inChromium } from "./in-chromium";
import { signIn, usePageWorld } from "./page-world";

const world = usePageWorld(() => ({ sessions: { transport: "cookie" } }));

inChromium("the page with a session in a cookie", () => {
  test("signs in, survives a reload, is one in all tabs, and signs out in all of them", async () => {
    const { page, complaints } = await world.open();
    await signIn(page, "Cookie");
    await page.reload();
    await page.getByRole("heading", { name: "Profile", level: 1 }).waitFor();
    const readable = await page.evaluate(() => [
      document.cookie,
      JSON.stringify(localStorage),
      JSON.stringify(sessionStorage),
    ]);
    expect(readable.join(" ")).not.toMatch(/rvs_|eyJ/);
    const other = await page.context().newPage();
    await other.goto(world.stack.outputs.pageUrl);
    await other.getByRole("heading", { name: "Profile", level: 1 }).waitFor();
    await page.getByRole("link", { name: "Sessions" }).click();
    await page.getByRole("button", { name: "Sign out here" }).click();
    await page.getByText("You are signed out here.").waitFor();
    await other.getByRole("heading", { name: "Sign in once. Stay connected." }).waitFor();
    expect(complaints).toEqual([]);
  });
});
