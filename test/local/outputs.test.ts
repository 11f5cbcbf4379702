/** Two runs in one checkout: each owns only what it has written. */
import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  claimOutputs,
  type Outputs,
  readOutputs,
  removeOutputs,
  writeOutputs,
} from "../../local/outputs";
import { ownMark } from "../../local/process-mark";

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "outputs-"));
  file = join(folder, "outputs.json");
  process.env["LOCAL_OUTPUTS"] = file;
});

afterEach(async () => {
  delete process.env["LOCAL_OUTPUTS"];
  await rm(folder, { recursive: true });
});

const OUTPUTS: Outputs = {
  apiUrl: "http://127.0.0.1:4000",
  issuer: "http://127.0.0.1:4001",
  clientId: "client",
  provider: "Rollup ID",
  isLocalProvider: true,
  authorizationEndpoint: "http://127.0.0.1:4001/authorize",
  frontend: { scope: "openid", parameters: {}, pkce: false, nonce: false, iss: false },
  clientSecret: "",
  redirectUri: "http://127.0.0.1:4000/callback",
  pageUrl: "http://127.0.0.1:4002",
  apiDocsUrl: "http://127.0.0.1:4002/docs",
  transport: "bearer",
  frontends: ["http://localhost:3000"],
  corsOrigins: ["http://localhost:3000"],
  preset: "rollup",
  ...ownMark(),
  region: "us-east-1",
  endpoints: { dynamodb: "", kms: "", secretsmanager: "" },
  grantKeyArn: "",
  idpSettings: {},
  tables: { users: "", refreshTokens: "", sessions: "" },
  credentials: { accessKeyId: "", secretAccessKey: "", sessionToken: "" },
};

/** Lives as long as the tests do, and longer. */
const OTHER = { pid: process.ppid, startedAt: undefined };

test("a file is claimed without being made, written, read, and removed by its run", async () => {
  expect([await claimOutputs(), await readdir(folder)]).toEqual([file, []]);
  await writeOutputs(OUTPUTS, file);
  expect(await readOutputs()).toEqual(OUTPUTS);
  await removeOutputs(file);
  expect(await readdir(folder)).toEqual([]);
});

test("another run's file is neither written nor removed while that one serves", async () => {
  await writeOutputs({ ...OUTPUTS, ...OTHER }, file);
  await expect(claimOutputs()).rejects.toThrow(
    `${file} belongs to a local run that serves (process ${OTHER.pid}): \`LOCAL_OUTPUTS=${file}.2 npm start -- --fresh\``,
  );
  await removeOutputs(file);
  expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject({ pid: OTHER.pid });
});

test.each([
  ["of a process that has ended", { pid: spawnSync(process.execPath, ["--version"]).pid }],
  ["of an earlier process with a number that is in use again", { ...OTHER, startedAt: "1" }],
])("a file %s is free, and nobody takes it for a run that serves", async (_, mark) => {
  await writeOutputs({ ...OUTPUTS, startedAt: undefined, ...mark }, file);
  await expect(readOutputs()).rejects.toThrow(/no local run serves .*has ended\): run `npm start`/);
  expect(await claimOutputs()).toBe(file);
});

test.each([["{"], ["null"], ["{}"]])("a damaged file (%s) is written anew", async (text) => {
  await writeFile(file, text);
  await expect(readOutputs()).rejects.toThrow("is damaged: run `npm start` again");
  expect(await claimOutputs()).toBe(file);
});

test("a place that cannot be written is said at once, with a command that writes elsewhere", async () => {
  await writeFile(join(folder, "file"), "");
  process.env["LOCAL_OUTPUTS"] = join(folder, "file", "outputs.json");
  await expect(claimOutputs()).rejects.toThrow(
    /outputs.json cannot be written \(.*\): `LOCAL_OUTPUTS=\S+ npm start -- --fresh` writes to/,
  );
});
