/**
 * The AWS of a run: the services, what the templates deploy to them, and the functions with
 * everything that invokes them.
 */
import { join } from "node:path";
import type { Authorize } from "@rollup-vault/local-aws/aws/call";
import { createAuthorizer, type PolicyStatement } from "@rollup-vault/local-aws/aws/iam";
import { type LocalAws, startLocalAws } from "@rollup-vault/local-aws/aws/start";
import { deploy, type Deployment } from "@rollup-vault/local-aws/deployment";
import { type Events, startEvents } from "@rollup-vault/local-aws/events/start-events";
import {
  createFunctions,
  type Functions,
  makeCredentials,
} from "@rollup-vault/local-aws/functions";
import {
  type AuthorizeByIam,
  createIamAuthorization,
} from "@rollup-vault/local-aws/gateway/iam-authorization";
import { type Logs, openLogs } from "@rollup-vault/local-aws/logs";
import type { AwsCredentials } from "@rollup-vault/local-aws/runtime/function-spec";
import { type Assembly, readAssembly } from "@rollup-vault/local-aws/template/assembly";
import { findQueues } from "@rollup-vault/local-aws/template/queues";
import type { Cleanup } from "./cleanup";
import { withDataFolderHint } from "./data-folder";
import { ADMIN_ROLE, awsDataOf } from "./services";
import { type StackOptions, stepOf } from "./stack-options";

export interface Cloud {
  readonly aws: LocalAws;
  readonly deployment: Deployment;
  readonly logs: Logs;
  readonly functions: Functions;
  readonly events: Events;
  readonly admin: AwsCredentials;
  readonly authorizeByIam: AuthorizeByIam;
}

export interface CloudInputs {
  /** Of the data. */
  readonly folder: string;
  /** Folder of the cloud assembly. */
  readonly assembly: string;
  readonly apiUrl: string;
  readonly clientSecret: string;
}

export type CloudOptions = Omit<StackOptions, "port" | "issuerPort">;

const DEFAULT_CONCURRENCY = 4;
const EVERYTHING: PolicyStatement = { Effect: "Allow", Action: "*", Resource: "*" };

export async function startCloud(
  options: CloudOptions,
  { folder, apiUrl, clientSecret, assembly: assemblyFolder }: CloudInputs,
  cleanup: Cleanup,
): Promise<Cloud> {
  const step = stepOf(options);
  let authorize: Authorize = () => false;
  const { hooks = {}, concurrency = DEFAULT_CONCURRENCY } = options;
  const assembly = await readAssembly(assemblyFolder);
  const aws = await step("Local AWS", () =>
    withDataFolderHint(folder, () =>
      openAws(options, { folder, assembly, authorize: (call) => authorize(call) }),
    ),
  );
  cleanup.add(aws);
  const deployment = await step("Tables, keys, client secret", async () => {
    const deployed = await deploy(assembly, aws, apiUrl);
    if (deployed.clientSecretName !== undefined && clientSecret !== "") {
      await aws.putSecretValue(deployed.clientSecretName, clientSecret);
    }
    return deployed;
  });
  const logs = cleanup.add(await openLogs(join(folder, "logs"), options.onLog));
  const { endpoints } = aws;
  const functions = cleanup.add(
    createFunctions(deployment.functions, {
      endpoints,
      logs,
      concurrency,
      hooks,
      onInvoked: options.onInvoked,
    }),
  );
  const admin = makeCredentials(ADMIN_ROLE);
  authorize = createAuthorizer(
    new Map([...functions.principals, [admin.accessKeyId, [EVERYTHING]]]),
  );
  const authorizeByIam = authorizationOf(functions, admin, authorize);
  const events = cleanup.add(
    startEvents({
      application: deployment,
      functions,
      endpoint: endpoints.sqs,
      authorize,
      concurrency,
    }),
  );
  return { aws, deployment, logs, functions, events, admin, authorizeByIam };
}

function authorizationOf(
  { identities }: Functions,
  credentials: AwsCredentials,
  authorize: Authorize,
): AuthorizeByIam {
  const admin = { roleName: ADMIN_ROLE, credentials };
  const principals = new Map([...identities, [credentials.accessKeyId, admin]]);
  return createIamAuthorization(principals, authorize);
}

async function openAws(
  options: CloudOptions,
  world: { folder: string; assembly: Assembly; authorize: Authorize },
): Promise<LocalAws> {
  return await startLocalAws({
    ...awsDataOf(options, world.folder),
    onCall: options.onCall,
    now: options.now,
    queues: findQueues(world.assembly).length > 0,
    authorize: world.authorize,
  });
}
