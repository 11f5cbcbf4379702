/** What `admin move` prints: names of attributes, never a value, claim, token or ciphertext. */
import type { MoveReceipt } from "../../lambda/use-cases/move-receipt";
import type { Outlook } from "../../lambda/use-cases/move-user";
import { fact, type Report, time } from "./show";

interface Pair {
  readonly from: string;
  readonly to: string;
}

export function reportMove(receipt: MoveReceipt): Report {
  const { from, to, movedAt, user, refreshToken, sessionsEnded, kept, dropped } = receipt;
  const facts = { from, to, moved_at: time(movedAt), user, refresh_token: refreshToken };
  const counted = { sessions_ended: sessionsEnded };
  const names = { attributes_kept: kept, attributes_dropped: dropped };
  return {
    json: { ...facts, ...counted, ...names },
    lines: [
      fact("moved", from),
      fact("to", to),
      fact("at", facts.moved_at),
      fact("user", user),
      fact("grant", refreshToken),
      fact("sessions ended", String(sessionsEnded)),
      ...namesOf(kept, dropped),
    ],
  };
}

export function reportOutlook({ from, to }: Pair, outlook: Outlook): Report {
  const pair = [fact("from", from), fact("to", to)];
  if (outlook.kind === "done") {
    const { json, lines } = reportMove(outlook.receipt);
    return { json: { state: "done", ...(json as object) }, lines: ["done before", ...lines] };
  }
  if (outlook.kind === "unfinished") {
    return {
      json: { state: "unfinished", from, to },
      lines: [...pair, "interrupted; the same command without --dry-run continues"],
    };
  }
  const { plan, sessions } = outlook;
  const { user, refreshToken, kept, dropped, mustWait } = plan;
  return {
    json: {
      state: "not_begun",
      from,
      to,
      user,
      refresh_token: refreshToken,
      sessions,
      must_wait: mustWait,
      attributes_kept: kept,
      attributes_dropped: dropped,
    },
    lines: [
      ...pair,
      fact("user", user),
      fact("grant", refreshToken),
      ...(mustWait ? [fact("waits", "for a refresh that is in flight or in doubt")] : []),
      fact("sessions", String(sessions)),
      ...namesOf(kept, dropped),
    ],
  };
}

/** As JSON: a name may contain control characters, which a terminal would obey. */
function namesOf(kept: readonly string[], dropped: readonly string[]): readonly string[] {
  const listed = (names: readonly string[]) =>
    names.length === 0 ? "none" : names.map((name) => JSON.stringify(name)).join(", ");
  return [
    fact("attributes kept", listed(kept)),
    ...(dropped.length === 0 ? [] : [fact("dropped", listed(dropped))]),
  ];
}
