/** AWS as the doctor meets it: each call answers as the real service does, or as it fails. */

/** What a service answers: a status with JSON or XML, or nothing until the caller gives up. */
export type Reply = readonly [status: number, body: object | string] | "silence";

/** By action, such as `kms:DescribeKey`. */
export type Replies = Readonly<Record<string, Reply | readonly Reply[]>>;

const ACTIONS: Readonly<Record<string, string>> = {
  AmazonSSM: "ssm",
  ServiceQuotasV20190624: "servicequotas",
  secretsmanager: "secretsmanager",
  TrentService: "kms",
  DynamoDB_20120810: "dynamodb",
};

const CALLER =
  "<GetCallerIdentityResult><Account>123456789012</Account>" + "</GetCallerIdentityResult>";
const NO_STACK = xmlError("ValidationError");

/** An account in which nothing stands in the way, with a concurrency limit of 10. */
export const NEW_ACCOUNT: Replies = {
  "sts:GetCallerIdentity": [200, CALLER],
  "ssm:GetParameter": [200, { Parameter: { Value: "30" } }],
  "lambda:GetAccountSettings": [
    200,
    { AccountLimit: { ConcurrentExecutions: 10, UnreservedConcurrentExecutions: 10 } },
  ],
  "servicequotas:GetServiceQuota": [200, { Quota: { Value: 10_000 } }],
  "cloudformation:DescribeStacks": NO_STACK,
  "dynamodb:ListTables": [200, { TableNames: ["another-table"] }],
};

/** A deployment in which all is well. */
export const DEPLOYED: Replies = {
  "sts:GetCallerIdentity": [200, CALLER],
  "secretsmanager:DescribeSecret": [200, { VersionIdsToStages: { v1: ["AWSCURRENT"] } }],
  "kms:DescribeKey": [200, { KeyMetadata: { KeyState: "Enabled" } }],
  "dynamodb:DescribeTable": [200, { Table: { TableStatus: "ACTIVE" } }],
};

export function xmlError(code: string): Reply {
  return [400, `<ErrorResponse><Error><Code>${code}</Code></Error></ErrorResponse>`];
}

export function jsonError(code: string, status = 400): Reply {
  return [status, { __type: `com.amazonaws.service#${code}`, message: "" }];
}

/** In the place of `fetch`. A list is answered one after another, the last one from then on. */
export function answering(replies: Replies) {
  const times = new Map<string, number>();
  const calls: string[] = [];
  const fetch = async (request: Request): Promise<Response> => {
    const action = await actionOf(request.clone());
    calls.push(action);
    const at = times.get(action) ?? 0;
    times.set(action, at + 1);
    const reply = replies[action];
    if (reply === undefined) {
      throw new Error(`no such call was expected: ${action}`);
    }
    const list = isList(reply) ? reply : [reply];
    const one = list[Math.min(at, list.length - 1)] ?? "silence";
    if (one === "silence") {
      const { signal } = request;
      return await new Promise((_, reject) => {
        const giveUp = () => {
          reject(signal.reason as Error);
        };
        if (signal.aborted) {
          giveUp();
        }
        signal.addEventListener("abort", giveUp);
      });
    }
    const [status, body] = one;
    return new Response(typeof body === "string" ? body : JSON.stringify(body), { status });
  };
  return { fetch, calls };
}

function isList(reply: Reply | readonly Reply[]): reply is readonly Reply[] {
  return Array.isArray(reply) && typeof reply[0] !== "number";
}

async function actionOf(request: Request): Promise<string> {
  const target = request.headers.get("x-amz-target");
  if (target !== null) {
    const [service = "", name = ""] = target.split(".");
    return `${ACTIONS[service] ?? service}:${name}`;
  }
  if (request.url.endsWith("/account-settings/")) {
    return "lambda:GetAccountSettings";
  }
  const name = new URLSearchParams(await request.text()).get("Action") ?? "";
  return `${new URL(request.url).hostname.split(".")[0] ?? ""}:${name}`;
}
