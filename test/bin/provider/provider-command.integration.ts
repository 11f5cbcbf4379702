/** The command as a process, and what it writes before the tools that check a commit. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { createProviderDesk } from "../../support/provider-desk";
import { type ProviderServer, startProviderServer } from "../../support/provider-server";

const ROOT = join(__dirname, "..", "..", "..");

let provider: ProviderServer;

beforeEach(async () => {
  provider = await startProviderServer();
});

afterEach(async () => {
  await provider.close();
});

interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

async function node(args: readonly string[], input = ""): Promise<Run> {
  return await new Promise((resolve) => {
    const child = execFile(process.execPath, args, { cwd: ROOT }, (_, out, err) => {
      resolve({ code: child.exitCode, out, err });
    });
    child.stdin?.end(input);
  });
}

const command = async (args: readonly string[], input?: string) =>
  await node(["bin/rollup-vault.cjs", "provider", ...args], input);

test("rollup-vault provider is this command", async () => {
  const { code, out, err } = await command([provider.issuer, "--client-id", "app", "--json"]);
  expect([code, err]).toEqual([0, ""]);
  expect(JSON.parse(out)).toMatchObject({
    stage: { preset: "oidc", issuer: provider.issuer, clientId: "app" },
    record: "needed",
  });
  const refused = await command(["https://op.example/?x"]);
  expect([refused.code, refused.out]).toEqual([1, ""]);
});

test("a token comes by standard input, and the exit code says whether it would do", async () => {
  const iat = Math.floor(Date.now() / 1000);
  const good = { iss: provider.issuer, aud: "app", iat, exp: iat + 600 };
  const judge = async (claims: object) =>
    await command(
      [provider.issuer, "--client-id", "app", "--token", "-"],
      `${provider.keys.idToken({ claims: { ...claims } })}\n`,
    );
  expect(await judge(good)).toMatchObject({ code: 0, err: "" });
  expect(await judge({ ...good, aud: "other" })).toMatchObject({
    code: 1,
    out: expect.stringContaining("refused (invalid_audience)"),
    err: "",
  });
});

test("the stage files of this repository are known to --check, and others are not", async () => {
  const { code, err } = await command(["--check", "--stage", "nope"]);
  expect([code, err]).toEqual([1, expect.stringMatching(/^there is no stage "nope"/)]);
});

test("what --write leaves is as prettier writes it", async () => {
  const desk = createProviderDesk();
  const others = await Promise.all(
    ["/b", "/a"].map(async (path) => await startProviderServer(path)),
  );
  for (const { issuer } of [provider, ...others]) {
    expect((await desk.run([issuer, "--write"])).code).toBe(0);
  }
  await Promise.all(
    others.map(async (other) => {
      await other.close();
    }),
  );
  const prettier = ["node_modules/prettier/bin/prettier.cjs", "--config", ".prettierrc.json"];
  const formatted = await node([...prettier, join(desk.folder, "providers.json")]);
  expect(formatted).toEqual({ code: 0, out: desk.recorded(), err: "" });
  desk.close();
});
