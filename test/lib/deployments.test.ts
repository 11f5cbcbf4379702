/**
 * Every change of every setting between two deployments, as CloudFormation sees it: the data stack
 * first, then the API stack, each beside what the other one has deployed.
 */
import { Template } from "aws-cdk-lib/assertions";
import type { Stage } from "../../lib/stage";
import { resourcesOf, STAGE, stageWith, synthesize, type Synthesized } from "./synth";

const oidc = { profile: "oidc", refreshTokenFormat: "jwt", refreshTokenRotation: "none" } as const;
const signing = (changes: object) =>
  stageWith({ ...oidc, clientAuthentication: "private_key_jwt", ...changes });

const ROLE = "arn:aws:iam::123456789012:role/Nightly";
const DOMAIN = { name: "api.app.test", hostedZone: { id: "Z1", name: "app.test" } };

/** Each has settings that another one lacks, or has otherwise. */
const STAGES: Readonly<Record<string, Stage>> = {
  plain: STAGE,
  rotating: stageWith({ ...oidc, refreshTokenRotation: "strict" }),
  lapsing: stageWith({ ...oidc, refreshTokenIdleSeconds: 86_400 }),
  opaque: stageWith({ ...oidc, refreshTokenFormat: "opaque", refreshTokenRotation: "grace" }),
  revoking: stageWith({ revocationEndpoint: "https://passport.test/revoke" }),
  "signing by a key": signing({ clientSigning: { keys: ["a"] } }),
  "signing by the next key": signing({ clientSigning: { keys: ["b", "a"] } }),
  "signing by Apple's key": stageWith({
    ...oidc,
    clientAuthentication: "signed_client_secret",
    clientSigning: { teamId: "TEAM123456", keys: ["KEY1234567"] },
  }),
  public: stageWith({ ...oidc, clientAuthentication: "none" }),
  cookies: {
    ...STAGE,
    sessions: { ...STAGE.sessions, transport: "cookie" },
    domain: DOMAIN,
    corsOrigins: ["https://app.test"],
  },
  "another domain": {
    ...STAGE,
    domain: {
      name: "api.other.test",
      certificateArn: "arn:aws:acm:eu-central-1:123456789012:certificate/1",
    },
  },
  "with everything": {
    ...stageWith({ ...oidc, refreshTokenRotation: "strict" }),
    serviceRoleArns: [ROLE],
    operatorRoleArns: [ROLE],
    reservedConcurrency: { accessToken: 40, recovery: 10 },
    throttle: { rate: 9, burst: 9, routes: { "GET /me": { rate: 1, burst: 1 } } },
    tracing: true,
    architecture: "x86_64",
    secretKey: true,
    backup: {
      keepDays: 35,
      copyTo: "arn:aws:backup:eu-west-1:123456789012:backup-vault:ours",
    },
    tags: { owner: "me" },
  },
};

/** What has data or cannot be made again. */
const HOLDERS = [
  "AWS::DynamoDB::Table",
  "AWS::KMS::Key",
  "AWS::SecretsManager::Secret",
  "AWS::SQS::Queue",
  "AWS::Backup::BackupVault",
];
/** A change of one of these replaces the resource (CloudFormation Template Reference). */
const IMMUTABLE = [
  "KeySchema",
  "TableName",
  "KeySpec",
  "KeyUsage",
  "Origin",
  "FifoQueue",
  "QueueName",
  "Name",
  "BackupVaultName",
  "EncryptionKeyArn",
];

interface Index {
  readonly IndexName: string;
}

const made = new Map(Object.entries(STAGES).map(([name, stage]) => [name, synthesize(stage)]));
const pairs = [...made].flatMap(([from, before]) =>
  [...made].filter(([to]) => to !== from).map(([to, after]) => ({ from, to, before, after })),
);

function find(value: unknown, intrinsic: string): Record<string, unknown>[] {
  if (typeof value !== "object" || value === null) {
    return [];
  }
  return Object.entries(value).flatMap(([name, inner]) =>
    name === intrinsic ? [inner as Record<string, unknown>] : find(inner, intrinsic),
  );
}

const outputsOf = (template: Template) =>
  template.findOutputs("*") as Readonly<Record<string, { readonly Export?: unknown }>>;

/** Outputs that `api` reads and `data` does not have. */
function missingIn({ data, api }: Synthesized): unknown[] {
  const outputs = outputsOf(data);
  return find(api.toJSON(), "Fn::GetStackOutput")
    .map(({ OutputName }) => OutputName)
    .filter((name) => typeof name !== "string" || !(name in outputs));
}

