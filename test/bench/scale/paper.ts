/** Which quota is met first, by arithmetic: counted units times calls in the busiest second. */
import type { Grant } from "../../../lambda/grant/grant";
import { newGrantId } from "../../../lambda/grant/grant-id";
import { createDueAt } from "../../../lambda/grant/phase";
import { commitTokens, replaceGrant, takeLease } from "../../../lambda/grant/transitions";
import { LIST_SHARDS } from "../../../lambda/store/grant-item";
import { throttleOf } from "../../../lib/route-throttles";
import { prod } from "../../../lib/stages/prod";
import { BILLED_MS, type Counts } from "../cost/bill";
import { limitOf, type QuotaFile } from "../cost/quotas";
import { type Peak, peakOf } from "./demand";
import { indexWritesOf } from "./index-writes";

export interface Row {
  /** One to four words. */
  readonly name: string;
  readonly title: string;
  readonly source: string | undefined;
  readonly limit: number;
  readonly unit: string;
  /** Of one user in the busiest second. */
  readonly use: number;
  /** Users at whom the limit is met. */
  readonly metAt: number;
  /** What moves it. */
  readonly setting: string;
}

const SECRET_AGE_SECONDS = 5 * 60;

/** Sorted: what is met first comes first. */
export function paperRows(counts: Counts, { items, providers }: QuotaFile): readonly Row[] {
  const peak = peakOf();
  const { routes } = counts;
  const all = (units: (route: "sign_in" | "kept_opened_by_kms" | "refresh") => number): number =>
    peak.signIn * units("sign_in") +
    peak.kept * units("kept_opened_by_kms") +
    peak.refresh * units("refresh");
  const calls = all(() => 1);
  const executions = all((route) => BILLED_MS[route] / 1000);
  const kms = all((route) => routes[route].kmsRequests);
  const writes = all((route) => routes[route].dynamoWrites);
  const reads = all((route) => routes[route].dynamoReads);
  const quota = (
    name: keyof typeof items,
    use: number,
    { unit, setting, share = 1 }: { unit: string; setting?: string; share?: number },
  ): Row => {
    const { short, title, source, code } = items[name];
    const limit = limitOf(items[name]) * share;
    const moved = setting ?? (code === null ? "nothing" : `Service Quotas ${code}`);
    return { name: short, title, source, limit, unit, use, metAt: limit / use, setting: moved };
  };
  const rotating = indexUnits();
  const perSecond = "/s";
  const rows: readonly Row[] = [
    throttleRow(peak),
    quota("httpApi", calls, { unit: perSecond }),
    quota("lambdaConcurrency", executions, { unit: "" }),
    quota("lambdaNewAccount", executions, { unit: "" }),
    quota("lambdaScaling", executions, {
      unit: " at once",
      share: (items.lambdaScaling.burst ?? 0) / limitOf(items.lambdaScaling),
      setting: "spread the jobs over the hour",
    }),
    quota("kms", kms, { unit: perSecond }),
    quota("kmsElsewhere", kms, { unit: perSecond }),
    quota("kmsSign", peak.refresh, {
      unit: perSecond,
      setting: `\`private_key_jwt\` only; Service Quotas ${items.kmsSign.code ?? ""}`,
    }),
    quota("tableWrites", writes, { unit: perSecond }),
    quota("tableReads", reads, { unit: perSecond }),
    quota("newTableWrites", writes, { unit: perSecond, setting: "its growth, or warm throughput" }),
    {
      ...quota("partitionWrites", (peak.signIn * rotating.signIn) / LIST_SHARDS, {
        unit: perSecond,
        setting: "`LIST_SHARDS`",
      }),
      name: "status index",
      title: "DynamoDB, write units of a partition: the index by status (sign-ins)",
    },
    {
      ...quota("partitionWrites", (peak.refresh * rotating.refresh) / LIST_SHARDS, {
        unit: perSecond,
        setting: "`LIST_SHARDS`; rotating providers only",
      }),
      name: "due index",
      title: "DynamoDB, write units of a partition: the index of what is due (refreshes)",
    },
    quota("secrets", executions / SECRET_AGE_SECONDS, { unit: perSecond }),
    quota("fifo", peak.refresh, {
      unit: perSecond,
      setting: "nothing; if each refresh were taken over",
    }),
    // One grant is one group: a take-over for each of its leases, which last longer than a second.
    quota("fifoPartition", 0, { unit: perSecond, setting: "nothing; one grant is one group" }),
    ...providers.map(({ short, title, source, perSecond: limit }) => ({
      name: short,
      title,
      source,
      limit,
      unit: perSecond,
      use: peak.refresh,
      metAt: limit / peak.refresh,
      setting: "the provider; longer access tokens",
    })),
  ];
  return [...rows].sort((one, other) => one.metAt - other.metAt);
}

function throttleRow(peak: Peak): Row {
  const { rate } = throttleOf("POST /me/access-token", prod.throttle);
  const use = peak.kept + peak.refresh;
  return {
    name: "the stage's throttle",
    title: "`throttle` of lib/stages/prod.ts, access tokens",
    source: undefined,
    limit: rate,
    unit: "/s",
    use,
    metAt: rate / use,
    setting: "`throttle.rate`, `throttle.routes`",
  };
}

/** Index units of a sign-in and of a refresh at a rotating provider, as the code writes them. */
export function indexUnits(): { readonly signIn: number; readonly refresh: number } {
  const dueAt = createDueAt({ refreshToken: { rotation: "strict" } });
  const token = { ciphertext: new Uint8Array(), gen: 1 };
  const random = { id: () => "1" };
  const signedIn = (at: number, before?: Grant) =>
    replaceGrant(
      before,
      { sub: "ada", grantId: newGrantId(random, at), refreshToken: token },
      { at, by: "ada" },
    );
  const first = signedIn(0);
  const again = signedIn(1_000, first);
  const leased = takeLease(again, { owner: "1", expiresAt: 20_000 });
  const accessToken = { ...token, expiresAt: 3_600_000, obtainedBy: "1" };
  const done = commitTokens(
    leased,
    { accessToken, refreshToken: { ...token, gen: 2 } },
    { at: 2_000, by: "ada" },
  );
  const units = (before: Grant, after: Grant) =>
    indexWritesOf(before, after, dueAt).reduce((sum, write) => sum + write.units, 0);
  return { signIn: units(first, again), refresh: units(again, leased) + units(leased, done) };
}
