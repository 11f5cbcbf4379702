/** Starts each server that has an address of its own, and synthesizes the assembly for these. */
import { join } from "node:path";
import { type BackendOptions, checkData } from "@rollup-vault/local-aws/aws/backends";
import { type Gateway, openGateway } from "@rollup-vault/local-aws/gateway/gateway";
import { localRoleArn } from "@rollup-vault/local-aws/gateway/iam-authorization";
import type { LocalContext } from "../lib/stages/local";
import type { Cleanup } from "./cleanup";
import { openDataFolder, withDataFolderHint } from "./data-folder";
import { callbackOf, USUAL_FRONTENDS } from "./frontends";
import { type ActivityLog, createActivityLog } from "./page/activity";
import { pageRedirectUri } from "./page/page-content";
import { openPageServer, type PageServer } from "./page/page-server";
import type { RunningProvider } from "./provider/provider";
import { ownerOf, startProvider } from "./provider/running";
import { type StackOptions, stepOf } from "./stack-options";
import { synthesize } from "./synthesize";
import { openPort } from "./tcp-ports";

export interface Services {
  readonly folder: string;
  readonly gateway: Gateway;
  readonly provider: RunningProvider;
  /** Undefined where the options ask for none. */
  readonly page: PageServer | undefined;
  readonly activity: ActivityLog;
  readonly redirectUri: string;
  /** Origins of apps that are developed against the run. */
  readonly frontends: readonly string[];
  /** Folder of the cloud assembly. */
  readonly assembly: string;
}

/** The role whose credentials are in `.local/outputs.json`. */
export const ADMIN_ROLE = "Admin";

export async function startServices(options: StackOptions, cleanup: Cleanup): Promise<Services> {
  const step = stepOf(options);
  const { path: folder } = cleanup.add(await openDataFolder(options.dataFolder, ownerOf(options)));
  await withDataFolderHint(folder, () => checkData(awsDataOf(options, folder)));
  const gateway = cleanup.add(await openPort("PORT", options.port, openGateway));
  const redirectUri = `${gateway.url}/callback`;
  const page = await openPage(options.page, cleanup);
  const frontends = [...new Set([...(options.frontends ?? []), ...USUAL_FRONTENDS])];
  const redirectUris = [
    redirectUri,
    ...frontends.map(callbackOf),
    ...(page === undefined ? [] : [pageRedirectUri(page.url)]),
  ];
  const activity = createActivityLog();
  const world = { folder, redirectUris, onRequest: activity.providerRequest };
  const provider = await startProvider(options, world, cleanup);
  const context: LocalContext = {
    issuer: provider.issuer,
    clientId: provider.clientId,
    redirectUris,
    corsOrigins: [gateway.url, ...frontends, ...(page === undefined ? [] : [page.url])],
    serviceRoleArns: [localRoleArn(ADMIN_ROLE)],
    ...(options.sessions !== undefined && { sessions: options.sessions }),
    ...(options.limits !== undefined && { limits: options.limits }),
    ...(options.throttle !== undefined && { throttle: options.throttle }),
    ...(options.idp !== undefined && { idp: options.idp }),
    ...(provider.settings !== undefined && { provider: provider.settings }),
  };
  const assembly = join(folder, "cdk.out");
  const { assemblies: cache, signal } = options;
  await step("Synthesized stacks", () =>
    synthesize(context, assembly, {
      ...(cache !== undefined && { cache }),
      ...(signal && { signal }),
    }),
  );
  return { folder, gateway, provider, page, activity, redirectUri, frontends, assembly };
}

/** Where the AWS of a run has its data, and which of its services are elsewhere. */
export function awsDataOf(
  { engine, external }: Pick<StackOptions, "engine" | "external">,
  folder: string,
): BackendOptions {
  return { dataFolder: join(folder, "aws"), engine, external };
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