/** What CloudFormation refuses or what would be lost when one template takes another's place. */
function troublesOf(before: Template, after: Template): string[] {
  return HOLDERS.flatMap((type) => {
    const next = new Map(resourcesOf(after, type));
    return resourcesOf(before, type).flatMap(([id, old]) => {
      const now = next.get(id);
      if (now === undefined) {
        return old.DeletionPolicy === "Retain" ? [] : [`${id} would be deleted`];
      }
      return [
        ...IMMUTABLE.filter(
          (name) => JSON.stringify(now.Properties[name]) !== JSON.stringify(old.Properties[name]),
        ).map((name) => `${id} would be replaced for its ${name}`),
        ...tooManyIndexes(id, old.Properties, now.Properties),
      ];
    });
  });
}

/** One update of a table makes or deletes one index. */
function tooManyIndexes(
  id: string,
  before: Record<string, unknown>,
  after: Record<string, unknown>,
): string[] {
  const names = ({ GlobalSecondaryIndexes = [] }: Record<string, unknown>) =>
    (GlobalSecondaryIndexes as Index[]).map(({ IndexName }) => IndexName);
  const [old, now] = [names(before), names(after)];
  const changed = [
    ...old.filter((name) => !now.includes(name)),
    ...now.filter((name) => !old.includes(name)),
  ];
  return changed.length > 1 ? [`${id} would change ${changed.join(" and ")} at once`] : [];
}

test("no stack locks what another one has: nothing is exported, and nothing imported", () => {
  for (const { data, api } of made.values()) {
    expect(Object.values(outputsOf(data)).filter((output) => "Export" in output)).toEqual([]);
    expect(find(api.toJSON(), "Fn::ImportValue")).toEqual([]);
  }
});

test.each(pairs)("from $from to $to: each stack can be deployed beside the other", (pair) => {
  const { before, after } = pair;
  expect(troublesOf(before.data, after.data)).toEqual([]);
  expect(missingIn({ data: after.data, api: after.api })).toEqual([]);
});

test("the check sees what it is for", () => {
  const { data, api } = synthesize();
  const copy = (change: (json: Record<string, Record<string, unknown>>) => void) => {
    const json = structuredClone(data.toJSON()) as Record<string, Record<string, unknown>>;
    change(json);
    return Template.fromJSON(json);
  };
  const [[usersId] = [""]] = resourcesOf(data, "AWS::DynamoDB::Table");
  const other = copy(({ Resources = {} }) => {
    const users = Resources[usersId] as { Properties: Record<string, unknown> };
    users.Properties["TableName"] = "another";
    users.Properties["GlobalSecondaryIndexes"] = [{ IndexName: "a" }];
  });
  expect(troublesOf(data, other)).toEqual([
    `${usersId} would be replaced for its TableName`,
    `${usersId} would change erasing and a at once`,
  ]);
  const without = copy((json) => {
    const kept = Object.entries(json["Resources"] ?? {}).filter(([id]) => id !== usersId);
    json["Resources"] = Object.fromEntries(kept);
  });
  expect(troublesOf(data, without)).toEqual([]);
  const scratch = synthesize({ ...STAGE, retain: false });
  expect(troublesOf(scratch.data, without)).toEqual([`${usersId} would be deleted`]);
  const bare = copy((json) => {
    json["Outputs"] = {};
  });
  expect(missingIn({ data: bare, api })).not.toEqual([]);
});

test("a key of another algorithm needs another name, as the runbook says", () => {
  const keyOf = (alg: "ES256" | "PS256", name: string) =>
    synthesize(signing({ clientSigning: { keys: [name], alg } })).data;
  const before = keyOf("ES256", "a");
  expect(troublesOf(before, keyOf("PS256", "a"))).toEqual([
    expect.stringMatching(/^ClientSigningKeya\w* would be replaced for its KeySpec$/),
  ]);
  expect(troublesOf(before, keyOf("PS256", "b"))).toEqual([]);
});

test("from 0.1.0: outputs stay exported while the context asks for it, and are no longer imported", () => {
  const strong = synthesize(STAGE, "Api", "strong");
  const both = synthesize(STAGE, "Api", "both");
  const imported = find(strong.api.toJSON(), "Fn::ImportValue");
  expect(imported.length).toBeGreaterThan(5);
  const exportsOf = ({ data }: Synthesized) =>
    Object.entries(outputsOf(data)).filter(([, output]) => "Export" in output);
  expect(exportsOf(both)).toEqual(exportsOf(strong));
  expect(find(both.api.toJSON(), "Fn::ImportValue")).toEqual([]);
  expect(missingIn({ data: synthesize().data, api: both.api })).toEqual([]);
});
