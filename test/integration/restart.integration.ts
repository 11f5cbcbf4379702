/**
 * Data survives: users, refresh tokens, the key that seals them, the provider's keys and the
 * client secret.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalRunError } from "../../local/local-run-error";
import { startWorld } from "./world";

jest.setTimeout(60_000);

let dataFolder: string;
let assemblies: string;

beforeAll(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), "restart-"));
  assemblies = await mkdtemp(join(tmpdir(), "restart-assemblies-"));
});

afterAll(async () => {
  await rm(dataFolder, { recursive: true, force: true });
  await rm(assemblies, { recursive: true });
});

test("a second start on the same data knows the user, opens the refresh token, and keeps issuer and client", async () => {
  const first = await startWorld({ dataFolder, assemblies });
  const { idToken, refreshToken } = await first.signIn("Returning");
  const asUser = (method: string, path: string, json?: unknown) => ({
    method,
    path,
    bearer: idToken,
    json,
  });
  const created = await first.call(asUser("PUT", "/me"));
  await first.call(asUser("PUT", "/me/refresh-token", { refresh_token: refreshToken }));
  const { issuer, clientId, apiUrl } = first.stack.outputs;

  await expect(startWorld({ dataFolder })).rejects.toThrow(
    /^another local run \(process \d+\) uses /,
  );
  await first.close();

  const second = await startWorld({ dataFolder, assemblies, port: Number(new URL(apiUrl).port) });
  try {
    expect(second.stack.outputs).toMatchObject({ issuer, clientId });
    expect((await second.call(asUser("GET", "/me"))).body).toEqual(created.body);
    const answer = await second.call(asUser("POST", "/me/access-token"));
    expect(answer.status).toBe(200);
    expect(await second.refreshes()).toBe(1);
  } finally {
    await second.close();
  }
});

test("a folder that holds something else is left alone, with a sentence that says so", async () => {
  const folder = await mkdtemp(join(tmpdir(), "foreign-"));
  await writeFile(join(folder, "thesis.txt"), "precious");
  const starting = startWorld({ dataFolder: folder });
  await expect(starting).rejects.toThrow(LocalRunError);
  await expect(starting).rejects.toThrow(
    /thesis.txt is in it: `npm start -- --fresh` leaves it alone/,
  );
  await rm(folder, { recursive: true });
});

test("a damaged data folder is named in the error, and nothing is left running", async () => {
  await writeFile(join(dataFolder, "rollup-id", "rollup-id.json"), '{"port": 40');
  const starting = startWorld({ dataFolder });
  await expect(starting).rejects.toThrow(/rollup-id.json is damaged, .* `mv \S+ \S+-damaged` lets/);
  // The lock was given back: the same sentence again, not "another local run".
  await expect(startWorld({ dataFolder })).rejects.toThrow(/rollup-id.json is damaged/);
});
