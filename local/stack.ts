/** The whole product on this machine, from its synthesized template: what `npm start` and the integration tests run. */
import { join } from "node:path";
import { LOCAL_REGION, type Authorize } from "./aws/call";
import { createAuthorizer, type PolicyStatement } from "./aws/iam";
import { startLocalAws, type LocalAws } from "./aws/start";
import { createCleanup, type Cleanup } from "./cleanup";
import { deploy, type Deployment } from "./deployment";
import { LocalRunError } from "./failure";
import { ADMIN_ROLE, damageIsExplained, layFoundation, type Foundation } from "./foundation";
import { createFunctions, makeCredentials, type Functions } from "./functions";
import { createIamAuthorization, type AuthorizeByIam } from "./gateway/iam-authorization";
import { openLogs, type Logs } from "./logs";
import type { Outputs } from "./outputs";
import { servePage } from "./page/serve-page";
import type { RollupId } from "./rollup-id/start";
import type { AwsCredentials } from "./runtime/function-spec";
import { stepOf, type StackOptions } from "./stack-options";
import { readAssembly } from "./template/assembly";

export interface Stack {
  readonly outputs: Outputs;
  readonly aws: LocalAws;
  readonly rollupId: RollupId;
  readonly functions: Functions;
  readonly deployment: Deployment;
  readonly dataFolder: string;
  /** Folder of the cloud assembly, for {@link StackOptions.assembly}. */
  readonly assembly: string;
  readonly logs: Logs;
  /** Ends everything that was started, processes that hang included. */
  close(): Promise<void>;
}

interface Cloud {
  readonly aws: LocalAws;
  readonly deployment: Deployment;
  readonly logs: Logs;
  readonly functions: Functions;
  readonly admin: AwsCredentials;
  readonly authorizeByIam: AuthorizeByIam;
}

const DEFAULT_CONCURRENCY = 4;
const EVERYTHING: PolicyStatement = { Effect: "Allow", Action: "*", Resource: "*" };

/** @throws LocalRunError where a person has to change something; whatever was started is ended then */
export async function startStack(options: StackOptions): Promise<Stack> {
  const cleanup = createCleanup();
  try {
    const foundation = await layFoundation(options, cleanup);
    const cloud = await startCloud(options, foundation, cleanup);
    const { gateway, rollupId, assembly, folder } = foundation;
    gateway.serve({
      ...cloud.deployment,
      invoke: (id, event) => cloud.functions.invoke(id, event),
      authorizeByIam: cloud.authorizeByIam,
    });
    // Closed first, before the functions that running requests need.
    cleanup.add(gateway);
    await stepOf(options)("Health through the API", () => checkHealth(gateway.url));
    const outputs = createOutputs(foundation, cloud);
    await servePage(options, { ...foundation, ...cloud, outputs });
    return {
      ...cloud,
      ...{ rollupId, assembly, outputs, dataFolder: folder },
      close: () => cleanup.run(),
    };
  } catch (error) {
    await cleanup.run().catch(() => undefined);
    throw error;
  }
}

async function startCloud(
  options: StackOptions,
  { folder, gateway, rollupId, assembly, activity }: Foundation,
  cleanup: Cleanup,
): Promise<Cloud> {
  const step = stepOf(options);
  let authorize: Authorize = () => false;
  const { engine, external, hooks = {}, concurrency = DEFAULT_CONCURRENCY } = options;
  const aws = await step("Local AWS", () =>
    damageIsExplained(folder, () =>
      startLocalAws({
        ...{ dataFolder: join(folder, "aws"), engine, external },
        authorize: (call) => authorize(call),
        onCall: (call) => {
          activity.awsCall(call);
          return options.onCall?.(call);
        },
      }),
    ),
  );
  cleanup.add(aws);
  const deployment = await step("Tables, key, client secret", async () => {
    const deployed = await deploy(await readAssembly(assembly), aws, gateway.url);
    await aws.putSecretValue(deployed.clientSecretName, rollupId.clientSecret);
    return deployed;
  });
  const logs = cleanup.add(await openLogs(join(folder, "logs"), options.onLog));
  const { endpoints } = aws;
  const functions = cleanup.add(
    createFunctions(deployment.functions, { endpoints, logs, concurrency, hooks }),
  );
  const admin = makeCredentials(ADMIN_ROLE);
  authorize = createAuthorizer(
    new Map([...functions.principals, [admin.accessKeyId, [EVERYTHING]]]),
  );
  const authorizeByIam = createIamAuthorization(
    new Map([
      ...functions.identities,
      [admin.accessKeyId, { roleName: ADMIN_ROLE, credentials: admin }],
    ]),
    authorize,
  );
  return { aws, deployment, logs, functions, admin, authorizeByIam };
}

async function checkHealth(apiUrl: string): Promise<void> {
  const { status } = await fetch(`${apiUrl}/health`);
  if (status !== 200) {
    throw new LocalRunError(`GET /health answers ${status}; the functions' logs say why`);
  }
}

function createOutputs(
  { gateway, rollupId, redirectUri, page }: Foundation,
  { aws, deployment, admin }: Cloud,
): Outputs {
  const output = (name: string): string => deployment.outputs[name] ?? "";
  return {
    apiUrl: gateway.url,
    issuer: rollupId.issuer,
    clientId: rollupId.clientId,
    clientSecret: rollupId.clientSecret,
    redirectUri,
    pageUrl: page?.url ?? `${gateway.url}/health`,
    pid: process.pid,
    region: LOCAL_REGION,
    endpoints: { ...aws.endpoints },
    grantKeyArn: output("GrantKeyArn"),
    clientSecretArn: output("ClientSecretArn"),
    idpSettings: JSON.parse(output("IdpSettings")) as Record<string, unknown>,
    tables: {
      users: output("UsersTableName"),
      refreshTokens: output("RefreshTokensTableName"),
      sessions: output("SessionsTableName"),
    },
    credentials: { ...admin },
  };
}
