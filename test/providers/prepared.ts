/** The providers, where they come from, and whether they are on this machine. */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../support/imports";

export interface Source {
  readonly title: string;
  readonly version: string;
  readonly path: string;
  /** There once the provider is complete. */
  readonly mark: string;
}

/** Outside the checkout: made once for all of them. */
export const CACHE = join(
  process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"),
  "rollup-vault",
);
export const PREPARE = "npm run test:providers -- --prepare";

const keycloak = join(CACHE, "keycloak-26.5.6");
const hydra = join(CACHE, "hydra-2.3.0");
const oidcProvider = join(ROOT, "node_modules", "oidc-provider");

export const KEYCLOAK: Source = {
  title: "Keycloak",
  version: "26.5.6",
  path: keycloak,
  mark: join(keycloak, "database"),
};
export const HYDRA: Source = {
  title: "Ory Hydra",
  version: "2.3.0",
  path: hydra,
  mark: hydra,
};
export const OIDC_PROVIDER: Source = {
  title: "oidc-provider",
  version: installedVersion(oidcProvider),
  path: oidcProvider,
  mark: oidcProvider,
};

/** Why a provider is not among them, whatever the machine. */
export const NOT_TO_BE_HAD: Readonly<Record<string, string>> = {
  Dex: "the Go module proxy serves none after 2.13.0, of 2018",
};

export const isPrepared = ({ mark }: Source): boolean => existsSync(mark);

function installedVersion(folder: string): string {
  const manifest = readFileSync(join(folder, "package.json"), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
