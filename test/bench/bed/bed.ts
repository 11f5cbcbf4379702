/**
 * The test bed: the project's own engines behind TLS, this project's functions as its template
 * deploys them, and the peers' with tables of their own.
 */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LOCAL_REGION } from "@rollup-vault/local-aws/aws/call";
import { type LocalAws, startLocalAws } from "@rollup-vault/local-aws/aws/start";
import { deploy } from "@rollup-vault/local-aws/deployment";
import { makeCredentials } from "@rollup-vault/local-aws/functions";
import type { AwsEndpoints, FunctionSpec } from "@rollup-vault/local-aws/runtime/function-spec";
import { instanceEnvironment } from "@rollup-vault/local-aws/runtime/instance-environment";
import { readAssembly } from "@rollup-vault/local-aws/template/assembly";
import type { IdpSettings } from "../../../lambda/env";
import type { Limits } from "../../../lambda/limits";
import { type Cleanup, createCleanup } from "../../../local/cleanup";
import { LIMITS_TO_TRY } from "../../../local/stack-options";
import { synthesize } from "../../../local/synthesize";
import type { Progress } from "../progress";
import { bundlePeers, PEER_NAMES, peerFolder, type PeerName } from "./peer-bundles";
import { type BenchProvider, startBenchProvider } from "./provider";
import { makeCertificate, openTlsDoor } from "./tls";

export type Candidate = "ours" | PeerName;

/** A bundle and what it finds in its environment. */
export interface Deployed {
  readonly label: string;
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
}

export interface Bed {
  readonly provider: BenchProvider;
  readonly aws: LocalAws;
  readonly outputs: Readonly<Record<string, string>>;
  /** Gone when the bed is closed. */
  readonly folder: string;
  /** @throws Error where that candidate has no such function */
  deployed(candidate: Candidate, label: string): Deployed;
  /** A file with this event. */
  eventFile(event: object): string;
  close(): Promise<void>;
}

export interface BedOptions {
  readonly progress: Progress;
  /** In the place of the local Rollup ID's. */
  readonly idp?: Partial<IdpSettings>;
  readonly limits?: Partial<Limits>;
  /** An engine in the place of the bed's own. */
  readonly dynamodb?: string;
  /** @default true */
  readonly hasPeers?: boolean;
}

/** For every process, whichever its candidate: all of them trust the bed's certificate. */
const COMMON = {
  NODE_TLS_REJECT_UNAUTHORIZED: "0",
  NODE_NO_WARNINGS: "1",
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
  POWERTOOLS_TRACE_ENABLED: "false",
};
const REDIRECT_URI = "http://127.0.0.1:4000/callback";

