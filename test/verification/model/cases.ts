/** The searches of docs/model/refresh.pml, and the expected result of each. */

export interface ModelCase {
  readonly group: string;
  readonly title: string;
  /** Passed to the model by `-D`. */
  readonly defines: readonly string[];
  readonly expected: "holds" | "violated" | "truncated";
  /** For a violated property: why it must be violated, or what prevents it. */
  readonly why?: string;
  /** Also with `--quick`. */
  readonly isQuick?: boolean;
  readonly depth?: number;
  readonly memoryMb?: number;
}

const KINDS = { none: "IDP=0", grace: "IDP=1", strict: "IDP=2" } as const;
type Kind = keyof typeof KINDS;
type Options = Partial<Omit<ModelCase, "group" | "title" | "defines">>;

function define(group: string, rows: readonly (readonly [string, Kind, string, Options])[]) {
  return rows.map(([title, kind, defines, options]): ModelCase => {
    const all = [KINDS[kind], ...defines.split(" ")];
    const callers = all.some((each) => each.startsWith("CALLERS=")) ? [] : ["CALLERS=3"];
    return {
      group,
      title: `${kind}: ${title}`,
      defines: [...callers, ...all],
      expected: "holds",
      ...options,
    };
  });
}

const violated = (why: string, options: Options = {}): Options => ({
  expected: "violated",
  why,
  isQuick: true,
  ...options,
});
const quick: Options = { isQuick: true };

const FAULTS = "MAXCRASH=2 MAXLOSS=1";
/** Rotation, and the store accepts no successor of a holder any more. */
const ALL_FAULTS = `${FAULTS} STOREDOWN=1`;
const UNAVOIDABLE =
  "unavoidable: the successor existed nowhere but in the process that died, and a strict provider takes the old token for stolen";
const ORDER =
  "two faults in a row, the second between the intent and its watchdog message: no message returns before the grace time is over";

