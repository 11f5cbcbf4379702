import type { AwsCall } from "@rollup-vault/local-aws/aws/call";
import { createActivityLog } from "../../../local/page/activity";

const names = {
  callers: new Map([["LOCALUSERS1", "Users"]]),
  tables: new Map([["rollup-vault-users", "Users"]]),
};

const call = (change: Partial<AwsCall> = {}): AwsCall => ({
  accessKeyId: "LOCALUSERS1",
  service: "dynamodb",
  action: "GetItem",
  resource: "arn:aws:dynamodb:us-east-1:000000000000:table/rollup-vault-users",
  context: {},
  contextLists: { "dynamodb:LeadingKeys": ["urn:somebody"] },
  ...change,
});

test("a call is told by function, service and table, and by nothing of its contents", () => {
  const log = createActivityLog(() => 7);
  log.awsCall(call());
  const kms = { service: "kms", action: "Decrypt", resource: "arn:aws:kms:…:key/1" } as const;
  log.awsCall(call({ ...kms, context: { "kms:EncryptionContext:x": "secret" } }));
  const told = log.read(0, names);
  expect(told).toEqual([
    { at: 7, from: "Users", to: "DynamoDB", what: "GetItem Users" },
    { at: 7, from: "Users", to: "KMS", what: "Decrypt" },
  ]);
  expect(JSON.stringify(told)).not.toMatch(/somebody|secret/);
});

test("only functions' calls count, from the given time on, in the order of time", () => {
  let now = 10;
  const log = createActivityLog(() => now);
  log.awsCall(call());
  now = 30;
  log.awsCall(call({ action: "PutItem" }));
  log.awsCall(call({ accessKeyId: "SOMEBODY" }));
  log.awsCall(call({ service: "execute-api" }));
  log.providerRequest({ at: 20, method: "POST", path: "/token", byBrowser: false });
  expect(log.read(20, names).map(({ what }) => what)).toEqual(["POST /token", "PutItem Users"]);
});

test("a request of the provider is told with its end once it has one", () => {
  const log = createActivityLog();
  const request = { at: 1, method: "GET", path: "/userinfo", byBrowser: true };
  log.providerRequest(request);
  expect(log.read(0, names)).toEqual([
    { at: 1, from: "browser", to: "Provider", what: "GET /userinfo" },
  ]);
  Object.assign(request, { status: null, durationMs: 4 });
  expect(log.read(0, names)).toMatchObject([{ status: null, duration_ms: 4 }]);
});
