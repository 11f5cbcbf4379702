/** What each step of docs/model/refresh.pml stands for in the code. */

export interface Step {
  /** A label, process or macro of the model. */
  readonly model: string;
  readonly does: string;
  /** `file#function`, below lambda/use-cases. */
  readonly code: readonly string[];
}

export const STEPS: readonly Step[] = [
  {
    model: "look:",
    does: "1 strong read; a good kept token is served, a live lease is waited for",
    code: ["access-token.ts#createGetAccessToken", "waiting.ts#isLeased", "access-token.ts#note"],
  },
  { model: "prepared:", does: "2 all that can fail, first", code: ["exchange.ts#prepare"] },
  {
    model: "(seen & BIT(me)) == 0",
    does: "3 the intent: the lease, by compare-and-set on the revision",
    code: ["exchange.ts#createExchange", "grant.ts#takeLease", "grant.ts#newestRefreshToken"],
  },
  {
    model: "owner = before",
    does: "4 the watchdog message; where the queue takes none, the lease goes back",
    code: ["recoverable.ts#arm", "grant-recovery.ts#giveBackLease"],
  },
  { model: "present(g, tok, res)", does: "5 one request", code: ["exchange.ts#redeem"] },
  {
    model: "HOLDS -> keep(res)",
    does: "6 the commit, as long as the lease is ours",
    code: [
      "conclude.ts#commit",
      "settle.ts#createSettle",
      "grant.ts#holdsLease",
      "grant.ts#commitExchange",
    ],
  },
  {
    model: "line!SPILL, me + 1, g, res",
    does: "6 the store takes nothing until the deadline: into the FIFO queue, sealed",
    code: ["recoverable.ts#writeOrSpill"],
  },
  {
    model: "inbox = (res > inbox",
    does: "6 the lease is lost: into the inbox, or the family is revoked",
    code: ["conclude.ts#yieldTo", "grant.ts#leaveInInbox"],
  },
  { model: "gotToken = true", does: "7 released", code: ["conclude.ts#commit"] },
  {
    model: "refusal:",
    does: "8 a refusal counts only for the row as it is held",
    code: ["conclude.ts#acceptRefusal", "grant.ts#refuse", "grant.ts#releaseLease"],
  },
  {
    model: "doubt:",
    does: "no usable answer: the lease stays where the provider rotates",
    code: ["conclude.ts#fail", "conclude.ts#mayBeSpent", "grant.ts#coolDown"],
  },
  {
    model: "FIRSTDOG && watched",
    does: "9 the watchdog takes the lapsed lease over, unless that stands in line",
    code: ["recover.ts#watch"],
  },
  {
    model: "define STANDSINLINE",
    does: "9 a lapsed lease whose holder may have spilled: callers wait",
    code: ["recoverable.ts#standsInLine"],
  },
  {
    model: "proctype asker()",
    does: "9 the watchdog, the sweeper and any caller send a take-over message for it",
    code: ["recoverable.ts#queueTakeOver", "recover.ts#watch", "recover.ts#renew"],
  },
  {
    model: "FIRSTDOG && NEXT[TAKEOVER",
    does: "9 the consumer of the FIFO queue takes it over, in its turn",
    code: ["recover.ts#takeOver"],
  },
  {
    model: "proctype placer()",
    does: "a spilled successor finds its place, in its turn",
    code: ["recover.ts#keepSpilled", "recover.ts#place", "grant-recovery.ts#placeSuccessor"],
  },
  {
    model: "proctype user()",
    does: "the user signs in again, or disconnects",
    code: [
      "refresh-token.ts#createStoreRefreshToken",
      "grant.ts#replaceGrant",
      "grant-end.ts#disconnect",
    ],
  },
];

/** The table of docs/model/README.md. */
export function stepTable(): string {
  const link = (code: string) => {
    const [file = "", name = ""] = code.split("#");
    return `[\`${name}\`](../../lambda/use-cases/${file})`;
  };
  return [
    "| in the model | step of the protocol | in the code |",
    "| --- | --- | --- |",
    ...STEPS.map(
      ({ model, does, code }) =>
        `| \`${model.replaceAll("|", "\\|")}\` | ${does} | ${code.map(link).join(", ")} |`,
    ),
  ].join("\n");
}
