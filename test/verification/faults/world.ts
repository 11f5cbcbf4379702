/** The product with one provider, and AWS calls that can be failed for one user. */
import { setTimeout as sleep } from "node:timers/promises";
import { type AwsCall, AwsError, LOSE_ANSWER } from "@rollup-vault/local-aws/aws/call";
import type { LedgerPage } from "@rollup-vault/local-rollup-id/ledger";
import type { IdpSettings } from "../../../lambda/env";
import { encryptionContext } from "../../../lambda/kms/binding";
import { type Stack, startStack } from "../../../local/stack";
import type { Provider } from "../kills/providers/provider";
import { createRollupIdProvider } from "../kills/providers/rollup-id";
import { openVault, type Stored } from "../kills/world";
import type { Break, FaultProvider } from "./fault-case";

type AwsBreak = Break & { readonly kind: "aws" };

export interface FaultWorld {
  readonly name: FaultProvider;
  readonly provider: Provider;
  readonly stack: Stack;
  stored(sub: string): Promise<Stored>;
  /** Refresh requests of this subject that the provider processed, refusals included. */
  processed(sub: string): Promise<number>;
  /** In new processes, which have read neither client secret nor key set. */
  beginAnew(): Promise<void>;
  /** Breaks AWS for this user. @returns a function that repairs it */
  breakAws(wanted: AwsBreak, sub: string): () => void;
  programme(changes: object): Promise<void>;
  close(): Promise<void>;
}

interface Rule {
  readonly wanted: AwsBreak;
  readonly isMeant: (call: AwsCall) => boolean;
  calls: number;
}

export async function startFaultWorld(name: FaultProvider): Promise<FaultWorld> {
  const provider = createRollupIdProvider(name);
  const rules = new Set<Rule>();
  const stack = await startStack({
    port: 0,
    issuerPort: 0,
    concurrency: 8,
    ...(provider.idp !== undefined && { idp: provider.idp }),
    // More validity than any token has forces a refresh.
    limits: { exchangeIntervalSeconds: 0 },
    onCall: (call) => obey(rules, call),
  });
  await provider.connect(stack.outputs);
  const vault = openVault(stack.outputs);
  const deployment = stack.outputs.idpSettings as unknown as IdpSettings;
  return {
    name,
    provider,
    stack,
    stored: vault.read,
    processed: async (sub) => await countProcessed(stack.outputs.issuer, sub),
    beginAnew: async () => {
      await Promise.all([...stack.functions.pools.values()].map((pool) => pool.endIdle()));
    },
    breakAws: (wanted, sub) => {
      const { owner } = encryptionContext(deployment, { sub, grantId: "", gen: 0 });
      const isMeant = (call: AwsCall) =>
        wanted.everybody === true ||
        call.contextLists["dynamodb:LeadingKeys"]?.includes(sub) === true ||
        call.context["kms:EncryptionContext:owner"] === owner;
      const rule = { wanted, isMeant, calls: 0 };
      rules.add(rule);
      return () => {
        rules.delete(rule);
      };
    },
    programme: async (changes) => {
      const request = { method: "POST", body: JSON.stringify(changes) };
      const { status } = await fetch(`${stack.outputs.issuer}/faults`, request);
      if (status !== 200) {
        throw new Error(`POST /faults answers ${status}`);
      }
    },
    close: async () => {
      vault.close();
      await stack.close();
      await provider.close();
    },
  };
}

async function countProcessed(issuer: string, sub: string): Promise<number> {
  const query = new URLSearchParams({ sub }).toString();
  const page = (await (await fetch(`${issuer}/ledger?${query}`)).json()) as LedgerPage;
  return page.processed.filter(({ grant_type: grant }) => grant === "refresh_token").length;
}

async function obey(rules: ReadonlySet<Rule>, call: AwsCall): Promise<unknown> {
  // The verification's own reads are not failed.
  if (call.accessKeyId.startsWith("LOCALADMIN")) {
    return undefined;
  }
  for (const rule of rules) {
    const { service, action = call.action, nth, from = 1, by } = rule.wanted;
    if (service === call.service && action === call.action && rule.isMeant(call)) {
      rule.calls += 1;
      if (nth === undefined ? rule.calls >= from : rule.calls === nth) {
        return await commit(by);
      }
    }
  }
  return undefined;
}

async function commit(by: AwsBreak["by"]): Promise<unknown> {
  if (by === "lost_answer") {
    return LOSE_ANSWER;
  }
  if (typeof by === "number") {
    await sleep(by);
    return undefined;
  }
  const [error, status] = by;
  throw new AwsError(error, "programmed", status);
}
