/** The provider of a run: the local Rollup ID, one that plays a preset, or one that runs elsewhere. */
import { join } from "node:path";
import type { ObservedRequest } from "@rollup-vault/local-rollup-id/observe";
import { startRollupId } from "@rollup-vault/local-rollup-id/start";
import type { IdpSettings } from "../../lambda/env";
import type { Cleanup } from "../cleanup";
import { withDataFolderHint } from "../data-folder";
import type { Frontend, Outputs } from "../outputs";
import { type StackOptions, stepOf } from "../stack-options";
import { openPort } from "../tcp-ports";
import { playPreset } from "./played";

export interface RunningProvider {
  /** For people. */
  readonly title: string;
  readonly issuer: string;
  readonly clientId: string;
  /** Empty where the client has none. */
  readonly clientSecret: string;
  readonly authorizationEndpoint: string;
  readonly frontend: Frontend;
  readonly isLocal: boolean;
  readonly faults?: Outputs["faults"];
  /** All settings of the stage. Undefined: the local stage's own for Rollup ID. */
  readonly settings?: IdpSettings;
}

export interface ProviderWorld {
  /** Of the run's data. */
  readonly folder: string;
  readonly redirectUris: readonly string[];
  readonly onRequest: (request: ObservedRequest) => void;
}

/** A sign-in of a test asks for no more. */
const LEAST: Frontend = { scope: "openid", parameters: {}, pkce: true, nonce: true };

/** Whose grants a data folder holds; undefined: the local Rollup ID's. */
export function ownerOf({ provider, preset }: StackOptions): string | undefined {
  if (provider !== undefined) {
    return `${provider.idp.issuer} ${provider.idp.clientId}`;
  }
  return preset && `preset ${preset.name}`;
}

export async function startProvider(
  options: StackOptions,
  world: ProviderWorld,
  cleanup: Cleanup,
): Promise<RunningProvider> {
  const { provider, preset } = options;
  if (provider !== undefined) {
    const { idp, frontend = LEAST, ...rest } = provider;
    const { issuer, clientId } = idp;
    return { ...rest, issuer, clientId, frontend, isLocal: false, settings: idp };
  }
  const title = preset === undefined ? "Local Rollup ID" : `Local provider, as ${preset.title}`;
  return await stepOf(options)(title, () =>
    openPort("ISSUER_PORT", options.issuerPort, (port) =>
      withDataFolderHint(world.folder, () =>
        preset === undefined
          ? startLocalRollupId(port, world, cleanup)
          : playPreset({ ...world, preset, port }, cleanup),
      ),
    ),
  );
}

async function startLocalRollupId(
  port: number,
  { folder, redirectUris, onRequest }: ProviderWorld,
  cleanup: Cleanup,
): Promise<RunningProvider> {
  const dataFolder = join(folder, "rollup-id");
  const started = await startRollupId({ port, redirectUris, dataFolder, onRequest });
  const { issuer, clientId, clientSecret } = cleanup.add(started);
  return {
    title: "Rollup ID",
    issuer,
    clientId,
    clientSecret,
    authorizationEndpoint: `${issuer}/authorize`,
    frontend: { scope: "openid profile email", parameters: {}, pkce: false, nonce: false },
    isLocal: true,
    faults: { url: `${issuer}/faults`, kind: "rollup-id" },
  };
}
