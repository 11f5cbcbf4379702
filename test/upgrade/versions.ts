/**
 * The previous release and this version side by side, as during a deployment: one AWS, one
 * provider, each version's own template, bundles and roles.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { LOCAL_REGION } from "@rollup-vault/local-aws/aws/call";
import { type LocalAws, startLocalAws } from "@rollup-vault/local-aws/aws/start";
import { openGateway } from "@rollup-vault/local-aws/gateway/gateway";
import { type Answer, type Call, exchange } from "@rollup-vault/local-aws/testing/http-exchange";
import type { LedgerPage } from "@rollup-vault/local-rollup-id/ledger";
import { type RollupId, startRollupId } from "@rollup-vault/local-rollup-id/start";
import { type Cleanup, createCleanup } from "../../local/cleanup";
import { type Cloud, startCloud } from "../../local/cloud";
import { synthesize } from "../../local/synthesize";
import { type Kept, STRICT, unpack } from "./release";

export type VersionName = "old" | "new";
type Table = "Users" | "RefreshTokens" | "Sessions";
export type Item = Readonly<Record<string, unknown>>;

export interface Person {
  readonly sub: string;
  readonly session: string;
}

export interface Versions {
  readonly kept: Kept;
  call(version: VersionName, request: Call): Promise<Answer>;
  /** Signs in at the provider, then `POST /sessions` with the code. */
  connect(version: VersionName, name: string): Promise<Person>;
  /** `POST /me/access-token`. */
  accessToken(version: VersionName, person: Person): Promise<Answer>;
  /** From now on the cached access token is one that has expired. */
  expire(person: Person): Promise<void>;
  item(table: Table, key: Readonly<Record<string, string>>): Promise<Item>;
  /** Refresh tokens of this person that the provider took. */
  exchanges(person: Person): Promise<number>;
  close(): Promise<void>;
}

interface Running {
  readonly url: string;
  readonly cloud: Cloud;
}

const SCOPE = "openid profile";
/** Several instances of each function, so that callers at once do not share a process. */
const CONCURRENCY = 3;

export async function startVersions(): Promise<Versions> {
  const cleanup = createCleanup();
  try {
    return await start(cleanup);
  } catch (error) {
    await cleanup.run().catch(() => undefined);
    throw error;
  }
}

async function start(cleanup: Cleanup): Promise<Versions> {
  const folder = mkdtempSync(join(tmpdir(), "versions-"));
  cleanup.add({
    close: async () => {
      rmSync(folder, { recursive: true, force: true });
      await Promise.resolve();
    },
  });
  const aws = cleanup.add(await startLocalAws({ queues: true }));
  const redirectUri = "http://localhost:3000/callback";
  const provider = cleanup.add(await startRollupId({ port: 0, redirectUris: [redirectUri] }));
  await programme(provider, { rotation: "strict", refusals: "oauth" });
  const { issuer, clientId } = provider;
  const origin = new URL(redirectUri).origin;
  const kept = unpack(join(folder, "old", "cdk.out"), { issuer, clientId, origin });
  await synthesize(
    { issuer, clientId, redirectUris: [redirectUri], corsOrigins: [origin], idp: STRICT },
    join(folder, "new", "cdk.out"),
  );
  // One after the other, as CloudFormation would update them: the tables are the first one's.
  const place = { aws, provider, cleanup };
  const old = await run(join(folder, "old"), place);
  const versions = { old, new: await run(join(folder, "new"), place) };
  const { client, tables } = openTables(versions, aws, cleanup);
  const call: Versions["call"] = async (version, request) =>
    await exchange(versions[version].url, request);
  return {
    kept,
    call,
    connect: async (version, name) => {
      const code = await authorize(provider, redirectUri, name);
      // A member that this version adds to the previous one (decision 0041).
      const scope = version === "new" ? { scope: SCOPE } : {};
      const json = { code, redirect_uri: redirectUri, ...scope };
      const { status, text, body } = await call(version, {
        method: "POST",
        path: "/sessions",
        json,
      });
      expect([status, text]).toEqual([201, expect.any(String)]);
      const { user, session } = body as { user: { sub: string }; session: { token: string } };
      return { sub: user.sub, session: session.token };
    },
    accessToken: async (version, { session }) =>
      await call(version, { method: "POST", path: "/me/access-token", bearer: session }),
    expire: async ({ sub }) => {
      await client.send(
        new UpdateCommand({
          TableName: tables.RefreshTokens,
          Key: { sub },
          ConditionExpression: "attribute_exists(accessToken)",
          UpdateExpression: "SET accessToken.expiresAt = :past",
          ExpressionAttributeValues: { ":past": "2026-01-01T00:00:00.000Z" },
        }),
      );
    },
    item: async (table, key) => {
      const found = await client.send(new GetCommand({ TableName: tables[table], Key: key }));
      return found.Item ?? {};
    },
    exchanges: async ({ sub }) => await countExchanges(provider, sub),
    close: () => cleanup.run(),
  };
}