export const CASES: readonly ModelCase[] = [
  ...define("The protocol", [
    ["the token is kept, 2 crashes, 1 lost answer", "none", `KEPT MAXEXPIRE=1 ${FAULTS}`, quick],
    ["the token is kept, 1 crash", "grace", "KEPT MAXEXPIRE=1 MAXCRASH=1", quick],
    ["the token is kept, 1 lost answer", "grace", "KEPT MAXEXPIRE=1 MAXLOSS=1", quick],
    ["the token is kept without a fault", "strict", "KEPT MAXEXPIRE=1", quick],
    ["a loss is marked, and only a loss is", "strict", `MARKED ${ALL_FAULTS}`, quick],
    ["the same, and the queue is down", "strict", `MARKED QUEUEDOWN=1 ${ALL_FAULTS}`, {}],
    ["one exchange on the wire", "none", `SINGLE ${FAULTS}`, quick],
    ["one exchange on the wire", "grace", `SINGLE ${FAULTS}`, quick],
    ["one exchange on the wire", "strict", `SINGLE ${ALL_FAULTS}`, quick],
    [
      "one exchange on the wire, and the store is down",
      "grace",
      `SINGLE ONESTEP ${ALL_FAULTS}`,
      {},
    ],
    ["the user's word wins, 1 crash", "none", "KEPT USER MAXEXPIRE=1 MAXCRASH=1", {}],
    ["the user's word wins, 1 crash", "grace", "KEPT USER MAXCRASH=1", quick],
    ["the user's word wins", "strict", `MARKED USER ONESTEP ${ALL_FAULTS}`, {}],
    ["the store is down at the commit", "strict", "KEPT STOREDOWN=1 MAXEXPIRE=1", quick],
    ["store and queue are down", "strict", "KEPT STOREDOWN=1 QUEUEDOWN=1 MAXEXPIRE=1", quick],
    ["the store is down for longer than the grace time", "grace", "KEPT STOREDOWN=1", quick],
    ["2 crashes, 1 lost answer, the store is down", "grace", `KEPT ONESTEP ${ALL_FAULTS}`, {}],
    ["the queue is down", "grace", "KEPT QUEUEDOWN=1 MAXEXPIRE=1", quick],
    ["2 crashes, 1 lost answer", "grace", `KEPT ${FAULTS}`, quick],
    ["1 crash, the queue is down", "grace", "KEPT MAXCRASH=1 QUEUEDOWN=1", quick],
    ["any order of the callers' beginnings", "grace", "KEPT MAXCRASH=1 ANYORDER", {}],
  ]),
  ...define("Five callers", [
    ["2 crashes, 1 lost answer: the token is kept", "none", `CALLERS=5 KEPT ${FAULTS}`, {}],
    ["2 crashes, 1 lost answer: one on the wire", "none", `CALLERS=5 SINGLE ${FAULTS}`, {}],
    [
      "2 crashes, 1 lost answer: the token is kept, one on the wire",
      "grace",
      `CALLERS=5 KEPT SINGLE ONESTEP ${FAULTS}`,
      {},
    ],
    ["1 crash: the token is kept", "grace", "CALLERS=5 KEPT MAXCRASH=1", {}],
    ["1 lost answer: the token is kept", "grace", "CALLERS=5 KEPT MAXLOSS=1", {}],
    [
      "2 crashes, 1 lost answer, the store is down: a loss is marked, and only a loss is; one on the wire",
      "strict",
      `CALLERS=5 MARKED SINGLE ONESTEP ${ALL_FAULTS}`,
      {},
    ],
  ]),
  ...define("Known limits", [
    ["1 crash", "strict", "KEPT MAXCRASH=1", violated(UNAVOIDABLE)],
    ["1 lost answer", "strict", "KEPT MAXLOSS=1", violated(UNAVOIDABLE)],
    [
      "2 crashes, 1 lost answer, a message that looks after its own sender only",
      "grace",
      `KEPT ONLYOWN ${FAULTS}`,
      violated(ORDER),
    ],
    [
      "the grace time outlasts one dead holder, two die",
      "grace",
      "KEPT WATCHFIRST MAXCRASH=2 WINDOW=1",
      violated("a grace time is as long as the provider makes it"),
    ],
  ]),
  ...define("Other ways to refresh", [
    ["no coordination", "none", "KEPT NAIVE MAXEXPIRE=1", quick],
    ["no coordination", "grace", "KEPT NAIVE MAXEXPIRE=1", violated("refuted")],
    ["no coordination", "strict", "KEPT NAIVE", violated("refuted")],
    ["no coordination, on the wire", "none", "SINGLE NAIVE", violated("refuted")],
    ["a lock with a time to live, no fence", "none", "KEPT TTL MAXEXPIRE=1", quick],
    ["a lock with a time to live, no fence", "grace", "KEPT TTL MAXEXPIRE=1", violated("refuted")],
    ["a lock with a time to live, no fence", "strict", "KEPT TTL", violated("refuted")],
    ["a lock with a time to live, on the wire", "none", "SINGLE TTL", violated("refuted")],
    ["a version check, the loser drops", "none", "KEPT CASDROP MAXEXPIRE=1", quick],
    ["a version check, the loser drops", "grace", "KEPT CASDROP MAXEXPIRE=1", violated("refuted")],
    ["a version check, the loser drops", "strict", "KEPT CASDROP", violated("refuted")],
    ["a version check, on the wire", "none", "SINGLE CASDROP", violated("refuted")],
    [
      "message before intent, 2 crashes, 1 lost answer",
      "grace",
      `KEPT WATCHFIRST ${FAULTS}`,
      quick,
    ],
    [
      "message before intent, 1 crash, the queue is down",
      "grace",
      "KEPT WATCHFIRST MAXCRASH=1 QUEUEDOWN=1",
      quick,
    ],
    [
      "message before intent, no caller asks",
      "strict",
      `MARKED WATCHFIRST WATCHDOGASKS QUEUEDOWN=1 ${ALL_FAULTS}`,
      {},
    ],
  ]),
  ...define("What each rule is for", [
    ["a lease shorter than its holder", "grace", "KEPT SHORTLEASE MAXEXPIRE=1", violated("A1")],
    ["a lease shorter than its holder", "strict", "KEPT SHORTLEASE", violated("A1")],
    ["a dead sender's late request", "none", "KEPT LATEREQUEST MAXCRASH=1 MAXEXPIRE=1", quick],
    ["a dead sender's late request", "grace", "KEPT LATEREQUEST MAXCRASH=1", violated("A3")],
    ["a dead sender's late request", "strict", "KEPT LATEREQUEST MAXCRASH=1", violated("A3")],
    ["no watchdog, 1 crash", "grace", "KEPT NOWATCHDOG MAXCRASH=1", violated("step 4")],
    ["released before the write", "grace", "KEPT RELEASEFIRST", violated("step 7")],
    ["no compare-and-set at the intent", "grace", "KEPT CLAUSES MAXEXPIRE=1", violated("step 3")],
    ["no compare-and-set at the intent", "strict", "KEPT CLAUSES MAXEXPIRE=1", violated("step 3")],
    [
      "a refusal that is not re-checked",
      "strict",
      "MARKED NORECHECK USER MAXCRASH=1",
      violated("step 8"),
    ],
    [
      "a take-over that does not stand behind what was spilled",
      "strict",
      "MARKED UNORDERED STOREDOWN=1",
      violated("step 9"),
    ],
    [
      "a caller that takes over out of turn",
      "strict",
      "MARKED ANYTAKESOVER STOREDOWN=1",
      violated("step 9"),
    ],
    [
      "the store is down for longer than the grace time, and take-overs are not ordered",
      "grace",
      "KEPT NOLINE STOREDOWN=1",
      violated("step 9"),
    ],
    [
      "only the watchdog asks for a take-over, 1 crash",
      "strict",
      "MARKED WATCHDOGASKS MAXCRASH=1",
      violated("a holder may die before its watchdog's message: no caller may take over"),
    ],
  ]),
  ...define("Whether a truncated search is noticed", [
    ["depth", "none", `KEPT ${FAULTS}`, { expected: "truncated", isQuick: true, depth: 40 }],
    [
      "memory",
      "grace",
      `SINGLE ${FAULTS}`,
      { expected: "truncated", isQuick: true, memoryMb: 100 },
    ],
  ]),
];
