/** The whole product on this machine beside one provider, with functions that can be killed, and a look into what they stored. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { IdpSettings } from "../../../lambda/env";
import { createKmsOpener } from "../../../lambda/kms/kms-opener";
import type { Grant } from "../../../lambda/model";
import { createGrantStore } from "../../../lambda/store/grant-store";
import { newestRefreshToken } from "../../../lambda/use-cases/grant";
import type { Outputs } from "../../../local/outputs";
import { startStack, type Stack } from "../../../local/stack";
import { createCalls, type Calls } from "./calls";
import { startOidcProvider } from "./providers/oidc-provider";
import type { Point } from "./points";
import type { Provider, ProviderName } from "./providers/provider";
import { createRollupIdProvider } from "./providers/rollup-id";

export interface KillWorld extends Calls {
  readonly provider: Provider;
  readonly stack: Stack;
  /** When the process died, as it said itself. @throws Error where none has */
  killedAt(caseName: string): Promise<number>;
  /** What the template gives a function. */
  timeoutMs(label: "AccessToken" | "Recovery"): number;
  /** The recovery function dies, too, once it comes to `point` for this subject. */
  orderSecondKill(order: SecondKill): Promise<void>;
  /** What lies in the store, its newest refresh token opened by the deployment's own key. */
  stored(sub: string): Promise<Stored>;
  close(): Promise<void>;
}

interface SecondKill {
  readonly sub: string;
  readonly point: Point;
  /** Of the case that {@link KillWorld.killedAt} is asked for. */
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
    ...{ port: 0, issuerPort: 0 },
    ...{ concurrency: options.concurrency, engine: options.engine },
    ...(idp !== undefined && { idp }),
    // Asking for more than any token lives is how another exchange is made here.
    limits: { exchangeIntervalSeconds: 0 },
    hooks: { AccessToken: hooks, Recovery: hooks },
  });
  if (clientSecret !== undefined) {
    await stack.aws.putSecretValue(stack.deployment.clientSecretName, clientSecret);
  }
  await provider.connect(stack.outputs);
  const vault = openVault(stack.outputs);
  return {
    ...createCalls(stack.outputs.apiUrl),
    ...{ provider, stack, stored: vault.read },
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

/** Takes a request whole and hands it on to nobody. */
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
