/**
 * The whole product on this machine, from its synthesized template: what `npm start` and the
 * integration tests run.
 */
import { LOCAL_REGION } from "@rollup-vault/local-aws/aws/call";
import type { LocalAws } from "@rollup-vault/local-aws/aws/start";
import type { Deployment } from "@rollup-vault/local-aws/deployment";
import type { Functions } from "@rollup-vault/local-aws/functions";
import type { Logs } from "@rollup-vault/local-aws/logs";
import type { OperatorScreen } from "../bin/admin/ui/serve";
import { createCleanup } from "./cleanup";
import { type Cloud, startCloud } from "./cloud";
import { LocalRunError } from "./local-run-error";
import { startWatch } from "./operations/watch";
import { startOperatorScreen } from "./operator-screen";
import type { Outputs } from "./outputs";
import { API_DOCS } from "./page/page-content";
import { servePage } from "./page/serve-page";
import { ownMark } from "./process-mark";
import { type Services, startServices } from "./services";
import { type StackOptions, stepOf } from "./stack-options";

export interface Stack {
  readonly outputs: Outputs;
  readonly aws: LocalAws;
  readonly functions: Functions;
  readonly deployment: Deployment;
  readonly dataFolder: string;
  readonly logs: Logs;
  /** Present where the page is. */
  readonly operatorScreen: OperatorScreen | undefined;
  /** Runs a scheduled function now, by its short name, and answers what it answers. */
  runSchedule(label: string): Promise<unknown>;
  /** Ends everything that was started, processes that hang included. */
  close(): Promise<void>;
}

/**
 * @throws LocalRunError where the user has to change something; all that was started is ended then
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const cleanup = createCleanup();
  try {
    const services = await startServices(options, cleanup);
    const { gateway, assembly, folder } = services;
    const { clientSecret } = services.provider;
    const inputs = { folder, assembly, apiUrl: gateway.url, clientSecret };
    const watch = services.page && cleanup.add(await startWatch(assembly, options.now));
    const drawn = watched(options, services);
    const cloud = await startCloud(watch?.watched(drawn) ?? drawn, inputs, cleanup);
    gateway.serve({
      ...cloud.deployment,
      invoke: (id, event) => cloud.functions.invoke(id, event),
      authorizeByIam: cloud.authorizeByIam,
    });
    // Closed first, before the functions that running requests need.
    cleanup.add(gateway);
    await stepOf(options)("Health through the API", () => checkHealth(gateway.url));
    const transport = options.sessions?.transport ?? "bearer";
    const outputs = { ...createOutputs(services, cloud), transport };
    await servePage(options, { ...services, ...cloud, outputs, watch });
    const operatorScreen = services.page && cleanup.add(await startOperatorScreen(outputs));
    return {
      ...cloud,
      outputs,
      dataFolder: folder,
      operatorScreen,
      runSchedule: (label) => cloud.events.runSchedule(label),
      close: () => cleanup.run(),
    };
  } catch (error) {
    await cleanup.run().catch(() => undefined);
    throw error;
  }
}

function watched(options: StackOptions, { activity }: Services): StackOptions {
  return {
    ...options,
    onCall: (call, input) => {
      activity.awsCall(call);
      return options.onCall?.(call, input);
    },
  };
}

async function checkHealth(apiUrl: string): Promise<void> {
  const { status } = await fetch(`${apiUrl}/health`);
  if (status !== 200) {
    throw new LocalRunError(`GET /health answers ${status}; the functions' logs say why`);
  }
}

function createOutputs(
  { gateway, provider, redirectUri, frontends, page }: Services,
  { aws, deployment, admin }: Cloud,
): Omit<Outputs, "transport"> {
  const output = (name: string): string => deployment.outputs[name] ?? "";
  return {
    apiUrl: gateway.url,
    issuer: provider.issuer,
    clientId: provider.clientId,
    provider: provider.title,
    preset: provider.preset,
    isLocalProvider: provider.isLocal,
    authorizationEndpoint: provider.authorizationEndpoint,
    frontend: provider.frontend,
    ...(provider.faults !== undefined && { faults: provider.faults }),
    clientSecret: provider.clientSecret,
    redirectUri,
    corsOrigins: JSON.parse(output("CorsOrigins")) as string[],
    pageUrl: page?.url ?? `${gateway.url}/health`,
    apiDocsUrl: page === undefined ? `${gateway.url}/openapi.json` : `${page.url}${API_DOCS}`,
    frontends: [...frontends],
    ...ownMark(),
    region: LOCAL_REGION,
    endpoints: { ...aws.endpoints },
    grantKeyArn: output("GrantKeyArn"),
    ...(deployment.outputs["ClientSecretArn"] !== undefined && {
      clientSecretArn: deployment.outputs["ClientSecretArn"],
    }),
    ...(deployment.outputs["ClientSigningKeyArn"] !== undefined && {
      clientSigningKeyArn: deployment.outputs["ClientSigningKeyArn"],
    }),
    ...(deployment.outputs["RecoveryQueueUrl"] !== undefined && {
      recoveryQueueUrl: deployment.outputs["RecoveryQueueUrl"],
    }),
    idpSettings: JSON.parse(output("IdpSettings")) as Record<string, unknown>,
    tables: {
      users: output("UsersTableName"),
      refreshTokens: output("RefreshTokensTableName"),
      sessions: output("SessionsTableName"),
    },
    credentials: { ...admin },
  };
}
