/**
 * Puts the providers on this machine, once, outside the checkout. What cannot be had is said loudly
 * and left out.
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePorts } from "../integration/other-providers";
import { keycloakProgram, PASSWORD_FILE } from "./keycloak-program";
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

interface Maker {
  readonly source: Source;
  /** Needs minutes of computing: only on demand. */
  readonly isDear?: true;
  readonly make: (time: Time) => Promise<void>;
}

/** Ends with all that is made. */
interface Time {
  readonly leftMs: () => number;
}

const SECOND = 1_000;
const PATIENT_MS = 3_600 * SECOND;
/** A run that was not asked to prepare anything has other things to do. */
const HASTY_MS = 90 * SECOND;

const MAKERS: readonly Maker[] = [
  { source: KEYCLOAK, make: prepareKeycloak },
  { source: HYDRA, isDear: true, make: prepareHydra },
];

/** @param isPatient also does what takes minutes */
export async function prepare({ isPatient }: { readonly isPatient: boolean }): Promise<Absent> {
  const absent: Record<string, string> = { ...NOT_TO_BE_HAD };
  const end = Date.now() + (isPatient ? PATIENT_MS : HASTY_MS);
  for (const maker of MAKERS.filter(({ source }) => !isPrepared(source))) {
    absent[maker.source.title] =
      maker.isDear === true && !isPatient
        ? `building it takes minutes; ${PREPARE} does it once`
        : await reasonWithout(maker, { leftMs: () => Math.max(0, end - Date.now()) });
  }
  const reasons = Object.entries(absent).filter(([, reason]) => reason !== "");
  for (const [title, reason] of reasons) {
    process.stderr.write(`!! ${title} is skipped: ${reason}\n`);
  }
  return Object.fromEntries(reasons);
}

/** @returns nothing where it is there now */
async function reasonWithout({ source, make }: Maker, time: Time): Promise<string> {
  process.stderr.write(`preparing ${source.title} ${source.version} in ${CACHE}\n`);
  mkdirSync(CACHE, { recursive: true });
  try {
    await make(time);
    return "";
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return `it cannot be had here (${message.replaceAll(/\s+/g, " ").slice(0, 300)}); ${PREPARE} takes its time`;
  }
}

const UNPACK = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:unpack";
/** A registry that does not answer is no reason to wait. */
const IMPATIENT = [
  "-Daether.connector.connectTimeout=5000",
  "-Dmaven.wagon.http.retryHandler.count=0",
];

async function prepareKeycloak(time: Time): Promise<void> {
  if (!existsSync(KEYCLOAK.path)) {
    await inNewPlace(KEYCLOAK.path, async (folder) => await unpackKeycloak(folder, time));
  }
  await inNewPlace(KEYCLOAK.mark, async (folder) => await makeDatabase(folder, time));
}

/** @returns the folder of the distribution */
async function unpackKeycloak(folder: string, time: Time): Promise<string> {
  const artifact = `org.keycloak:keycloak-quarkus-dist:${KEYCLOAK.version}:zip`;
  const unpack = [UNPACK, `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`];
  await work(["mvn", "-q", "-B", ...IMPATIENT, ...unpack], { time });
  const unpacked = join(folder, `keycloak-${KEYCLOAK.version}`);
  // What is given here cannot be given at a start.
  await work(["bash", join(unpacked, "bin", "kc.sh"), "build", "--db=dev-file"], { time });
  return unpacked;
}

/** With an administrator. @returns its folder */
async function makeDatabase(folder: string, time: Time): Promise<string> {
  const password = randomBytes(18).toString("base64url");
  writeFileSync(join(folder, PASSWORD_FILE), password, { mode: 0o600 });
  const [port = 0] = await freePorts(1);
  const origin = `http://127.0.0.1:${port}`;
  const { environment, ...program } = keycloakProgram({ port, origin, folder });
  const administrator = {
    KC_BOOTSTRAP_ADMIN_USERNAME: "admin",
    KC_BOOTSTRAP_ADMIN_PASSWORD: password,
  };
  const first = { ...program, environment: { ...environment, ...administrator } };
  const running = await run(first, time.leftMs());
  await running.stop();
  return folder;
}

const MODULE = "github.com/ory/hydra/v2";
/** In Hydra's own go.mod, where `go install` would refuse it. */
const REPLACED =
  "github.com/gobuffalo/pop/v6=github.com/ory/pop/v6@v6.2.1-0.20241121111754-e5dfc0f3344b";

/** In a module that is made for it. */
async function prepareHydra(time: Time): Promise<void> {
  await inNewPlace(HYDRA.path, async (folder) => {
    const options = { time, cwd: folder };
    writeFileSync(join(folder, "go.mod"), "module hydra\n\ngo 1.26\n");
    await work(["go", "mod", "edit", "-replace", REPLACED], options);
    await work(["go", "get", "-tool", `${MODULE}@v${HYDRA.version}`], options);
    const built = join(folder, "hydra");
    await work(["go", "build", "-tags", "sqlite", "-o", built, MODULE], options);
    return built;
  });
}

/**
 * Complete, or not there: what was made in a folder of its own is moved. Another run may do the
 * same; the first one's stays.
 */
async function inNewPlace(place: string, make: (folder: string) => Promise<string>): Promise<void> {
  const folder = mkdtempSync(join(CACHE, "new-"));
  try {
    const made = await make(folder);
    if (!existsSync(place)) {
      renameSync(made, place);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface WorkOptions {
  readonly time: Time;
  readonly cwd?: string;
}

const MAX_PRINTED = 4_000;

/** Ended with all that it has started when the time is over. @throws Error with what it said */
async function work(words: readonly string[], { time, cwd }: WorkOptions): Promise<void> {
  const [command = "", ...args] = words;
  // A group of its own.
  const child = spawn(command, args, { cwd, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      printed = (printed + chunk.toString("utf8")).slice(-MAX_PRINTED);
    });
  }
  const end = setTimeout(() => process.kill(-child.pid!, "SIGKILL"), time.leftMs());
  try {
    const [code, signal] = (await once(child, "close")) as [number | null, string | null];
    if (code !== 0) {
      const how = signal === null ? `exit code ${String(code)}` : "it took too long";
      const said = /^.*(?:ERROR|error|40[34]|refused|cannot).*$/m.exec(printed)?.[0] ?? "";
      throw new Error(`${command}: ${how} ${said}`.trim());
    }
  } finally {
    clearTimeout(end);
  }
}
