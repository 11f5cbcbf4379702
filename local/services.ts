/** Starts each server that has an address of its own, and synthesizes the assembly for these. */
import { join } from "node:path";
import { type ApiPage, startApiPage } from "@rollup-vault/api-contract/api-page";
import { type Gateway, openGateway } from "@rollup-vault/local-aws/gateway/gateway";
import { localRoleArn } from "@rollup-vault/local-aws/gateway/iam-authorization";
import { startRollupId } from "@rollup-vault/local-rollup-id/start";
import type { LocalContext } from "../lib/stages/local";
import type { Cleanup } from "./cleanup";
import { openDataFolder, withDataFolderHint } from "./data-folder";
import { type ActivityLog, createActivityLog } from "./page/activity";
import { pageRedirectUri } from "./page/page-content";
import { openPageServer, type PageServer } from "./page/page-server";
import { type OutsideProvider, type StackOptions, stepOf } from "./stack-options";
import { assertMadeFor, synthesize } from "./synthesize";
import { openPort } from "./tcp-ports";

export interface Services {
  readonly folder: string;
  readonly gateway: Gateway;
  readonly provider: RunningProvider;
  /** Undefined where the options ask for none. */
  readonly page: PageServer | undefined;
  /** The contract as a page; present where the page is. */
  readonly apiPage: ApiPage | undefined;
  readonly activity: ActivityLog;
  readonly redirectUri: string;
  /** Folder of the cloud assembly. */
  readonly assembly: string;
}

/** The provider as the rest of the run needs it, wherever it runs. */
export interface RunningProvider extends Omit<OutsideProvider, "idp"> {
  readonly issuer: string;
  readonly clientId: string;
  readonly isLocal: boolean;
}

/** The role whose credentials are in `.local/outputs.json`. */
export const ADMIN_ROLE = "Admin";
/** A frontend that is being developed against the stack. */
const FRONTEND = "http://localhost:3000";

export async function startServices(options: StackOptions, cleanup: Cleanup): Promise<Services> {
  const step = stepOf(options);
  const { path: folder } = cleanup.add(await openDataFolder(options.dataFolder));
  const gateway = cleanup.add(await openPort("PORT", options.port, openGateway));
  const redirectUri = `${gateway.url}/callback`;
  const page = await openPage(options.page, cleanup);
  const apiPage = page && cleanup.add(await startApiPage(gateway.url));
  const redirectUris = [
    redirectUri,
    `${FRONTEND}/callback`,
    ...(page === undefined ? [] : [pageRedirectUri(page.url)]),
  ];
  const activity = createActivityLog();
  const provider =
    options.provider === undefined
      ? await startLocalProvider(options, { folder, redirectUris, activity }, cleanup)
      : outside(options.provider);
  const context: LocalContext = {
    issuer: provider.issuer,
    clientId: provider.clientId,
    redirectUris,
    corsOrigins: [gateway.url, FRONTEND, ...(page === undefined ? [] : [page.url])],
    serviceRoleArns: [localRoleArn(ADMIN_ROLE)],
    ...(options.sessions !== undefined && { sessions: options.sessions }),
    ...(options.limits !== undefined && { limits: options.limits }),
    ...(options.throttle !== undefined && { throttle: options.throttle }),
    ...(options.idp !== undefined && { idp: options.idp }),
    ...(options.provider !== undefined && { provider: options.provider.idp }),
  };
  const assembly = await step("Synthesized stacks", () =>
    prepareAssembly(context, folder, options),
  );
  return { folder, gateway, provider, page, apiPage, activity, redirectUri, assembly };
}

interface LocalWorld {
  readonly folder: string;
  readonly redirectUris: readonly string[];
  readonly activity: ActivityLog;
}

async function startLocalProvider(
  options: StackOptions,
  { folder, redirectUris, activity }: LocalWorld,
  cleanup: Cleanup,
): Promise<RunningProvider> {
  const start = (port: number) =>
    startRollupId({
      port,
      redirectUris,
      dataFolder: join(folder, "rollup-id"),
      onRequest: activity.providerRequest,
    });
  const rollupId = await stepOf(options)("Local Rollup ID", () =>
    openPort("ISSUER_PORT", options.issuerPort, (port) =>
      withDataFolderHint(folder, () => start(port)),
    ),
  );
  const { issuer, clientId, clientSecret } = cleanup.add(rollupId);
  const authorizationEndpoint = `${issuer}/authorize`;
  return {
    issuer,
    clientId,
    clientSecret,
    authorizationEndpoint,
    title: "Rollup ID",
    isLocal: true,
  };
}

function outside({ idp, clientSecret, authorizationEndpoint, title }: OutsideProvider) {
  const { issuer, clientId } = idp;
  return { issuer, clientId, clientSecret, authorizationEndpoint, title, isLocal: false };
}

async function openPage(
  wanted: StackOptions["page"],
  cleanup: Cleanup,
): Promise<PageServer | undefined> {
  if (wanted === undefined) {
    return undefined;
  }
  const open = (port: number) => openPort("PAGE_PORT", port, openPageServer);
  const page = wanted.orAnyOther
    ? await openPageServer(wanted.port).catch(() => open(0))
    : await open(wanted.port);
  return cleanup.add(page);
}

async function prepareAssembly(
  context: LocalContext,
  folder: string,
  options: StackOptions,
): Promise<string> {
  if (options.assembly !== undefined) {
    await assertMadeFor(context, options.assembly);
    return options.assembly;
  }
  const assembly = join(folder, "cdk.out");
  await synthesize(context, assembly, options.signal);
  return assembly;
}
