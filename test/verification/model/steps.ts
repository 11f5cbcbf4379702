/** What each step of docs/model/refresh.pml stands for in the code. */

export interface Step {
  /** A label, process or macro of the model. */
  readonly model: string;
  readonly does: string;
  /** `file#function`, below lambda. */
  readonly code: readonly string[];
}

export const STEPS: readonly Step[] = [
  {
    model: "look:",
    does: "1 strong read; a good cached token is served, a live lease is waited for",
    code: ["grant/phase.ts#phaseOf", "grant/phase.ts#isLeased"],
  },
  { model: "prepared:", does: "2 all that can fail, first", code: ["refresh/exchange.ts#prepare"] },
  {
    model: "(seen & BIT(me)) == 0",
    does: "3 the intent: the lease, by compare-and-set on the revision",
    code: ["refresh/exchange.ts#createExchange", "grant/transitions.ts#takeLease"],
  },
  {
    model: "owner = before",
    does: "4 the watchdog message; where the queue takes none, the lease goes back",
    code: ["refresh/exchange.ts#startWatchdog", "grant/transitions.ts#giveBackLease"],
  },
  { model: "present(g, tok, res)", does: "5 one request", code: ["refresh/exchange.ts#send"] },
  {
    model: "HOLDS -> keep(res)",
    does: "6 the commit, as long as the lease is ours",
    code: [
      "refresh/exchange.ts#conclude",
      "grant/answer.ts#applyTokenResponse",
      "grant/transitions.ts#commitTokens",
    ],
  },
  {
    model: "line!SPILL, me + 1, g, res",
    does: "6 the store takes nothing until the deadline: into the FIFO queue, sealed",
    code: ["refresh/exchange.ts#conclude", "grant/answer.ts#applyTokenResponse"],
  },
  {
    model: "inbox = (res > inbox",
    does: "6 the lease is lost: into the inbox, or the family is revoked",
    code: ["grant/answer.ts#concedeLease", "grant/transitions.ts#leaveInInbox"],
  },
  {
    model: "gotToken = true",
    does: "7 released",
    code: ["grant/answer.ts#applyTokens", "refresh/exchange.ts#deliver"],
  },
  {
    model: "refusal:",
    does: "8 a refusal counts only for the row as it is held",
    code: ["grant/answer.ts#applyRefusal", "grant/transitions.ts#refuse"],
  },
  {
    model: "doubt:",
    does: "no usable answer: the lease stays where the provider rotates",
    code: ["grant/answer.ts#applyFailure", "grant/answer.ts#mayBeSpent"],
  },
  {
    model: "FIRSTDOG && watched",
    does: "9 the watchdog takes the lapsed lease over, unless that is abandoned",
    code: ["grant/phase.ts#refreshPhaseOf"],
  },
  {
    model: "define STANDSINLINE",
    does: "9 a lapsed lease whose holder may have spilled: callers wait",
    code: ["grant/phase.ts#isAbandoned"],
  },
  {
    model: "proctype asker()",
    does: "9 the watchdog, the sweeper and any caller send a take-over message for it",
    code: ["grant/phase.ts#isAbandoned"],
  },
  {
    model: "FIRSTDOG && NEXT[TAKEOVER",
    does: "9 the consumer of the FIFO queue takes it over, in its turn",
    code: ["grant/phase.ts#refreshPhaseOf", "refresh/exchange.ts#createExchange"],
  },
  {
    model: "proctype placer()",
    does: "a spilled successor finds its place, in its turn",
    code: ["grant/transitions.ts#placeSuccessor"],
  },
  {
    model: "proctype user()",
    does: "the user signs in again, or disconnects",
    code: ["grant/transitions.ts#replaceGrant", "grant/transitions.ts#disconnect"],
  },
];

/** The table of docs/model/README.md. */
export function stepTable(): string {
  const link = (code: string) => {
    const [file = "", name = ""] = code.split("#");
    return `[\`${name}\`](../../lambda/${file})`;
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
