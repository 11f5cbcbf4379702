/** What Secrets Manager promises, as far as the product and its local run rely on it. */
import { randomBytes, randomUUID } from "node:crypto";
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  type GetSecretValueCommandInput,
  PutSecretValueCommand,
  type PutSecretValueCommandInput,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { type Closable, refusal, type Statement } from "./contract";

export type SecretsDriver = ReturnType<typeof createSecretsDriver>;

/** The real client; one secret, whose name no other test has. */
export function createSecretsDriver({ endpoint, close }: Closable & { endpoint: string }) {
  const client = new SecretsManagerClient({
    region: "us-east-1",
    endpoint,
    maxAttempts: 1,
    credentials: { accessKeyId: "TESTER", secretAccessKey: "made up" },
  });
  const name = `vault/${randomBytes(4).toString("hex")}`;
  const put = async (value: Partial<PutSecretValueCommandInput>) =>
    await client.send(
      new PutSecretValueCommand({
        SecretId: name,
        ClientRequestToken: randomUUID(),
        ...value,
      }),
    );
  return {
    name,
    create: async (value: { SecretString?: string; SecretBinary?: Uint8Array } = {}) =>
      (await client.send(new CreateSecretCommand({ Name: name, ...value }))).ARN ?? "",
    put,
    putText: async (SecretString: string) => (await put({ SecretString })).VersionId ?? "",
    get: async (version: Partial<GetSecretValueCommandInput> = {}) =>
      await client.send(new GetSecretValueCommand({ SecretId: name, ...version })),
    stages: async () => {
      const answer = await client.send(new DescribeSecretCommand({ SecretId: name }));
      return answer.VersionIdsToStages;
    },
    close: async () => {
      client.destroy();
      await close();
    },
  };
}

export const SECRETS_CONTRACT: readonly Statement<SecretsDriver>[] = [
  {
    says: "a secret is found by name, by ARN and by ARN without its random ending",
    observe: async (secrets) => {
      const arn = await secrets.create({ SecretString: "one" });
      const values = [];
      for (const SecretId of [secrets.name, arn, arn.slice(0, -7)]) {
        values.push((await secrets.get({ SecretId })).SecretString);
      }
      return [/-\w{6}$/.test(arn), ...values];
    },
    expected: [true, "one", "one", "one"],
  },
  {
    says: "a secret without a value is ResourceNotFoundException until it has one",
    observe: async (secrets) => {
      await secrets.create();
      const before = await refusal(secrets.get());
      await secrets.putText("filled");
      return [before, (await secrets.get()).SecretString];
    },
    expected: ["ResourceNotFoundException", "filled"],
  },
  {
    says: "a secret that does not exist is ResourceNotFoundException to read and to write",
    observe: async (secrets) => [await refusal(secrets.get()), await refusal(secrets.putText("x"))],
    expected: ["ResourceNotFoundException", "ResourceNotFoundException"],
  },
  {
    says: "a new value becomes AWSCURRENT, and the one before it AWSPREVIOUS",
    observe: async (secrets) => {
      await secrets.create({ SecretString: "one" });
      await secrets.putText("two");
      const current = await secrets.get();
      const previous = await secrets.get({ VersionStage: "AWSPREVIOUS" });
      return [
        [current.SecretString, current.VersionStages],
        [previous.SecretString, previous.VersionStages],
      ];
    },
    expected: [
      ["two", ["AWSCURRENT"]],
      ["one", ["AWSPREVIOUS"]],
    ],
  },
  {
    says: "a version without a staging label is gone",
    observe: async (secrets) => {
      await secrets.create({ SecretString: "one" });
      const { VersionId: first } = await secrets.get();
      const second = await secrets.putText("two");
      const third = await secrets.putText("three");
      const stages = (await secrets.stages()) ?? {};
      return [
        (await secrets.get({ VersionId: second })).SecretString,
        await refusal(secrets.get({ VersionId: first })),
        [second, third].map((id) => stages[id]),
        Object.keys(stages).length,
      ];
    },
    expected: ["two", "ResourceNotFoundException", [["AWSPREVIOUS"], ["AWSCURRENT"]], 2],
  },
  {
    says: "the same request token with the same value is one version, with another value refused",
    observe: async (secrets) => {
      await secrets.create();
      const token = { ClientRequestToken: randomUUID() };
      await secrets.put({ SecretString: "one", ...token });
      await secrets.put({ SecretString: "one", ...token });
      return [
        await refusal(secrets.put({ SecretString: "two", ...token })),
        (await secrets.get()).SecretString,
      ];
    },
    expected: ["ResourceExistsException", "one"],
  },
  {
    says: "bytes are returned as they were stored",
    observe: async (secrets) => {
      await secrets.create({ SecretBinary: Buffer.from([0, 255, 1]) });
      return [...((await secrets.get()).SecretBinary ?? [])];
    },
    expected: [0, 255, 1],
  },
  {
    says: "a value is text or bytes: both are refused, and so is neither",
    observe: async (secrets) => {
      await secrets.create();
      return [
        await refusal(secrets.put({})),
        await refusal(secrets.put({ SecretString: "a", SecretBinary: Buffer.from("a") })),
      ];
    },
    expected: ["InvalidParameterException", "InvalidParameterException"],
  },
  {
    says: "a second secret of the same name is refused",
    observe: async (secrets) => {
      await secrets.create({ SecretString: "one" });
      return [
        await refusal(secrets.create({ SecretString: "two" })),
        (await secrets.get()).SecretString,
      ];
    },
    expected: ["ResourceExistsException", "one"],
  },
];