export async function openBed(options: BedOptions): Promise<Bed> {
  const cleanup = createCleanup();
  try {
    return await open(options, cleanup);
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}

async function open({ hasPeers = true, ...options }: BedOptions, cleanup: Cleanup): Promise<Bed> {
  const folder = mkdtempSync(join(tmpdir(), "rollup-vault-bench-"));
  cleanup.add({
    close: async () => {
      await rm(folder, { recursive: true });
    },
  });
  const certificate = makeCertificate();
  const provider = cleanup.add(await startBenchProvider(certificate));
  options.progress.note("synthesizing, and starting the engines");
  const assembly = join(folder, "cdk.out");
  await synthesize(contextOf(provider, options), assembly);
  const aws = cleanup.add(
    await startLocalAws({
      engine: "dynoxide",
      queues: true,
      ...(options.dynamodb !== undefined && { external: { dynamodb: options.dynamodb } }),
    }),
  );
  const { functions, outputs, clientSecretName } = await deploy(
    await readAssembly(assembly),
    aws,
    "https://127.0.0.1",
  );
  if (clientSecretName !== undefined) {
    await aws.putSecretValue(clientSecretName, "a secret of the bench");
  }
  const endpoints: Record<string, string> = {};
  for (const [service, endpoint] of Object.entries<string>({ ...aws.endpoints })) {
    endpoints[service] = cleanup.add(await openTlsDoor(endpoint, certificate)).url;
  }
  const environmentOf = (spec: FunctionSpec) =>
    throughTls(
      instanceEnvironment(
        spec,
        {
          region: LOCAL_REGION,
          credentials: makeCredentials(spec.label),
          endpoints: endpoints as unknown as AwsEndpoints,
          hooks: { environment: COMMON },
        },
        "127.0.0.1:9",
      ),
      aws.endpoints.sqs,
      endpoints["sqs"],
    );
  if (hasPeers) {
    await makePeerTables(aws);
    await bundlePeers(join(folder, "peers"));
  }
  let files = 0;
  return {
    provider,
    aws,
    outputs,
    folder,
    deployed: (candidate, label) => {
      const spec = functions.find((one) => one.label === label);
      if (spec === undefined) {
        throw new Error(`there is no function ${label}`);
      }
      const environment = environmentOf(spec);
      return candidate === "ours"
        ? { label, folder: spec.codeFolder, environment }
        : {
            label,
            folder: peerFolder(join(folder, "peers"), candidate, label),
            environment: { ...environment, ...peerVariables(candidate, { outputs, provider }) },
          };
    },
    eventFile: (event) => {
      const file = join(folder, "events", `${String((files += 1))}.json`);
      mkdirSync(join(folder, "events"), { recursive: true });
      writeFileSync(file, JSON.stringify(event));
      return file;
    },
    close: async () => {
      await cleanup.run();
    },
  };
}

function contextOf({ issuer, clientId }: BenchProvider, { idp, limits }: BedOptions) {
  return {
    issuer,
    clientId,
    redirectUris: [REDIRECT_URI],
    corsOrigins: ["http://127.0.0.1:4002"],
    // So that every call that wants a new token gets one.
    limits: { ...LIMITS_TO_TRY, ...limits },
    ...(idp && { idp }),
  };
}

/** A queue's address is in the environment, and the SDK goes by it. */
function throughTls(
  environment: Record<string, string>,
  plain: string | undefined,
  tls: string | undefined,
): Record<string, string> {
  const through = (value: string) =>
    plain === undefined || tls === undefined ? value : value.replace(plain, tls);
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, through(value)]),
  );
}

const tableOf = (peer: PeerName, name: string) => `${peer}-${name}`;

async function makePeerTables(aws: LocalAws): Promise<void> {
  for (const peer of PEER_NAMES) {
    await aws.createTables([
      peerTable(tableOf(peer, "users"), "sub", { list: "listKey" }),
      peerTable(tableOf(peer, "grants"), "sub", { list: "listKey" }),
      peerTable(tableOf(peer, "sessions"), "tokenHash", { bySub: "sub" }),
    ]);
  }
}

/** @param indexes key by name */
function peerTable(TableName: string, key: string, indexes: Readonly<Record<string, string>>) {
  const hash = (AttributeName: string) => ({ AttributeName, KeyType: "HASH" as const });
  return {
    TableName,
    KeySchema: [hash(key)],
    AttributeDefinitions: [key, ...Object.values(indexes)].map((AttributeName) => ({
      AttributeName,
      AttributeType: "S" as const,
    })),
    GlobalSecondaryIndexes: Object.entries(indexes).map(([IndexName, indexed]) => ({
      IndexName,
      KeySchema: [hash(indexed)],
      Projection: { ProjectionType: "ALL" as const },
    })),
  };
}

function peerVariables(
  peer: PeerName,
  { outputs, provider }: Pick<Bed, "outputs" | "provider">,
): Record<string, string> {
  return {
    USERS_TABLE: tableOf(peer, "users"),
    REFRESH_TOKENS_TABLE: tableOf(peer, "grants"),
    SESSIONS_TABLE: tableOf(peer, "sessions"),
    GRANT_KEY_ARN: outputs["GrantKeyArn"] ?? "",
    CLIENT_SECRET_ARN: outputs["ClientSecretArn"] ?? "",
    ISSUER: provider.issuer,
    CLIENT_ID: provider.clientId,
    JWKS_URI: `${provider.issuer}/.well-known/jwks.json`,
    TOKEN_ENDPOINT: `${provider.issuer}/token`,
  };
}
