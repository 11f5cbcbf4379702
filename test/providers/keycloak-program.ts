/**
 * Keycloak as a program. Making its database takes longer than starting it, so each run copies one
 * that was made beforehand, with an administrator whose password lies beside it.
 */
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { KEYCLOAK } from "./prepared";
import type { Program } from "./process";

export interface KeycloakPlace {
  readonly port: number;
  /** Of the database. */
  readonly folder: string;
  /** What its issuers begin with. */
  readonly origin: string;
}

const SCRIPT = join(KEYCLOAK.path, "bin", "kc.sh");
/** Beside the database. */
export const PASSWORD_FILE = "password";
const DATABASE = "h2.mv.db";

export function keycloakProgram({ port, folder, origin }: KeycloakPlace): Program {
  return {
    command: "bash",
    args: [
      SCRIPT,
      "start",
      "--optimized",
      "--cache=local",
      "--http-enabled=true",
      "--http-host=127.0.0.1",
      `--http-port=${port}`,
      `--hostname=${origin}`,
      // Without a delay of half a second, or one that is killed forgets the last sign-ins.
      `--db-url=jdbc:h2:file:${join(folder, "h2")};NON_KEYWORDS=VALUE;WRITE_DELAY=0`,
    ],
    environment: { JAVA_OPTS_KC_HEAP: "-Xms128m -Xmx512m" },
    healthUrl: `http://127.0.0.1:${port}/realms/master/.well-known/openid-configuration`,
  };
}

/** @returns the administrator's password */
export function copyTemplate(folder: string): string {
  copyFileSync(join(KEYCLOAK.mark, DATABASE), join(folder, DATABASE));
  return readFileSync(join(KEYCLOAK.mark, PASSWORD_FILE), "utf8");
}
