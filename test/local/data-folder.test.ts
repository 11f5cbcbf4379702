import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDataFolder, withDataFolderHint } from "../../local/data-folder";

let path: string;

beforeEach(async () => {
  path = join(await mkdtemp(join(tmpdir(), "data-folder-")), "data");
});

afterEach(async () => {
  await rm(join(path, ".."), { recursive: true });
});

test("one run at a time, and the next one after it", async () => {
  const first = await openDataFolder(path);
  await expect(openDataFolder(path)).rejects.toThrow(
    `another local run (process ${process.pid}) uses ${path}: \`kill ${process.pid}\` stops it, \`PORT=0 ISSUER_PORT=0 PAGE_PORT=0 npm start -- --fresh\` runs beside it`,
  );
  await first.close();
  await (await openDataFolder(path)).close();
});

test("of many starts at once one gets the folder", async () => {
  const starts = await Promise.allSettled(Array.from({ length: 20 }, () => openDataFolder(path)));
  const winners = starts.flatMap((start) => (start.status === "fulfilled" ? [start.value] : []));
  expect(winners).toHaveLength(1);
  await winners[0]?.close();
});

test.each([
  ["of a process that has ended", JSON.stringify({ pid: deadPid() })],
  [
    "of an earlier process with a number that is in use again",
    JSON.stringify({ pid: process.pid, startedAt: "1" }),
  ],
  ["that a crash of the machine cut off", '{"pid":'],
  ["that is empty", ""],
])("a lock %s heals by itself", async (_, content) => {
  await mkdir(path);
  await writeFile(join(path, "lock"), content);
  await (await openDataFolder(path)).close();
  expect(await readdir(path)).toEqual(["rollup-vault.json"]);
});

test("a folder with other things in it is not taken", async () => {
  await mkdir(path);
  await writeFile(join(path, "thesis.txt"), "precious");
  await expect(openDataFolder(path)).rejects.toThrow(
    /is no data folder of a local run .*thesis.txt is in it: `npm start -- --fresh` leaves it alone$/,
  );
  expect(await readdir(path)).toEqual(["thesis.txt"]);
});

test.each(["", "{", "null", '{"format":2}'])("a marker %j is a clear error", async (content) => {
  await mkdir(path);
  await writeFile(join(path, "rollup-vault.json"), content);
  await expect(openDataFolder(path)).rejects.toThrow(
    `is damaged, or was written by another version. \`mv ${path} ${path}-damaged\` lets`,
  );
});

test.each([
  [
    undefined,
    "https://id.example app",
    "another provider (the local Rollup ID): `npm start -- --fresh`",
  ],
  ["https://id.example app", undefined, "another provider (https://id.example app)"],
  ["https://id.example app", "https://id.example other", "provider (https://id.example app)"],
])("a folder with grants of %j is refused for %j", async (first, second, words) => {
  await (await openDataFolder(path, first)).close();
  await expect(openDataFolder(path, second)).rejects.toThrow(words);
  // Refused, and not changed.
  await (await openDataFolder(path, first)).close();
});

test("a folder of an earlier version is the local Rollup ID's", async () => {
  await mkdir(path);
  await writeFile(join(path, "rollup-vault.json"), '{"format":1}');
  await (await openDataFolder(path)).close();
  await expect(openDataFolder(path, "preset auth0")).rejects.toThrow("the local Rollup ID");
});

test.each(["EROFS", "EACCES", "EPERM", "ENOSPC"])(
  "%s about the folder is no damage, and the advice writes elsewhere",
  async (code) => {
    const failing = withDataFolderHint(path, () =>
      Promise.reject(Object.assign(new Error(code), { code, path: join(path, "aws", "kms.json") })),
    );
    await expect(failing).rejects.toThrow(
      /cannot be written \(.*\): `LOCAL_OUTPUTS=\S+ npm start -- --fresh`/,
    );
    await expect(failing).rejects.not.toThrow(/damaged|[Rr]emove|mv /);
  },
);

test.each([
  ["a bug", new ReferenceError("crypto is not defined")],
  ["a busy port", Object.assign(new Error("busy"), { code: "EADDRINUSE" })],
  ["another file", Object.assign(new Error("no"), { code: "EACCES", path: "/etc/shadow" })],
])("%s is not blamed on the folder", async (_, error) => {
  await expect(withDataFolderHint(path, () => Promise.reject(error))).rejects.toBe(error);
});

test("a throw-away folder is gone afterwards", async () => {
  const folder = await openDataFolder(undefined);
  await folder.close();
  await expect(stat(folder.path)).rejects.toThrow("ENOENT");
});

function deadPid(): number {
  return spawnSync(process.execPath, ["--version"]).pid;
}
