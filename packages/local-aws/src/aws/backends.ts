/** Starts the services behind the front doors, local or external, and opens the front doors. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Endpoints } from "./admin";
import type { ServiceName } from "./call";
import { createDynamoDbService } from "./dynamodb";
import { type EngineName, startEngine } from "./engines";
import { externalKms, externalSecretsManager, externalSqs } from "./external";
import { createForward } from "./forward";
import { createFrontDoor, type FrontDoor, type FrontDoorOptions } from "./front-door";
import type { Service } from "./json-protocol";
import { createKms } from "./kms";
import { createSecretsManager } from "./secrets-manager";
import { createSqs, type Sqs } from "./sqs";

export interface BackendOptions {
  /**
   * Absent: throw-away, nothing on disk. One run at a time may use a folder, because two would
   * overwrite each other's keys: the caller sees to that.
   */
  readonly dataFolder?: string;
  /** Default: dynalite, which runs everywhere. */
  readonly engine?: EngineName;
  /** Whether there is an SQS at all. @default false */
  readonly queues?: boolean;
  /**
   * Services that are elsewhere (DynamoDB Local, LocalStack, …): calls still pass the front door,
   * are judged and counted, and go there as they came. AWS itself would refuse them: their
   * signature is for the front door's host.
   */
  readonly external?: Partial<Endpoints>;
  /** Of the queues. @default the system's */
  readonly now?: (() => number) | undefined;
}

export interface Backends {
  readonly services: readonly [dynamodb: Service, kms: Service, secretsmanager: Service];
  readonly sqs: Sqs | undefined;
  close(): Promise<void>;
}

export async function startBackends(
  { dataFolder, engine, queues = false, external = {}, now }: BackendOptions,
  partitionKeys: ReadonlyMap<string, string>,
): Promise<Backends> {
  const inFolder = (name: string): string | undefined => dataFolder && join(dataFolder, name);
  // These first: they may refuse the data folder, and then there is no engine to end.
  const kms = external.kms ? externalKms(external.kms) : createKms(inFolder("kms.json"));
  const secrets = external.secretsmanager
    ? externalSecretsManager(external.secretsmanager)
    : createSecretsManager(inFolder("secrets.json"));
  const sqs = queues ? openSqs(external.sqs, inFolder("sqs"), now) : undefined;
  const local =
    external.dynamodb === undefined
      ? await startEngine(engine ?? "dynalite", inFolder("dynamodb"))
      : undefined;
  const forward = createForward(local?.endpoint ?? external.dynamodb ?? "", local !== undefined);
  return {
    services: [createDynamoDbService(forward, partitionKeys), kms, secrets],
    sqs,
    close: async () => {
      forward.close();
      sqs?.close();
      await local?.close();
    },
  };
}

/**
 * Opens what is in the data folder, and closes it again: damage shows before anybody has waited.
 * @throws DamagedData
 */
export async function checkData({ dataFolder, ...options }: BackendOptions): Promise<void> {
  if (dataFolder !== undefined && existsSync(dataFolder)) {
    const queues = existsSync(join(dataFolder, "sqs"));
    const backends = await startBackends({ ...options, dataFolder, queues }, new Map());
    await backends.close();
  }
}

function openSqs(
  endpoint: string | undefined,
  folder: string | undefined,
  now: BackendOptions["now"],
): Sqs {
  return endpoint === undefined
    ? createSqs(folder, now)
    : { ...externalSqs(endpoint), measure: () => [], close: () => undefined };
}

export interface Doors {
  readonly endpoints: Endpoints;
  close(): Promise<void>;
}

/** All of them or none: where a port is taken, all that was started is ended again. */
export async function openDoors(
  backends: Backends,
  ports: Partial<Record<ServiceName, number>>,
  options: Omit<FrontDoorOptions, "port">,
): Promise<Doors> {
  const doors: FrontDoor[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(
      doors.map(async (door) => {
        await door.close();
      }),
    );
  };
  const open = async (service: Service): Promise<string> => {
    const port = ports[service.name] ?? 0;
    doors.push(await createFrontDoor(service, { ...options, port }));
    return doors.at(-1)?.endpoint ?? "";
  };
  try {
    const [dynamodb, kms, secretsmanager] = backends.services;
    const endpoints = {
      dynamodb: await open(dynamodb),
      kms: await open(kms),
      secretsmanager: await open(secretsmanager),
      ...(backends.sqs && { sqs: await open(backends.sqs) }),
    };
    return { endpoints, close };
  } catch (error) {
    await close();
    await backends.close();
    throw error;
  }
}
