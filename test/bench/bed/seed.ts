/** Users as they are after a while: signed in, with a refresh token and a kept access token. */
import type { Nodes } from "../nodes";
import type { Bed, Candidate } from "./bed";
import { newAccessToken, openSession, putMe, putRefreshToken } from "./events";
import { assertAll, type Batch, startInstance } from "./instance";

/** As Rollup ID writes them. */
export function subOf(number: number): string {
  return `urn:rollupid:identity/0x${number.toString(16).padStart(48, "0")}`;
}

/** More exchanges make the history as long as it gets. */
const EXCHANGES = 22;

/** @param subs whose records are made, by the candidate's own functions */
export async function seed(
  bed: Bed,
  nodes: Nodes,
  candidate: Candidate,
  subs: readonly string[],
  exchanges = EXCHANGES,
): Promise<void> {
  const tokens = subs.map((sub) => [bed.provider.idToken(sub), sub] as const);
  const run = async (label: string, events: Batch["events"]) => {
    const instance = startInstance(nodes[24].path, bed.deployed(candidate, label));
    try {
      assertAll(await instance.run({ events }), 200, 201);
    } finally {
      await instance.close();
    }
  };
  await run(
    "Users",
    tokens.map(([idToken]) => putMe(idToken)),
  );
  await run(
    "Sessions",
    tokens.map(([idToken]) => openSession(idToken)),
  );
  await run(
    "RefreshToken",
    tokens.map(([idToken, sub]) => putRefreshToken(idToken, bed.provider.refreshToken(sub))),
  );
  await run(
    "AccessToken",
    Array.from({ length: exchanges }, () =>
      tokens.map(([idToken]) => newAccessToken(idToken)),
    ).flat(),
  );
}
