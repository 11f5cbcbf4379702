/** `rollup-vault doctor`: each finding is one sentence, with the command that mends it. */
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DoctorDesk, runDoctor } from "../../../bin/doctor/main";
import {
  HttpFailure,
  type HttpRequest,
  type HttpResponse,
} from "../../../lambda/ports/http-client";
import type { Stage } from "../../../lib/stage";
import {
  answering,
  DEPLOYED,
  jsonError,
  NEW_ACCOUNT,
  type Replies,
  type Reply,
  xmlError,
} from "./aws-double";

const KEY = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555";
const SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:ClientSecret-a1b2c3";
const REGION = "--region eu-central-1";

const ISSUER = "https://passport.rollup.id";
const KEY_OF_PROVIDER = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({
  format: "jwk",
});
const DOCUMENT = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/authorize`,
  token_endpoint: `${ISSUER}/token`,
  jwks_uri: `${ISSUER}/jwks`,
};

function documentAt(url: string): HttpResponse {
  const document = url.endsWith("jwks") ? { keys: [KEY_OF_PROVIDER] } : DOCUMENT;
  return { status: 200, headers: {}, body: Buffer.from(JSON.stringify(document)) };
}

const stage = {
  name: "dev",
  idp: { issuer: ISSUER },
  throttle: { rate: 50, burst: 100 },
} as unknown as Stage;

let folder: string;
let outputs: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "doctor-"));
  outputs = join(folder, "outputs.json");
  const data = {
    UsersTableName: "U",
    RefreshTokensTableName: "R",
    SessionsTableName: "S",
    GrantKeyArn: KEY,
    ClientSecretArn: SECRET,
  };
  const api = { IdpSettings: "{}" };
  writeFileSync(
    outputs,
    JSON.stringify({ "RollupVault-dev-Data": data, "RollupVault-dev-Api": api }),
  );
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Finding {
  readonly about: string;
  readonly verdict: string;
  readonly sentence: string;
  readonly mend?: string;
}

interface Examined {
  readonly code: number;
  readonly findings: readonly Finding[];
  readonly calls: readonly string[];
}

async function examine(
  args: readonly string[],
  replies: Replies,
  desk: Partial<DoctorDesk> = {},
): Promise<Examined> {
  const { fetch, calls } = answering(replies);
  jest.spyOn(globalThis, "fetch").mockImplementation(async (input) => {
    return await fetch(input as Request);
  });
  const out: string[] = [];
  const code = await runDoctor([...args, "--json"], {
    write: (text) => out.push(text),
    fail: (text) => out.push(text),
    env: {},
    http: { send: async ({ url }: HttpRequest) => await Promise.resolve(documentAt(url)) },
    credentials: async () => await Promise.resolve({ accessKeyId: "A", secretAccessKey: "S" }),
    region: async () => await Promise.resolve("eu-central-1"),
    stageOf: () => stage,
    timeoutMs: 20,
    pauseMs: 1,
    ...desk,
  });
  return { code, findings: JSON.parse(out.join("")) as Finding[], calls };
}

const about = (findings: readonly Finding[], name: string) =>
  findings.find((finding) => finding.about === name);

describe("before a deployment", () => {
  test("an account with a concurrency limit of 10 has nothing in the way", async () => {
    const { code, findings } = await examine([], NEW_ACCOUNT);
    expect(findings.filter(({ verdict }) => verdict !== "good")).toEqual([]);
    expect(about(findings, "concurrency")?.sentence).toBe(
      "10 function instances may run at once, and the stage reserves 0",
    );
    expect(code).toBe(0);
  });

  const cases: readonly (readonly [string, Replies, string, string, string])[] = [
    [
      "no bootstrap",
      { "ssm:GetParameter": jsonError("ParameterNotFound") },
      "bootstrap",
      "eu-central-1 of 123456789012 is not bootstrapped for the CDK",
      "npx cdk bootstrap aws://123456789012/eu-central-1",
    ],
    [
      "an old bootstrap",
      { "ssm:GetParameter": [200, { Parameter: { Value: "5" } }] },
      "bootstrap",
      "the CDK's own stack is version 5, 6 is needed",
      "npx cdk bootstrap aws://123456789012/eu-central-1",
    ],
    [
      "a small KMS quota",
      { "servicequotas:GetServiceQuota": [200, { Quota: { Value: 99 } }] },
      "KMS requests",
      "KMS allows 99 requests per second, and the stage's throttle lets 100 through",
      "aws service-quotas request-service-quota-increase --service-code kms " +
        `--quota-code L-6E3AF000 --desired-value 100 ${REGION}`,
    ],
    [
      "retained tables, on the second page",
      {
        "dynamodb:ListTables": [
          [200, { TableNames: ["x"], LastEvaluatedTableName: "x" }],
          [200, { TableNames: ["RollupVault-dev-Data-Users1", "RollupVault-devil-Data-Users1"] }],
        ],
      },
      "leftovers",
      "tables of an earlier deployment are there (RollupVault-dev-Data-Users1), and a new one " +
        "would begin with empty ones: adopt them, or delete them",
      "npx rollup-vault adopt --stage dev > adopt.json && " +
        "npx cdk import RollupVault-dev-Data -c stage=dev --resource-mapping adopt.json",
    ],
    [
      "a stack that takes no update",
      {
        "cloudformation:DescribeStacks": [200, "<StackStatus>ROLLBACK_COMPLETE</StackStatus>"],
      },
      "leftovers",
      "RollupVault-dev-Data is ROLLBACK_COMPLETE and takes no update",
      `aws cloudformation delete-stack --stack-name RollupVault-dev-Data ${REGION}`,
    ],
  ];

  test.each(cases)("%s", async (_, replies, name, sentence, mend) => {
    const { code, findings } = await examine([], { ...NEW_ACCOUNT, ...replies });
    expect(about(findings, name)).toEqual({ about: name, verdict: "bad", sentence, mend });
    expect(findings.filter(({ verdict }) => verdict !== "good")).toHaveLength(1);
    expect(code).toBe(1);
  });

  test("reserved concurrency above the account's limit", async () => {
    const greedy = { ...stage, reservedConcurrency: { users: 20, sweep: 1 } } as unknown as Stage;
    const { code, findings } = await examine([], NEW_ACCOUNT, { stageOf: () => greedy });
    expect(about(findings, "concurrency")).toEqual({
      about: "concurrency",
      verdict: "bad",
      sentence:
        "the stage reserves 21 of 10 function instances, and 100 must stay unreserved: " +
        "remove reservedConcurrency from the stage file, or request more",
      mend:
        "aws service-quotas request-service-quota-increase --service-code lambda " +
        `--quota-code L-B99A9384 --desired-value 121 ${REGION}`,
    });
    expect(code).toBe(1);
  });

  test("a provider that cannot be reached", async () => {
    const http = {
      send: async () => await Promise.reject(new HttpFailure(false)),
    } as unknown as DoctorDesk["http"];
    const { code, findings } = await examine([], NEW_ACCOUNT, { http });
    expect(about(findings, "provider")).toEqual({
      about: "provider",
      verdict: "bad",
      sentence:
        "the provider's discovery document cannot be reached: " +
        "check the address, the network and the certificate",
      mend: "npx rollup-vault provider --check --stage dev",
    });
    expect(code).toBe(1);
  });

  test("no credentials, no region, another account: one finding each", async () => {
    const nothing = async () => await Promise.reject(new Error("could not load"));
    const none = await examine([], {}, { credentials: nothing });
    expect(none.findings).toEqual([
      {
        about: "credentials",
        verdict: "bad",
        sentence: "there are no AWS credentials",
        mend: "aws configure, or aws sso login",
      },
    ]);
    const nowhere = await examine([], {}, { region: nothing });
    expect(nowhere.findings).toMatchObject([{ about: "region", verdict: "bad" }]);
    const other = { ...stage, env: { account: "999999999999" } };
    const wrong = await examine([], NEW_ACCOUNT, { stageOf: () => other });
    expect(wrong.findings).toMatchObject([
      {
        verdict: "bad",
        sentence: "your credentials are of account 123456789012, and the stage is for 999999999999",
      },
    ]);
    expect([none.code, nowhere.code, wrong.code]).toEqual([1, 1, 1]);
  });

  test("a stage that is wrong is its one sentence", async () => {
    const out: string[] = [];
    const code = await runDoctor(["--stage", "x"], {
      fail: (text: string) => out.push(text),
      stageOf: () => {
        throw new Error('there is no stage "x"');
      },
    } as unknown as DoctorDesk);
    expect([code, out.join("")]).toEqual([1, 'there is no stage "x"\n']);
  });
});

describe("after a deployment", () => {
  test("all is well: nothing but good findings, and no value of the secret is read", async () => {
    const { code, findings, calls } = await examine(["--outputs", outputs], DEPLOYED);
    expect(findings.map(({ verdict }) => verdict)).toEqual(Array(5).fill("good"));
    expect(calls).not.toContain("secretsmanager:GetSecretValue");
    expect(code).toBe(0);
  });

  const put =
    `aws secretsmanager put-secret-value ${REGION} --secret-id ${SECRET} ` +
    "--secret-string file:///dev/stdin";
  const kms = (command: string) => `aws kms ${command} ${REGION} --key-id ${KEY}`;
  const cases: readonly (readonly [string, Replies, string, string])[] = [
    [
      "a secret without a value",
      { "secretsmanager:DescribeSecret": [200, {}] },
      "the client secret is empty: every access token is answered 500",
      put,
    ],
    [
      "a secret that is being deleted",
      { "secretsmanager:DescribeSecret": [200, { DeletedDate: 1 }] },
      "the client secret is being deleted",
      `aws secretsmanager restore-secret ${REGION} --secret-id ${SECRET}`,
    ],
    [
      "a secret that is gone",
      { "secretsmanager:DescribeSecret": jsonError("ResourceNotFoundException") },
      "the client secret is gone",
      "npm run deploy",
    ],
    [
      "a disabled key",
      { "kms:DescribeKey": [200, { KeyMetadata: { KeyState: "Disabled" } }] },
      "the key is disabled: no grant can be used",
      kms("enable-key"),
    ],
    [
      "a key that will be deleted",
      { "kms:DescribeKey": [200, { KeyMetadata: { KeyState: "PendingDeletion" } }] },
      "the key will be deleted, and every grant with it",
      `${kms("cancel-key-deletion")} && ${kms("enable-key")}`,
    ],
    [
      "a key that waits for its material",
      { "kms:DescribeKey": [200, { KeyMetadata: { KeyState: "PendingImport" } }] },
      "the key is PendingImport: no grant can be used",
      kms("describe-key"),
    ],
    [
      "a key that is gone",
      { "kms:DescribeKey": jsonError("NotFoundException") },
      "the key is gone: every user has to sign in again",
      "npm run deploy",
    ],
  ];

  test.each(cases)("%s", async (_, replies, sentence, mend) => {
    const { code, findings } = await examine(["--outputs", outputs], { ...DEPLOYED, ...replies });
    const bad = findings.filter(({ verdict }) => verdict !== "good");
    expect(bad).toEqual([{ about: expect.any(String), verdict: "bad", sentence, mend }]);
    expect(code).toBe(1);
  });

  test.each([
    [jsonError("ResourceNotFoundException"), "the table U is gone"],
    [[200, { Table: { TableStatus: "DELETING" } }] as Reply, "the table U is DELETING"],
  ])("a table that is not there: %j", async (reply, sentence) => {
    const replies = { ...DEPLOYED, "dynamodb:DescribeTable": reply };
    const { findings } = await examine(["--outputs", outputs], replies);
    expect(about(findings, "users")).toMatchObject({ verdict: "bad", sentence });
  });
});

describe("AWS that does not answer as it should", () => {
  const cases: readonly (readonly [string, Reply, string])[] = [
    [
      "a right that is missing",
      jsonError("AccessDeniedException"),
      "you may not call kms:DescribeKey, so this is unknown",
    ],
    [
      "throttling",
      jsonError("ThrottlingException"),
      "AWS throttles kms:DescribeKey, so this is unknown",
    ],
    ["silence", "silence", "AWS did not answer kms:DescribeKey in time, so this is unknown"],
    [
      "a fault of AWS's",
      jsonError("KMSInternalException", 500),
      "AWS failed at kms:DescribeKey (KMSInternalException), so this is unknown",
    ],
    ["HTML of a proxy", [502, "<html>"], "AWS failed at kms:DescribeKey (502), so this is unknown"],
  ];

  test.each(cases)(
    "%s: unknown, never a pass, and the rest is looked at",
    async (_, reply, sentence) => {
      const replies = { ...DEPLOYED, "kms:DescribeKey": reply };
      const { code, findings } = await examine(["--outputs", outputs], replies);
      expect(about(findings, "grant key")).toMatchObject({ verdict: "unknown", sentence });
      expect(findings.filter(({ verdict }) => verdict === "good")).toHaveLength(4);
      expect(code).toBe(1);
    },
  );

  test("a throttled call is tried again", async () => {
    const [fine] = [DEPLOYED["kms:DescribeKey"] as Reply];
    const replies = { ...DEPLOYED, "kms:DescribeKey": [jsonError("ThrottlingException"), fine] };
    const { code, calls } = await examine(["--outputs", outputs], replies);
    expect(calls.filter((call) => call === "kms:DescribeKey")).toHaveLength(2);
    expect(code).toBe(0);
  });

  test.each([
    ["ExpiredToken", "your AWS credentials have expired"],
    ["InvalidClientTokenId", "AWS does not know your credentials"],
    ["SignatureDoesNotMatch", "AWS does not know your credentials"],
  ])("%s is one finding, before and after a deployment", async (code, sentence) => {
    const replies = { "sts:GetCallerIdentity": xmlError(code) };
    const before = await examine([], replies);
    const after = await examine(["--outputs", outputs], replies);
    expect(about(before.findings, "credentials")).toMatchObject({ verdict: "unknown", sentence });
    expect(after.findings).toMatchObject([{ about: "credentials", sentence }]);
    expect([before.code, after.code]).toEqual([1, 1]);
  });

  test("wrong usage is exit code 2", async () => {
    const desk = { write: () => 0, fail: () => 0 } as unknown as DoctorDesk;
    expect(await runDoctor(["--no-such-option"], desk)).toBe(2);
    expect(await runDoctor(["--help"], desk)).toBe(0);
  });
});
