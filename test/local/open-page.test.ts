import { openInBrowser } from "../../local/open-page";

const URL = "http://127.0.0.1:4002";

test.each([
  ["linux", ["xdg-open", URL]],
  ["freebsd", ["xdg-open", URL]],
  ["darwin", ["open", URL]],
  // The empty word is the window's title, which cmd would take the address for.
  ["win32", ["cmd", "/c", "start", "", URL]],
] as const)("on %s the system's own command gets the address", async (platform, started) => {
  const commands: string[][] = [];
  const start = async (command: string, args: readonly string[]) => {
    commands.push([command, ...args]);
    return await Promise.resolve(true);
  };
  expect(await openInBrowser(URL, { platform, start })).toBe(true);
  expect(commands).toEqual([started]);
});

test("where nothing can be started it says so, and does not fail", async () => {
  const start = async () => await Promise.resolve(false);
  expect(await openInBrowser(URL, { platform: "linux", start })).toBe(false);
});