interface Place {
  readonly aws: LocalAws;
  readonly provider: RollupId;
  readonly cleanup: Cleanup;
}

/** One version: its own front door, by which its roles judge its calls, before the AWS of both. */
async function run(folder: string, { aws, provider, cleanup }: Place): Promise<Running> {
  const gateway = await openGateway(0);
  const cloud = await startCloud(
    { external: aws.endpoints, concurrency: CONCURRENCY },
    {
      folder,
      assembly: join(folder, "cdk.out"),
      apiUrl: gateway.url,
      clientSecret: provider.clientSecret,
    },
    cleanup,
  );
  gateway.serve({
    ...cloud.deployment,
    invoke: (id, event) => cloud.functions.invoke(id, event),
    authorizeByIam: cloud.authorizeByIam,
  });
  cleanup.add(gateway);
  return { url: gateway.url, cloud };
}

/** The operator's own way to the tables, which have to be the same for both. */
function openTables(versions: Record<VersionName, Running>, aws: LocalAws, cleanup: Cleanup) {
  const tablesOf = (version: VersionName) => {
    const { outputs } = versions[version].cloud.deployment;
    return {
      Users: outputs["UsersTableName"] ?? "",
      RefreshTokens: outputs["RefreshTokensTableName"] ?? "",
      Sessions: outputs["SessionsTableName"] ?? "",
      key: outputs["GrantKeyArn"],
    };
  };
  const tables = tablesOf("new");
  expect(tablesOf("old")).toEqual(tables);
  const client = DynamoDBDocumentClient.from(
    new DynamoDBClient({
      endpoint: aws.endpoints.dynamodb,
      region: LOCAL_REGION,
      credentials: { accessKeyId: "operator", secretAccessKey: "made up for a local run" },
    }),
  );
  cleanup.add({
    close: async () => {
      client.destroy();
      await Promise.resolve();
    },
  });
  return { client, tables };
}

async function authorize(
  { issuer, clientId }: RollupId,
  redirectUri: string,
  user: string,
): Promise<string> {
  const query = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: "code",
    scope: SCOPE,
    state: "state",
    user,
  });
  const response = await fetch(`${issuer}/authorize?${query.toString()}`, { redirect: "manual" });
  return new URL(response.headers.get("location") ?? "").searchParams.get("code") ?? "";
}

async function programme({ issuer }: RollupId, faults: Item): Promise<void> {
  const body = JSON.stringify(faults);
  const response = await fetch(`${issuer}/faults`, { method: "POST", body });
  expect(response.status).toBe(200);
}

async function countExchanges({ issuer }: RollupId, sub: string): Promise<number> {
  const response = await fetch(`${issuer}/ledger?${new URLSearchParams({ sub }).toString()}`);
  const { processed } = (await response.json()) as LedgerPage;
  return processed.filter(
    ({ grant_type: grant, outcome }) => grant === "refresh_token" && outcome === "issued",
  ).length;
}
