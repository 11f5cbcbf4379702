/**
 * Puts the providers on this machine, once, outside the checkout. What cannot be had is said loudly
 * and left out.
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePorts } from "../integration/other-providers";
import { keycloakProgram, PASSWORD_FILE, TEMPLATE } from "./keycloak-program";
import {
  CACHE,
  HYDRA,
  isPrepared,
  KEYCLOAK,
  NOT_TO_BE_HAD,
  PREPARE,
  type Source,
} from "./prepared";
import { run } from "./process";

/** Why a provider is not there, by its name. */
export type Absent = Readonly<Record<string, string>>;

/** @param isPatient also does what takes minutes */
export async function prepare({ isPatient }: { readonly isPatient: boolean }): Promise<Absent> {
  const absent: Record<string, string> = { ...NOT_TO_BE_HAD };
  const makers: readonly (readonly [Source, () => Promise<void>, boolean])[] = [
    [KEYCLOAK, prepareKeycloak, true],
    [HYDRA, prepareHydra, false],
  ];
  for (const [source, make, isCheap] of makers) {
    const reason = await reasonWithout(source, make, isCheap || isPatient);
    if (reason !== undefined) {
      absent[source.title] = reason;
    }
  }
  for (const [title, reason] of Object.entries(absent)) {
    process.stderr.write(`!! ${title} is skipped: ${reason}\n`);
  }
  return absent;
}

async function reasonWithout(
  source: Source,
  make: () => Promise<void>,
  mayMake: boolean,
): Promise<string | undefined> {
  if (isPrepared(source)) {
    return undefined;
  }
  if (!mayMake) {
    return `building it takes minutes; ${PREPARE} does it once`;
  }
  process.stderr.write(`preparing ${source.title} ${source.version} in ${CACHE}\n`);
  mkdirSync(CACHE, { recursive: true });
  try {
    await make();
    return undefined;
  } catch (error) {
    return `it cannot be had here: ${error instanceof Error ? error.message : String(error)}`;
  }
}

const SECOND = 1_000;
/** Of 160 MB. */
const DOWNLOAD_MS = 240 * SECOND;
const AUGMENT_MS = 240 * SECOND;
const MODULES_MS = 600 * SECOND;
const BUILD_MS = 3_600 * SECOND;
const UNPACK = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:unpack";
/** A registry that does not answer is no reason to wait. */
const IMPATIENT = [
  "-Daether.connector.connectTimeout=5000",
  "-Dmaven.wagon.http.retryHandler.count=0",
];
/** Until H2 has written what it was told. */
const SETTLE_MS = 3 * SECOND;

async function prepareKeycloak(): Promise<void> {
  if (!existsSync(KEYCLOAK.path)) {
    await unpackKeycloak();
  }
  rmSync(TEMPLATE, { recursive: true, force: true });
  mkdirSync(TEMPLATE);
  const password = randomBytes(18).toString("base64url");
  writeFileSync(PASSWORD_FILE, password, { mode: 0o600 });
  const [port = 0] = await freePorts(1);
  const origin = `http://127.0.0.1:${port}`;
  const { environment, ...program } = keycloakProgram({ port, origin, folder: TEMPLATE });
  const administrator = {
    KC_BOOTSTRAP_ADMIN_USERNAME: "admin",
    KC_BOOTSTRAP_ADMIN_PASSWORD: password,
  };
  const running = await run({ ...program, environment: { ...environment, ...administrator } });
  await sleep(SETTLE_MS);
  await running.kill();
  writeFileSync(KEYCLOAK.mark, "");
}

/** Unpacked and built, or not there. */
async function unpackKeycloak(): Promise<void> {
  const artifact = `org.keycloak:keycloak-quarkus-dist:${KEYCLOAK.version}:zip`;
  await inNewFolder(async (folder) => {
    const unpack = [UNPACK, `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`];
    await work(["mvn", "-q", "-B", ...IMPATIENT, ...unpack], { timeout: DOWNLOAD_MS });
    const unpacked = join(folder, `keycloak-${KEYCLOAK.version}`);
    // What is given here cannot be given at a start.
    const build = ["bash", join(unpacked, "bin", "kc.sh"), "build", "--db=dev-file"];
    await work(build, { timeout: AUGMENT_MS });
    renameSync(unpacked, KEYCLOAK.path);
  });
}

const MODULE = "github.com/ory/hydra/v2";
/** In Hydra's own go.mod, where `go install` would refuse it. */
const REPLACED =
  "github.com/gobuffalo/pop/v6=github.com/ory/pop/v6@v6.2.1-0.20241121111754-e5dfc0f3344b";

/** In a module that is made for it. */
async function prepareHydra(): Promise<void> {
  await inNewFolder(async (folder) => {
    writeFileSync(join(folder, "go.mod"), "module hydra\n\ngo 1.26\n");
    await work(["go", "mod", "edit", "-replace", REPLACED], { timeout: MODULES_MS, cwd: folder });
    const get = ["go", "get", "-tool", `${MODULE}@v${HYDRA.version}`];
    await work(get, { timeout: MODULES_MS, cwd: folder });
    const built = join(folder, "hydra");
    const build = ["go", "build", "-tags", "sqlite", "-o", built, MODULE];
    await work(build, { timeout: BUILD_MS, cwd: folder });
    renameSync(built, HYDRA.path);
  });
}

async function inNewFolder(fill: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(CACHE, "new-"));
  try {
    await fill(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface WorkOptions {
  /** Milliseconds. */
  readonly timeout: number;
  readonly cwd?: string;
}

const MAX_PRINTED = 4_000;

/** @throws Error with the last line that was printed */
async function work([command = "", ...args]: readonly string[], options: WorkOptions) {
  const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      printed = (printed + chunk.toString("utf8")).slice(-MAX_PRINTED);
    });
  }
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  if (code !== 0) {
    const how = signal === null ? `exit code ${String(code)}` : "it took too long";
    const said = /^.*(?:ERROR|error|40[34]|refused|cannot).*$/m.exec(printed)?.[0] ?? "";
    throw new Error(`${command}: ${how} ${said.slice(0, 300)}`.trim());
  }
}
