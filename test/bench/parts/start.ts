/** How long the local run takes to start, the first time and again, and the whole test run. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../../support/imports";
import { report } from "../bed/child";
import type { StartReport, StartTask } from "../bed/start-child";
import type { Bench } from "../bench";
import { compared, keptRows, type Row } from "../results";

const ROUNDS = 3;
const SCRIPT = join(__dirname, "..", "bed", "start-child.ts");
const TESTS = "npm test";

export async function measureStart({ progress, rounds = ROUNDS, isLong }: Bench) {
  const first: StartReport[] = [];
  const again: StartReport[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const folder = mkdtempSync(join(tmpdir(), "rollup-vault-bench-"));
    try {
      const [api = 0, issuer = 0, page = 0] = await freePorts(3);
      const task: StartTask = { folder, ports: { api, issuer, page } };
      first.push(await start(task));
      again.push(await start(task));
    } finally {
      rmSync(folder, { recursive: true });
    }
    progress.step("start", round + 1, rounds);
  }
  const rows = [...rowsOf("npm start, first", first), ...rowsOf("npm start, again", again)];
  return {
    rounds,
    rows: [
      ...rows,
      ...(isLong ? await timeTests(progress) : keptRows("start", ({ name }) => name === TESTS)),
    ],
  };
}

async function start(task: StartTask): Promise<StartReport> {
  const { PATH = "" } = process.env;
  const args = ["--import", "tsx", SCRIPT, JSON.stringify(task)];
  const env = { PATH, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" };
  return await report(process.execPath, args, env);
}

function rowsOf(name: string, all: readonly StartReport[]): readonly Row[] {
  const cpuS = all.flatMap((one) => (one.cpuS === undefined ? [] : [one.cpuS]));
  const wallS = all.map((one) => one.wallS);
  const hasCpu = cpuS.length === all.length;
  return compared({ name }, [{ candidate: "ours", rounds: { ...(hasCpu && { cpuS }), wallS } }]);
}

/** The same ports for both starts: an assembly is of its ports. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  for (const server of servers) {
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
  }
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  for (const server of servers) {
    await new Promise((resolve) => server.close(resolve));
  }
  return ports;
}

async function timeTests(progress: Bench["progress"]): Promise<readonly Row[]> {
  progress.note(`running ${TESTS} whole`);
  const from = performance.now();
  const child = spawn("npm", ["test", "--silent"], {
    cwd: ROOT,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const said: Buffer[] = [];
  child.stderr.on("data", (chunk: Buffer) => said.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject).once("close", resolve);
  });
  const wallS = (performance.now() - from) / 1000;
  if (code !== 0) {
    const lines = Buffer.concat(said).toString("utf8").split("\n");
    const failed = lines.filter((line) => /^(?:FAIL| +●)/.test(line));
    throw new Error([`${TESTS} failed, so its time is none:`, ...failed].join("\n"));
  }
  return compared({ name: TESTS }, [{ candidate: "ours", rounds: { wallS: [wallS] } }]);
}
