/**
 * The whole product on this machine with one provider, with functions that can be killed and access
 * to what they stored.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { IdpSettings } from "../../../lambda/env";
import { type Grant, newestRefreshToken } from "../../../lambda/grant/grant";
import { createKmsOpener } from "../../../lambda/kms/kms-opener";
import { createGrantStore } from "../../../lambda/store/grant-store";
import type { Outputs } from "../../../local/outputs";
import { type Stack, startStack } from "../../../local/stack";
import { type Calls, createCalls } from "./calls";
import type { Point } from "./points";
import { startOidcProvider } from "./providers/oidc-provider";
import type { Provider, ProviderName } from "./providers/provider";
import { createRollupIdProvider } from "./providers/rollup-id";

export interface KillWorld extends Calls {
  readonly provider: Provider;
  readonly stack: Stack;
  /** The time of death that the process wrote itself. @throws Error if none died */
  killedAt(caseName: string): Promise<number>;
  /** The function's timeout in the template. */
  timeoutMs(label: "AccessToken" | "Recovery"): number;
  /** The recovery function dies as well, when it reaches `point` for this subject. */
  orderSecondKill(order: SecondKill): Promise<void>;
  /** The stored grant, its newest refresh token opened with the deployment's own key. */
  stored(sub: string): Promise<Stored>;
  close(): Promise<void>;
}

interface SecondKill {
  readonly sub: string;
  readonly point: Point;
  /** The case for {@link KillWorld.killedAt}. */
  readonly name: string;
}

export interface Stored {
  readonly grant: Grant;
  readonly refreshToken: string;
}

export interface KillWorldOptions {
  readonly provider: ProviderName;
  /** Processes per function at most. */
  readonly concurrency: number;
  readonly engine?: "dynalite" | "dynoxide";
}

const PRELOAD = join(__dirname, "preload.cjs");

export async function startKillWorld(options: KillWorldOptions): Promise<KillWorld> {
  const claims = await mkdtemp(join(tmpdir(), "rollup-vault-kills-"));
  const sink = await openSink();
  const provider = await startProvider(options.provider);
  const { idp, clientSecret } = provider;
  const hooks = { preload: PRELOAD, environment: { KILL_CLAIMS: claims, KILL_SINK: sink.url } };
  const stack = await startStack({
    port: 0,
    issuerPort: 0,
    concurrency: options.concurrency,
    engine: options.engine,
    ...(idp !== undefined && { idp }),
    // More validity than any token has forces a refresh.
    limits: { exchangeIntervalSeconds: 0 },
    hooks: { AccessToken: hooks, Recovery: hooks },
  });
  if (clientSecret !== undefined) {
    await stack.aws.putSecretValue(stack.deployment.clientSecretName ?? "", clientSecret);
  }
  await provider.connect(stack.outputs);
  const vault = openVault(stack.outputs);
  return {
    ...createCalls(stack.outputs.apiUrl),
    provider,
    stack,
    stored: vault.read,
    timeoutMs: (label) =>
      stack.deployment.functions.find((spec) => spec.label === label)?.timeoutMs ?? NaN,
    killedAt: async (name) => Number(await readFile(join(claims, name), "utf8")),
    orderSecondKill: async ({ sub, ...order }) => {
      await writeFile(join(claims, `order-${encodeURIComponent(sub)}`), JSON.stringify(order));
    },
    close: async () => {
      vault.close();
      await stack.close();
      await provider.close();
      sink.close();
      await rm(claims, { recursive: true, force: true });
    },
  };
}

async function startProvider(name: ProviderName): Promise<Provider> {
  return name === "oidc-provider" ? await startOidcProvider() : createRollupIdProvider(name);
}

/** Accepts a whole request and passes it to no service. */
async function openSink() {
  const server: Server = createServer((request, response) => {
    request.resume().on("end", () => response.end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}

export function openVault({ endpoints, region, credentials, ...outputs }: Outputs) {
  const common = { region, credentials };
  const documents = DynamoDBDocumentClient.from(
    new DynamoDBClient({ ...common, endpoint: endpoints.dynamodb }),
    { marshallOptions: { removeUndefinedValues: true } },
  );
  const kms = new KMSClient({ ...common, endpoint: endpoints.kms });
  const grants = createGrantStore({ table: outputs.tables.refreshTokens, client: documents });
  const opener = createKmsOpener({
    keyArn: outputs.grantKeyArn,
    deployment: outputs.idpSettings as unknown as IdpSettings,
    client: kms,
  });
  return {
    read: async (sub: string): Promise<Stored> => {
      const grant = await grants.read(sub);
      const newest = grant && newestRefreshToken(grant);
      if (grant === undefined || newest === undefined) {
        throw new Error("no refresh token is stored");
      }
      const { grantId } = grant;
      const context = { sub, grantId, gen: newest.gen, purpose: "refresh_token" } as const;
      return { grant, refreshToken: await opener.open(newest.ciphertext, context) };
    },
    close: () => {
      documents.destroy();
      kms.destroy();
    },
  };
}
