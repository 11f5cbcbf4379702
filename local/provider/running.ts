/** The provider of a run: the local Rollup ID, one that plays a preset, or one elsewhere. */
import { join } from "node:path";
import { startRollupId } from "@rollup-vault/local-rollup-id/start";
import { guessPreset } from "../../lib/provider/propose";
import type { Cleanup } from "../cleanup";
import { withDataFolderHint } from "../data-folder";
import type { Frontend } from "../outputs";
import { type StackOptions, stepOf } from "../stack-options";
import { openPort } from "../tcp-ports";
import { playPreset } from "./played";
import type { ProviderWorld, RunningProvider } from "./provider";

/** A sign-in of a test asks for no more. */
const LEAST: Frontend = { scope: "openid", parameters: {}, pkce: true, nonce: true, iss: false };

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
    const likely = guessPreset(idp);
    return { preset: likely, ...rest, issuer, clientId, frontend, isLocal: false, settings: idp };
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
    frontend: {
      scope: "openid profile email",
      parameters: {},
      pkce: false,
      nonce: false,
      iss: false,
    },
    isLocal: true,
    preset: "rollup",
    faults: { url: `${issuer}/faults`, kind: "rollup-id" },
  };
}
